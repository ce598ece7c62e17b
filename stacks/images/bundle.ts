/** The gateway as one file, which needs only Node. */
import { createHash } from "node:crypto";
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { InputOptions, OutputOptions, Plugin } from "rolldown";
import { place } from "../project.ts";
import { compileInParts } from "./compile-in-parts.ts";
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

/** What it requires of Node for these, and to check its own arguments: all that takes memory before it is used. */
const unusedBuiltin = { of: /node_modules[\\/](pino|sonic-boom)[\\/]/, id: /^(worker_threads|assert)$/ };

const leaveOutUnused = {
  name: "leave-out-unused",
  resolveId: {
    filter: { id: unusedBuiltin.id },
    handler: (id, importer = "") => (unusedBuiltin.of.test(importer) ? `\0unused:${id}` : null),
  },
  load: { filter: { id: [unused, /^\0unused:/] }, handler: () => "module.exports = () => {};" },
} satisfies Plugin;

/** How the gateway is bundled, here and for the package. */
export const bundling = {
  cwd: root,
  platform: "node",
  logLevel: "silent",
  experimental: { attachDebugInfo: "none" }, // it would add the path of each module, which may be outside the project
  plugins: [leaveOutUnused, requireBuiltins],
} satisfies InputOptions;

/** How it is bundled for images, where it has nothing beside it. */
export const bundlingAlone = { ...bundling, plugins: [...bundling.plugins, compileInParts] } satisfies InputOptions;

/** A single character beyond Latin-1 would make Node keep the whole text at two bytes a character. */
export const written = { format: "esm", charset: "ascii" } satisfies OutputOptions;

async function bundle(): Promise<string> {
  const { rolldown } = await import("rolldown");
  const build = await rolldown({ ...bundlingAlone, input: "gateways/main.ts" });
  const { output } = await build.generate({ ...written, codeSplitting: false });
  await build.close();
  return output[0].code;
}

const bundlers = ["bundle", "compile-in-parts", "require-builtins"].map((name) => `stacks/images/${name}.ts`);

/** What the gateway is made of. */
const folders = ["gateways", "templates/clients"];

const sourcesIn = (folder: string): string[] =>
  readdirSync(shipped(folder), { recursive: true, encoding: "utf8" })
    .filter((path) => path.endsWith(".ts") && !/\.test\.ts$|^fixtures\W/.test(path))
    .map((path) => join(folder, path));

/** Of everything that can be in the bundle: our sources, the versions of what they import, and how they are bundled. */
function sourcesDigest(): string {
  const sources = folders.flatMap(sourcesIn).toSorted();
  const hash = createHash("sha256");
  for (const file of ["package-lock.json", ...bundlers]) hash.update(readFileSync(shipped(file)));
  for (const path of sources) hash.update(`${path}\n`).update(readFileSync(shipped(path)));
  return hash.digest("hex").slice(0, 16);
}
