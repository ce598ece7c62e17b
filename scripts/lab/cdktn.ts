/**
 * `npm run cdktn`: shows that the app makes the same stacks on cdktn, the maintained successor of cdktf: in a scratch copy
 * of this project, with `cdktf` as an npm alias of it. Moving is then a change of package.json alone.
 */
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { isDeepStrictEqual } from "node:util";
import { $ } from "zx";
import { project } from "../kit/folder.ts";
import { progress } from "../kit/progress.ts";

/** The versions that are moved to. cdktn 0.24 wants constructs 10.6 or 10.7. */
const successor = { cdktf: "npm:cdktn@0.24.0", constructs: "10.6.0" } as const;

/** What the app is made of. */
const parts = ["package.json", "cdktf.json", "stacks", "gateways", "templates", ".npmrc"];

/** With a domain there are all stacks. No value is anybody's. */
const env = {
  PATH: process.env["PATH"],
  HOME: process.env["HOME"],
  DOMAIN: "example.org",
  LETSENCRYPT_EMAIL: "ops@example.org",
  CLOUDFLARE_API_TOKEN: "0123456789012345678901234567890123456789",
  CLOUDFLARE_ACCOUNT_ID: "0123456789abcdef0123456789abcdef",
  DIGITALOCEAN_TOKEN: `dop_v1_${"0".repeat(64)}`,
  SSH_PUBLIC_KEY: "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJ3mVdZ1Cq7m0o5c2yG8n0u0JrY8m9m3cN4w0b1d2e3f ops@example.org",
  MCP_BEARER_TOKEN: "example",
  CODA_API_TOKEN: "example",
  GITHUB_PERSONAL_ACCESS_TOKEN: "example",
} as const;

const step = progress(false);
const scratch = mkdtempSync(join(tmpdir(), "gangway-cdktn-"));
const out = { cdktf: join(scratch, "out-cdktf"), cdktn: join(scratch, "out-cdktn") };
try {
  for (const part of parts) cpSync(join(project, part), join(scratch, part), { recursive: true });
  writeManifest();
  await step(
    "installing cdktn in a scratch copy",
    () => $({ cwd: scratch, quiet: true })`npm install --ignore-scripts --omit=dev`,
  );
  await step("synthesizing with both", async () => {
    await $({ cwd: project, quiet: true, env: { ...env, CDKTF_OUTDIR: out.cdktf } })`node stacks/main.ts`;
    await $({ cwd: scratch, quiet: true, env: { ...env, CDKTF_OUTDIR: out.cdktn } })`node stacks/main.ts`;
  });
  const stacks = readdirSync(join(out.cdktf, "stacks"));
  const different = stacks.filter((stack) => !isDeepStrictEqual(jsonOf(out.cdktf, stack), jsonOf(out.cdktn, stack)));
  if (different.length > 0) throw new Error(`on cdktn these stacks come out differently: ${different.join(", ")}`);
  console.log(`the same JSON on cdktf and on ${successor.cdktf.slice(4)}: ${stacks.join(", ")}`);
} finally {
  rmSync(scratch, { recursive: true, force: true });
}

function writeManifest(): void {
  const manifest = JSON.parse(readFileSync(join(project, "package.json"), "utf8")) as {
    dependencies: Record<string, string>;
    overrides: Record<string, string>;
  };
  delete manifest.dependencies["cdktf-cli"]; // wants cdktf itself; cdktn has a command line of its own
  Object.assign(manifest.dependencies, successor);
  manifest.overrides = { cdktf: "$cdktf", constructs: "$constructs" };
  writeFileSync(join(scratch, "package.json"), JSON.stringify(manifest));
}

/** A stack without the one line that differs by design: the version of what made it. */
function jsonOf(folder: string, stack: string): unknown {
  const json = JSON.parse(readFileSync(join(folder, "stacks", stack, "cdk.tf.json"), "utf8")) as {
    "//": { metadata: { version?: string } };
  };
  delete json["//"].metadata.version;
  return json;
}
