/** Where Terraform keeps the state of a stack. */
import { LocalBackend, S3Backend, type TerraformStack } from "cdktf";
import { manual } from "./project.ts";
import type { Settings } from "./settings.ts";

/**
 * In a bucket that speaks S3 (Spaces, R2, ...) when STATE_BUCKET and STATE_ENDPOINT are set, else in .gangway/state on this
 * machine. The bucket's key is in AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY: written here, it would be in the state.
 */
export function keepState(stack: TerraformStack, settings: Settings): void {
  const bucket = settings.value("STATE_BUCKET");
  if (bucket === undefined) return keepStateHere(stack);
  new S3Backend(stack, {
    bucket,
    key: `gangway/${stack.node.id}.tfstate`,
    region: settings.value("STATE_REGION") ?? "us-east-1", // Terraform requires one; servers other than Amazon's ignore it
    endpoints: { s3: settings.value("STATE_ENDPOINT") ?? "" },
    skipCredentialsValidation: true,
    skipRegionValidation: true,
    skipRequestingAccountId: true,
    skipMetadataApiCheck: true,
    usePathStyle: true, // a private server rarely has a host name for each bucket; all others accept both
    skipS3Checksum: true,
  });
  stack.addOverride("terraform.backend.s3.use_lockfile", true); // cdktf 0.21 has no property for it
}

/** On this machine, whatever is set: nobody else can plan what runs on this machine's Docker. */
export function keepStateHere(stack: TerraformStack): void {
  new LocalBackend(stack, { path: `../../../.gangway/state/${stack.node.id}.tfstate` }); // relative: the same everywhere
}

/** What is wrong with the settings for the state of a deployment under a domain. */
export function stateProblems(settings: Settings): string[] {
  const [bucket, endpoint] = ["STATE_BUCKET", "STATE_ENDPOINT"].map((name) => settings.value(name));
  if (bucket !== undefined && endpoint === undefined)
    return ["STATE_BUCKET is set and STATE_ENDPOINT is not, expected the address of the bucket's S3 API"];
  if (bucket !== undefined && !isServer(endpoint ?? ""))
    return [
      "STATE_ENDPOINT is not the address of an S3 API, expected it without the bucket and without a key in it, as in " +
        "https://<account>.r2.cloudflarestorage.com or https://fra1.digitaloceanspaces.com",
    ];
  if (bucket === undefined && endpoint !== undefined)
    return ["STATE_ENDPOINT is set and STATE_BUCKET is not, expected both or, for a state on this machine, neither"];
  if (bucket === undefined && !["false", undefined].includes(settings.value("CI")))
    return [
      "CI keeps no files from one run to the next, and would create everything a second time: set STATE_BUCKET and STATE_ENDPOINT " +
        `(${manual.deploy}, From CI), expected where every run finds the state`,
    ];
  return [];
}

/** Whether it is the address of a server, without a path. */
function isServer(address: string): boolean {
  if (!URL.canParse(address)) return false;
  const { protocol, pathname, username, search } = new URL(address);
  return /^https?:$/.test(protocol) && pathname === "/" && username === "" && search === "";
}
