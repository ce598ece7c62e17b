/** Where Terraform keeps what it knows of a stack. */
import { LocalBackend, S3Backend, type TerraformStack } from "cdktf";
import type { Settings } from "./settings.ts";

/**
 * In a bucket that speaks S3 (Spaces, R2, ...) when STATE_BUCKET and STATE_ENDPOINT are set, else in .gangway/state on this
 * machine. The bucket's key is in AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY: written here, it would be in the state.
 */
export function keepState(stack: TerraformStack, settings: Settings): void {
  const bucket = settings.value("STATE_BUCKET");
  if (bucket === undefined) {
    new LocalBackend(stack, { path: `../../../.gangway/state/${stack.node.id}.tfstate` }); // relative: the same everywhere
    return;
  }
  new S3Backend(stack, {
    bucket,
    key: `gangway/${stack.node.id}.tfstate`,
    region: settings.value("STATE_REGION") ?? "us-east-1", // the provider wants one, the others than Amazon ignore it
    endpoints: { s3: settings.value("STATE_ENDPOINT") ?? "" },
    skipCredentialsValidation: true,
    skipRegionValidation: true,
    skipRequestingAccountId: true,
    skipMetadataApiCheck: true,
    skipS3Checksum: true,
  });
  stack.addOverride("terraform.backend.s3.use_lockfile", true); // cdktf 0.21 has no property for it
}
