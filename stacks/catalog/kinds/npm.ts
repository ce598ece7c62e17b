/** npm(): a stdio server from npm. */
import { posix } from "node:path";
import * as z from "zod/mini";
import type { StdioKind } from "./kind.ts";
import { readLock } from "./lockfile.ts";
import { binOf, splitPackage } from "./npm-package.ts";
import { args } from "./rules.ts";

interface NpmServer {
  readonly kind: "npm";
  /** With its exact version. */
  readonly package: string;
  readonly args: readonly string[];
}

const exact = String.raw`\d+\.\d+\.\d+(-[\w.-]+)?(\+[\w.-]+)?`;
const npmPackage = new RegExp(String.raw`^(@[a-z0-9][\w.-]*/)?[a-z0-9][\w.-]*@${exact}$`);

/** An MCP server from npm, at an exact version: `npm("pkg@1.2.3", ["stdio"])`. */
export const npm = (spec: string, words: readonly string[] = []): NpmServer => ({
  kind: "npm",
  package: spec,
  args: words,
});

export const npmKind: StdioKind<NpmServer> = {
  kind: "npm",
  role: "stdio",
  fields: {
    package: { schema: z.string().check(z.regex(npmPackage)), expected: 'an exact version, as in "pkg@1.2.3"' },
    args,
  },
  version: ({ package: spec }) => splitPackage(spec).version,
  recipe: ({ package: spec }) => ({ dockerfile: "npm", files: installFiles(spec) }),
  command: (server) => ["node", `/server/node_modules/${programOf(server.package)}`, ...server.args],
  local: {
    npmPackage: (server) => server.package,
    start: (server, { node, npm: installed }) => {
      const found = installed.get(server.package) ?? { problem: "it is not installed" };
      if ("problem" in found) return { failed: found.problem };
      return { words: [node, found.bin, ...server.args], folder: "own" };
    },
  },
};

function installFiles(spec: string) {
  const { name, version } = splitPackage(spec);
  const manifest = { name: "gangway-server", private: true, dependencies: { [name]: version } };
  return {
    "server/package.json": { content: `${JSON.stringify(manifest)}\n` },
    "server/package-lock.json": { content: npmLock(spec) },
  };
}

/** The program that the package brings. */
function programOf(spec: string): string {
  const program = programs.get(spec) ?? lockedProgram(spec);
  programs.set(spec, program);
  return program;
}

/** By their packages. */
const programs = new Map<string, string>();

/** As its lockfile says: the package need not be installed to know it. */
function lockedProgram(spec: string): string {
  const { name } = splitPackage(spec);
  const lock = JSON.parse(npmLock(spec)) as { packages: Record<string, { bin?: Record<string, string> }> };
  const { bin = {} } = lock.packages[`node_modules/${name}`] ?? {};
  return posix.join(name, binOf({ name, bin }));
}

const npmLock = (spec: string) => readLock(spec, "json", "npx gangway start <its name> writes it");
