/** The gateway and the authorization server in few files each, which need only Node. */
import { createHash } from "node:crypto";
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import type { InputOptions, OutputChunk, OutputOptions } from "rolldown";
import { place } from "../project.ts";
import { leaveOutUnused } from "./leave-out-unused.ts";
import { requireBuiltins } from "./require-builtins.ts";
import { needAuthServer } from "../auth-package.ts";
import { isPackage, program, root, shipped } from "../shipped.ts";

/** Bundling is the slowest part of a synth, so a bundle of the same sources is used again. */
const cache = join(place.gangway, "bundle");

/**
 * The files of a program by their path in an image: `main.js` runs it, and loads the others when it needs them.
 * What it does not use takes no memory.
 */
export type ProgramFiles = ReadonlyMap<string, string>;

/** Those of the gateway. */
export type GatewayFiles = ProgramFiles;

/** What is bundled. */
interface Bundled {
  readonly main: string;
  /** The folders of all that can be in the bundle. */
  readonly folders: readonly string[];
  /** How it is written. */
  readonly written: OutputOptions;
  /** The path of the program in an installed package. */
  readonly packaged: () => string;
}

/** A single character beyond Latin-1 would make Node keep the whole text at two bytes a character. */
export const written = { format: "esm", charset: "ascii" } satisfies OutputOptions;

/** oidc-provider finds the settings of a class by its name, so none may get another one: tokens would never expire. */
export const authWritten = { ...written, keepNames: true } satisfies OutputOptions;

const gateway: Bundled = {
  main: "gateways/main.ts",
  folders: ["gateways", "templates/clients"],
  written,
  packaged: () => program("gateways/main"),
};

const authServer: Bundled = {
  main: "auth-server/main.ts",
  folders: ["auth-server", "gateways"],
  written: authWritten,
  packaged: needAuthServer,
};

/** The same sources always make the same files, in any folder and on any machine. The package comes with them. */
export const bundleGateway = (): Promise<ProgramFiles> => filesOf(gateway);

/** The same of the authorization server, which is a package of its own. @throws Error with the command that installs it */
export const bundleAuthServer = (): Promise<ProgramFiles> => filesOf(authServer);

async function filesOf(what: Bundled): Promise<ProgramFiles> {
  const files = isPackage ? packaged(what.packaged()) : await cached(what);
  return new Map([...files, ["package.json", '{ "type": "module" }\n']]);
}

function packaged(main: string): ProgramFiles {
  const folder = dirname(main);
  const names = ["main.js", ...readdirSync(join(folder, "chunks")).map((name) => `chunks/${name}`)];
  return new Map(names.map((name) => [name, readFileSync(join(folder, name), "utf8")]));
}

async function cached(what: Bundled): Promise<ProgramFiles> {
  const file = join(cache, `${sourcesDigest(what)}.json`);
  try {
    return new Map(JSON.parse(readFileSync(file, "utf8")) as [string, string][]);
  } catch {
    const files = await bundle(what);
    mkdirSync(cache, { recursive: true });
    writeFileSync(file, JSON.stringify([...files]));
    return files;
  }
}

/** How the gateway is bundled, here and for the package. */
export const bundling = {
  cwd: root,
  platform: "node",
  logLevel: "silent",
  experimental: { attachDebugInfo: "none" }, // it would add the path of each module, which may be outside the project
  plugins: [leaveOutUnused, requireBuiltins],
} satisfies InputOptions;

const bundle = async (what: Bundled): Promise<ProgramFiles> =>
  new Map((await chunks(what)).map(({ fileName, code }) => [fileName, code]));

/** The modules that a gateway can load. */
export const gatewayModules = async (): Promise<ReadonlySet<string>> =>
  new Set((await chunks(gateway)).flatMap(({ moduleIds }) => moduleIds));

async function chunks({ main, written: output }: Bundled): Promise<OutputChunk[]> {
  const { rolldown } = await import("rolldown");
  const build = await rolldown({ ...bundling, input: { main } });
  const names = { entryFileNames: "[name].js", chunkFileNames: "chunks/[name]-[hash].js" };
  const made = await build.generate({ ...output, ...names });
  await build.close();
  return made.output.filter((file) => file.type === "chunk");
}

const bundlers = ["bundle", "leave-out-unused", "require-builtins"].map((name) => `stacks/images/${name}.ts`);

const sourcesIn = (folder: string): string[] =>
  readdirSync(shipped(folder), { recursive: true, encoding: "utf8" })
    .filter((path) => path.endsWith(".ts") && !/\.test\.ts$|^fixtures\W/.test(path))
    .map((path) => join(folder, path));

/** Of everything that can be in the bundle: our sources, the versions of what they import, and how they are bundled. */
function sourcesDigest({ main, folders }: Bundled): string {
  const sources = folders.flatMap(sourcesIn).toSorted();
  const hash = createHash("sha256").update(main);
  for (const file of ["package-lock.json", ...bundlers]) hash.update(readFileSync(shipped(file)));
  for (const path of sources) hash.update(`${path}\n`).update(readFileSync(shipped(path)));
  return hash.digest("hex").slice(0, 16);
}
