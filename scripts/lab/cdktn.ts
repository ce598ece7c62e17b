/**
 * `npm run cdktn`: shows that cdktn, the maintained successor of cdktf, makes the same stacks: in a scratch copy of this
 * project, with `cdktf` as an npm alias of it. To move, only package.json has to change.
 */
import { cpSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { isDeepStrictEqual } from "node:util";
import { $ } from "zx/core";
import { project } from "../../stacks/project.ts";
import { scratchFolder } from "../kit/folder.ts";
import { progress } from "../kit/progress.ts";
import { verb } from "../kit/verb.ts";
import { print } from "../kit/print.ts";

/** The versions to move to. cdktn 0.24 wants constructs 10.6 or 10.7. */
const successor = { cdktf: "npm:cdktn@0.24.0", constructs: "10.6.0" } as const;

/** The parts of the app. */
const parts = ["package.json", "cdktf.json", "stacks", "gateways", "templates", "tools.lock", ".npmrc"];

/** With a domain there are all stacks. No value is real. */
const env = {
  PATH: process.env["PATH"],
  HOME: process.env["HOME"],
  DOMAIN: "example.org",
  LETSENCRYPT_EMAIL: "ops@example.org",
  CLOUDFLARE_API_TOKEN: "0123456789012345678901234567890123456789",
  CLOUDFLARE_ACCOUNT_ID: "0123456789abcdef0123456789abcdef",
  DIGITALOCEAN_TOKEN: `dop_v1_${"0".repeat(64)}`,
  SSH_PUBLIC_KEY: "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJ3mVdZ1Cq7m0o5c2yG8n0u0JrY8m9m3cN4w0b1d2e3f ops@example.org",
  MCP_BEARER_TOKEN: "8c1f5b0e7a2d4963b1e0f7c5a8d24e96",
  CODA_API_TOKEN: "0b7e4d1a-93c2-4f58-a6e1-5d8c2f9b7a30",
  GITHUB_PERSONAL_ACCESS_TOKEN: "3e9a6c7d10f84b52a7c3e5f1d9b08264",
} as const;

const usage = `npm run cdktn

Shows that cdktf and its maintained successor cdktn make the same stacks. Works in a scratch copy of the project.

  --help   print this

Exit code: 0 they are the same, 1 they are not.`;

await verb({
  name: "npm run cdktn",
  usage,
  run: async () => {
    const step = progress(false);
    const { path: scratch, remove } = scratchFolder("cdktn");
    const out = { cdktf: join(scratch, "out-cdktf"), cdktn: join(scratch, "out-cdktn") };
    try {
      for (const part of parts) cpSync(join(project, part), join(scratch, part), { recursive: true });
      writeManifest(scratch);
      await step("installing cdktn in a scratch copy", () => install(scratch));
      await step("synthesizing with both", async () => {
        await synthesize(project, out.cdktf);
        await synthesize(scratch, out.cdktn);
      });
      const stacks = readdirSync(join(out.cdktf, "stacks"));
      const different = stacks.filter(
        (stack) => !isDeepStrictEqual(jsonOf(out.cdktf, stack), jsonOf(out.cdktn, stack)),
      );
      if (different.length > 0) throw new Error(`cdktn makes these stacks differently: ${different.join(", ")}`);
      print(`cdktf and ${successor.cdktf.slice(4)} make the same JSON: ${stacks.join(", ")}`);
    } finally {
      remove();
    }
  },
});

async function install(folder: string): Promise<void> {
  await $({ cwd: folder, quiet: true })`npm install --ignore-scripts --omit=dev`;
}

async function synthesize(folder: string, out: string): Promise<void> {
  await $({ cwd: folder, quiet: true, env: { ...env, CDKTF_OUTDIR: out } })`node stacks/main.ts`;
}

function writeManifest(folder: string): void {
  const manifest = JSON.parse(readFileSync(join(project, "package.json"), "utf8")) as {
    dependencies: Record<string, string>;
    overrides: Record<string, string>;
  };
  delete manifest.dependencies["cdktf-cli"]; // needs cdktf itself; cdktn has a command line of its own
  Object.assign(manifest.dependencies, successor);
  manifest.overrides = { cdktf: "$cdktf", constructs: "$constructs" };
  writeFileSync(join(folder, "package.json"), JSON.stringify(manifest));
}

/** A stack without what differs by design: the version of the tool that made it, and the name that each checkout has. */
function jsonOf(folder: string, stack: string): unknown {
  const text = readFileSync(join(folder, "stacks", stack, "cdk.tf.json"), "utf8");
  const json = JSON.parse(text.replaceAll(/local-[0-9a-f]{8}/g, "local")) as {
    "//": { metadata: { version?: string } };
  };
  delete json["//"].metadata.version;
  return json;
}
