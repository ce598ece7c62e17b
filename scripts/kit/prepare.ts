/** Installs a server into a scratch folder, so that it can be tried there: exact versions, without install scripts. */
import { copyFileSync, existsSync, mkdirSync, readdirSync, readFileSync } from "node:fs";
import { basename, join } from "node:path";
import { fileName } from "../../stacks/catalog/kinds/npm-package.ts";
import { docker } from "./docker.ts";
import { folder } from "./folder.ts";
import { install } from "./install.ts";
import { npmRunner, npmView } from "./npm.ts";
import { installPypi, lockPypi } from "./uv.ts";
import type { Candidate } from "./candidate.ts";

/** How a gateway reaches the server. */
export type Started =
  | { readonly command: string; readonly args: readonly string[]; readonly cwd?: string }
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

/** Where and with what. */
export interface Workshop {
  /** A scratch folder. */
  readonly path: string;
  readonly npmProgram: string | undefined;
  readonly signal: AbortSignal;
}

/** The exact version of a package of npm or PyPI. @throws Error when there is none */
export async function exactSpec({ kind, source, version }: Candidate, shop: Workshop): Promise<string> {
  if (kind === "npm") return `${source}@${await newestOnNpm(source, version, shop)}`;
  return version === undefined ? pinnedIn(await lockPypi(source, shop.signal), source) : `${source}==${version}`;
}

/** The newest version in a range, or under a tag such as "latest". */
async function newestOnNpm(name: string, range = "latest", { npmProgram, signal }: Workshop): Promise<string> {
  const found = await npmView(npmProgram, [`${name}@${range}`, "version"], signal);
  const version = Array.isArray(found) ? (found.at(-1) as unknown) : found;
  if (typeof version === "string") return version;
  throw new Error(`npm has no version ${range} of ${name}`);
}

/** The line of a lockfile that is the package itself; extras are not part of it. */
function pinnedIn(lock: string, name: string): string {
  const pins = Array.from(lock.matchAll(/^([\w.-]+(?:\[[^\]]*\])?)==([^\s;\\]+)/gm));
  const own = pins.find(([, found = ""]) => plain(found) === plain(name));
  if (own === undefined) throw new Error(`uv finds no version of ${name}`);
  return `${name}==${own[2]}`;
}

/** A name as PyPI compares it (PEP 503), without extras. */
const plain = (text: string) =>
  text
    .replace(/\[.*$/, "")
    .toLowerCase()
    .replaceAll(/[-_.]+/g, "-");

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
    (file) => file.endsWith(".dist-info") && plain(basename(file)).startsWith(`${plain(name)}-`),
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
  const args = [...run, "--entrypoint", own[0] ?? "", spec, ...own.slice(1)];
  return { spec, words: own, start: { command: "docker", args } };
}

/** Why the image is not here after this; undefined when it is. */
async function pull(image: string): Promise<string | undefined> {
  try {
    await docker(["pull", "--quiet", image]);
    return undefined;
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    if (code === "ENOENT") return "an image can be tried with Docker only, and there is no docker command";
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
