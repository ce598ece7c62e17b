/** Installs a server into a scratch folder, so that it can be tried there: exact versions, without install scripts. */
import { copyFileSync, existsSync, mkdirSync, readdirSync, readFileSync } from "node:fs";
import { basename, join } from "node:path";
import { fileName } from "../../stacks/catalog/kinds/npm-package.ts";
import { docker, hasImage } from "./docker.ts";
import { folder } from "./folder.ts";
import { install } from "./install.ts";
import { npmRunner } from "./npm.ts";
import { installPypi, lockPypi } from "./uv.ts";
import { plainName } from "./versions.ts";
import type { Workshop } from "./workshop.ts";
import type { Candidate } from "./candidate.ts";

/** How a gateway reaches the server. */
export type Started =
  | {
      readonly command: string;
      readonly args: readonly string[];
      readonly cwd?: string;
      /** Its arguments where it has these variables: Docker hands on only those that are named. @default - `args` */
      readonly argsWith?: (variables: readonly string[]) => readonly string[];
    }
  | { readonly type: "http" | "sse"; readonly url: string; readonly headers?: Readonly<Record<string, string>> };

/** A server that can be tried. */
export interface Prepared {
  /** What the builder is given. */
  readonly spec: string;
  /** @default - it cannot be started on this machine: why */
  readonly start: Started | { readonly problem: string };
  /** Of an image: its own command, where none was named. @default - those of the candidate */
  readonly words?: readonly string[];
  /** The file in `locks` that is committed for it. @default - it has none */
  readonly lock?: { readonly file: string; readonly text: string };
  /** What it is, as its package says. */
  readonly about?: string | undefined;
}

/** Installs a package, or gets an image. @throws Error with the reason of npm, uv or Docker */
export function prepare({ kind, words }: Candidate, spec: string, shop: Workshop): Promise<Prepared> {
  if (kind === "npm") return prepareNpm(spec, words, shop);
  return kind === "pypi" ? preparePypi(spec, words, shop) : prepareImage(spec, words);
}

async function prepareNpm(spec: string, words: readonly string[], { path, npmProgram, signal }: Workshop) {
  const cache = { servers: join(path, "servers"), locks: join(path, "locks") };
  const file = `${fileName(spec)}.json`;
  const committed = join(folder.locks, file);
  mkdirSync(cache.locks, { recursive: true });
  if (existsSync(committed)) copyFileSync(committed, join(cache.locks, file)); // another service has it
  const { bin } = await install(spec, () => npmRunner(npmProgram, signal), cache);
  const manifest = JSON.parse(readFileSync(join(cache.servers, fileName(spec), "package.json"), "utf8")) as {
    dependencies: Record<string, string>;
  };
  const [name = ""] = Object.keys(manifest.dependencies);
  const own = join(cache.servers, fileName(spec), "node_modules", name, "package.json");
  const { description } = JSON.parse(readFileSync(own, "utf8")) as { description?: unknown };
  return {
    spec,
    start: { command: process.execPath, args: [bin, ...words] },
    lock: { file, text: readFileSync(join(cache.locks, file), "utf8") },
    about: typeof description === "string" ? description : undefined,
  };
}

async function preparePypi(spec: string, words: readonly string[], { path, signal }: Workshop) {
  const file = `${fileName(spec)}.txt`;
  const committed = join(folder.locks, file);
  const text = existsSync(committed) ? readFileSync(committed, "utf8") : await lockPypi(spec, signal);
  const venv = join(path, "venv");
  await installPypi(text, venv, signal);
  const program = spec.split(/[[=]/)[0] ?? ""; // as pypi() starts it
  const command = join(venv, process.platform === "win32" ? "Scripts" : "bin", program);
  return { spec, start: { command, args: words }, lock: { file, text }, about: summaryIn(venv, program) };
}

/** The summary of an installed package (Core Metadata, "Summary"). */
function summaryIn(venv: string, name: string): string | undefined {
  const files = readdirSync(venv, { recursive: true, encoding: "utf8" });
  const folder = files.find(
    (file) => file.endsWith(".dist-info") && plainName(basename(file)).startsWith(`${plainName(name)}-`),
  );
  if (folder === undefined) return undefined;
  return /^Summary: (.+)$/m.exec(readFileSync(join(venv, folder, "METADATA"), "utf8"))?.[1];
}

async function prepareImage(spec: string, words: readonly string[]): Promise<Prepared> {
  const problem = await pull(spec);
  if (problem !== undefined) {
    if (words.length > 0) return { spec, start: { problem } };
    throw new Error(`${problem}. Without it, name the command in the image: npx gangway add ${spec} -- /server stdio`);
  }
  const own = words.length > 0 ? words : await commandIn(spec);
  const confined = [
    "--read-only",
    "--tmpfs",
    "/tmp:size=64m",
    "--cap-drop",
    "ALL",
    "--security-opt",
    "no-new-privileges",
  ];
  const run = ["run", "--rm", "--interactive", "--init", "--pull", "never", ...confined];
  const argsWith = (variables: readonly string[]) => [
    ...run,
    ...variables.flatMap((name) => ["--env", name]),
    "--entrypoint",
    own[0] ?? "",
    spec,
    ...own.slice(1),
  ];
  return { spec, words: own, start: { command: "docker", args: argsWith([]), argsWith } };
}

/** A tag may have moved, so it is pulled also where it is here. @returns why it is not here after this; undefined when it is */
async function pull(image: string): Promise<string | undefined> {
  try {
    await docker(["pull", "--quiet", image]);
    return undefined;
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    if (code === "ENOENT") return "an image can be tried with Docker only, and there is no docker command";
    if (await hasImage(image)) return undefined;
    return `the image cannot be pulled: ${message.trim().split("\n").at(-1)}`;
  }
}

/** What the image starts by itself. */
async function commandIn(image: string): Promise<string[]> {
  const said = JSON.parse(await docker(["image", "inspect", "--format", "{{json .Config}}", image])) as {
    Entrypoint?: string[] | null;
    Cmd?: string[] | null;
  };
  return [...(said.Entrypoint ?? []), ...(said.Cmd ?? [])];
}
