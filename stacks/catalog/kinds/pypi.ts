/** pypi(): a stdio server from PyPI. */
import * as z from "zod/mini";
import { place, shown } from "../../project.ts";
import type { StdioKind } from "./kind.ts";
import { readLock } from "./lockfile.ts";
import { fileName } from "./npm-package.ts";
import { args } from "./rules.ts";

interface PypiServer {
  readonly kind: "pypi";
  /** With its exact version. */
  readonly package: string;
  readonly args: readonly string[];
}

const pypiPackage = /^[A-Za-z0-9]([\w.-]*[A-Za-z0-9])?(\[[\w,-]+\])?==[A-Za-z0-9][\w.!+-]*$/;

/** An MCP server from PyPI, at an exact version: `pypi("pkg==1.2.3")`. */
export const pypi = (spec: string, words: readonly string[] = []): PypiServer => ({
  kind: "pypi",
  package: spec,
  args: words,
});

export const pypiKind: StdioKind<PypiServer> = {
  kind: "pypi",
  role: "stdio",
  fields: {
    package: { schema: z.string().check(z.regex(pypiPackage)), expected: 'an exact version, as in "pkg==1.2.3"' },
    args,
  },
  version: ({ package: spec }) => spec.split("==")[1],
  recipe: ({ package: spec }) => ({
    dockerfile: "pypi",
    files: { "server/requirements.txt": { content: readLock(spec, "txt", uvCommand(spec)) } },
  }),
  command: (server) => [`/server/venv/bin/${programOf(server)}`, ...server.args],
  local: {
    start: (server, { uvx }) =>
      uvx === undefined
        ? { needs: "uvx (https://docs.astral.sh/uv)" }
        : { words: [uvx, "--from", server.package, programOf(server), ...server.args], folder: "own" },
  },
};

/** Its program has the name of the package, without extras and version. */
const programOf = ({ package: spec }: PypiServer) => spec.split(/[[=]/)[0] ?? "";

const uvCommand = (spec: string) =>
  `write it with echo '${spec}' | uv pip compile --universal --generate-hashes -o '${shown(place.locks)}/${fileName(spec)}.txt' -`;
