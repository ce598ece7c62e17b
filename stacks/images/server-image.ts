/** What each kind of server is built from, and the words that start it in its image. */
import { readdirSync, readFileSync, statSync } from "node:fs";
import { posix } from "node:path";
import type { Server, Service } from "../catalog/entry.ts";
import { binOf, fileName, splitPackage } from "../catalog/kinds/npm-package.ts";
import { base } from "./base.ts";
import type { ContextFile, ImageContext } from "./context.ts";

/** Where a gateway keeps what outlives it: its sessions, and the secret that signs them. */
export const STATE = "/state";

/** A recipe: one Dockerfile, the server's files, the values that are the server's own. */
interface Recipe {
  readonly dockerfile: "npm" | "pypi" | "image" | "command" | "upstream";
  readonly files?: Readonly<Record<string, ContextFile>>;
  readonly args?: Readonly<Record<string, string>>;
}

const project = new URL("../../", import.meta.url);

/** The context of a service's image. @param gateway the gateway as one file */
export function imageContext({ server, volumes }: Service, gateway: string): ImageContext {
  const { dockerfile, files = {}, args = {} } = recipeOf(server);
  return {
    files: new Map<string, ContextFile>([
      ["Dockerfile", { content: read(`gateways/images/${dockerfile}.Dockerfile`) }],
      ["gateway.mjs", { content: gateway }],
      ...Object.entries(files),
    ]),
    args: { BASE: base(), VOLUMES: [STATE, ...Object.keys(volumes)].join(" "), ...args },
  };
}

/** The command line of a server in its image. */
export function commandOf(server: Exclude<Server, { kind: "http" | "sse" | "app" }>): readonly string[] {
  switch (server.kind) {
    case "npm":
      return ["node", `/server/node_modules/${npmProgram(server.package)}`, ...server.args];
    case "pypi":
      return [`/server/venv/bin/${server.package.split(/[[=]/)[0]}`, ...server.args];
    default:
      return server.command;
  }
}

function recipeOf(server: Server): Recipe {
  switch (server.kind) {
    case "npm":
      return { dockerfile: "npm", files: npmFiles(server.package) };
    case "pypi":
      return { dockerfile: "pypi", files: { "server/requirements.txt": { content: readLock(server.package, "txt") } } };
    case "image":
      return { dockerfile: "image", args: { SERVER: server.image, PROGRAM: server.command[0] ?? "" } };
    case "command":
      return { dockerfile: "command", files: commandFiles(server.command) };
    default:
      return { dockerfile: "upstream" };
  }
}

function npmFiles(spec: string): Record<string, ContextFile> {
  const { name, version } = splitPackage(spec);
  const manifest = { name: "gangway-server", private: true, dependencies: { [name]: version } };
  return {
    "server/package.json": { content: `${JSON.stringify(manifest)}\n` },
    "server/package-lock.json": { content: readLock(spec, "json") },
  };
}

/** The program that an npm package brings, as its lockfile says: no package needs to be installed to know it. */
function npmProgram(spec: string): string {
  const { name } = splitPackage(spec);
  const lock = JSON.parse(readLock(spec, "json")) as { packages: Record<string, { bin?: Record<string, string> }> };
  const { bin = {} } = lock.packages[`node_modules/${name}`] ?? {};
  return posix.join(name, binOf({ name, bin }));
}

/** The folders of the files that a command names: `node servers/mine/main.js` brings servers/mine. */
function commandFiles(words: readonly string[]): Record<string, ContextFile> {
  const folders = words.filter(isFileHere).map((word) => posix.dirname(posix.normalize(word)));
  if (folders.includes("."))
    throw new Error(
      `"${words.join(" ")}" names a file at the top of the project: put the server into a folder of its own`,
    );
  const paths = folders.flatMap((folder) => filesBelow(folder));
  return Object.fromEntries(paths.map((path) => [`server/${path}`, fileHere(path)]));
}

function isFileHere(word: string): boolean {
  if (posix.isAbsolute(word) || posix.normalize(word).startsWith("..")) return false;
  return statSync(new URL(word, project), { throwIfNoEntry: false })?.isFile() ?? false;
}

function filesBelow(folder: string): string[] {
  const entries = readdirSync(new URL(`${folder}/`, project), { withFileTypes: true });
  return entries.flatMap((entry) => {
    const path = `${folder}/${entry.name}`;
    if (entry.isFile()) return ignored.test(entry.name) ? [] : [path];
    return entry.isDirectory() && entry.name !== "node_modules" && entry.name !== ".git" ? filesBelow(path) : [];
  });
}

/** What never goes into an image: a server's own `.env` has secrets in it. */
const ignored = /^\.env($|\.)|\.log$/;

const fileHere = (path: string): ContextFile => ({
  content: readFileSync(new URL(path, project)),
  executable: (statSync(new URL(path, project)).mode & 0o100) !== 0,
});

function readLock(spec: string, type: "json" | "txt"): string {
  try {
    return read(`stacks/locks/${fileName(spec)}.${type}`);
  } catch (cause) {
    throw new Error(`${spec} has no lockfile in stacks/locks: ${writer(spec, type)}. Commit it`, { cause });
  }
}

const writer = (spec: string, type: "json" | "txt") =>
  type === "json"
    ? "npm start -- <its name> writes it"
    : `write it with echo '${spec}' | uv pip compile --universal --generate-hashes -o 'stacks/locks/${fileName(spec)}.txt' -`;

const read = (path: string) => readFileSync(new URL(path, project), "utf8");
