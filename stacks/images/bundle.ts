/** The gateway as one file, which needs only Node. */
import { createHash } from "node:crypto";
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { InputOptions } from "rolldown";
import { place } from "../project.ts";
import { requireBuiltins } from "./require-builtins.ts";
import { isPackage, program, root, shipped } from "../shipped.ts";

/** Bundling is the slowest part of a synth, so a bundle of the same sources is used again. */
const cache = join(place.gangway, "bundle");

/** The same sources always make the same text, in any folder and on any machine. The package comes with it. */
export async function bundleGateway(): Promise<string> {
  if (isPackage) return readFileSync(program("gateways/container"), "utf8");
  const file = join(cache, `${sourcesDigest()}.mjs`);
  try {
    return readFileSync(file, "utf8");
  } catch {
    const text = await bundle();
    mkdirSync(cache, { recursive: true });
    writeFileSync(file, text);
    return text;
  }
}

/** Parts of the logger that we never use: log files of other threads, several streams, paths to redact. */
const unused =
  /node_modules[\\/](thread-stream[\\/]index|@pinojs[\\/]redact[\\/]index|pino[\\/]lib[\\/](transport|multistream))\.js$/;

/** How the gateway is bundled, here and for the package. */
export const bundling = {
  cwd: root,
  platform: "node",
  logLevel: "silent",
  experimental: { attachDebugInfo: "none" }, // it would add the path of each module, which may be outside the project
  plugins: [
    { name: "leave-out-unused", load: { filter: { id: unused }, handler: () => "module.exports = {};" } },
    requireBuiltins,
  ],
} satisfies InputOptions;

async function bundle(): Promise<string> {
  const { rolldown } = await import("rolldown");
  const build = await rolldown({ ...bundling, input: "gateways/main.ts" });
  const { output } = await build.generate({ format: "esm", codeSplitting: false });
  await build.close();
  return output[0].code;
}

/** Of everything that can be in the bundle: our sources, the versions of what they import, and how they are bundled. */
function sourcesDigest(): string {
  const hash = createHash("sha256");
  for (const file of ["package-lock.json", "stacks/images/bundle.ts", "stacks/images/require-builtins.ts"])
    hash.update(readFileSync(shipped(file)));
  const files = readdirSync(shipped("gateways"), { recursive: true, encoding: "utf8" });
  const sources = files.filter((path) => path.endsWith(".ts") && !/\.test\.ts$|^fixtures\W/.test(path));
  for (const path of sources.toSorted()) hash.update(`${path}\n`).update(readFileSync(shipped(join("gateways", path))));
  return hash.digest("hex").slice(0, 16);
}
