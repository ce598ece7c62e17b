/** What a person names to be added: a package, an image, a URL, a name of the MCP registry or a server.json. */
import { existsSync } from "node:fs";
import { WrongUse } from "../kit/arguments.ts";
import type { Candidate } from "../kit/candidate.ts";

export type What =
  | { readonly from: "npm" | "pypi" | "registry"; readonly name: string; readonly version?: string | undefined }
  | { readonly from: "image"; readonly ref: string }
  | { readonly from: "url"; readonly url: string }
  | { readonly from: "file"; readonly path: string };

const NPM = /^((?:@[a-z0-9][\w.-]*\/)?[a-z0-9][\w.-]*)(?:@([\w.^~+-]+))?$/i;
const PYPI = /^([a-z0-9](?:[\w.-]*[a-z0-9])?(?:\[[\w,-]+\])?)(?:(?:==|@)([a-z0-9][\w.!+-]*))?$/i;
/** A reverse DNS name and a slash, as in `io.github.owner/server`. */
const REGISTRY = /^([a-z0-9-]+(?:\.[a-z0-9-]+)+\/[\w.-]+)(?:@([\w.+-]+))?$/i;
const IMAGE = /^[a-z0-9][\w.-]*(?::\d+)?(?:\/[\w.-]+)*(?::[\w.-]+)?(?:@sha256:[0-9a-f]{64})?$/;

/** @throws WrongUse with what is understood */
export function whatIs(word: string): What {
  if (/^https?:\/\//i.test(word)) return { from: "url", url: checked(word) };
  const [, scheme, rest = word] = /^(npm|pypi|image):(.+)$/.exec(word) ?? [];
  if (scheme === "image") return { from: "image", ref: imageIn(rest) };
  if (scheme === "pypi") return named("pypi", PYPI, rest);
  if (scheme === "npm" || word.startsWith("@")) return named("npm", NPM, rest);
  if (/\.json$/i.test(word) && existsSync(word)) return { from: "file", path: word };
  if (REGISTRY.test(word) && !/:/.test(word)) return named("registry", REGISTRY, word);
  if (word.includes("/") && IMAGE.test(word)) return { from: "image", ref: word };
  return named("npm", NPM, word);
}

function named(from: "npm" | "pypi" | "registry", pattern: RegExp, word: string): What {
  const [, name, version] = pattern.exec(word) ?? [];
  if (name === undefined) throw new WrongUse(`got ${JSON.stringify(word)}, expected ${EXPECTED}`);
  return { from, name: from === "npm" ? name.toLowerCase() : name, version };
}

function imageIn(word: string): string {
  if (IMAGE.test(word)) return word;
  throw new WrongUse(`got ${JSON.stringify(word)}, expected an image, as in image:ghcr.io/owner/image:v1.2.3`);
}

/**
 * Whether what a registry names is what it says it is: npm, uv and Docker take a word such as \`--flag\`, \`file:../x\` or
 * \`git+ssh://host\` for something else.
 */
export function isWhatItSays({ kind, source, version }: Pick<Candidate, "kind" | "source" | "version">): boolean {
  if (kind === "image") return IMAGE.test(source);
  if (kind === "npm") return isPair(NPM, source, version, "@");
  if (kind === "pypi") return isPair(PYPI, source, version, "==");
  const { protocol = "", username = "", password = "" } = URL.canParse(source) ? new URL(source) : {};
  return /^https?:$/.test(protocol) && username === "" && password === "";
}

function isPair(pattern: RegExp, name: string, version: string | undefined, between: string): boolean {
  const [, ...parts] = pattern.exec(version === undefined ? name : `${name}${between}${version}`) ?? [];
  return parts[0] === name && parts[1] === version;
}

/** A password in a URL would stand in the catalog, and so in git. */
function checked(word: string): string {
  const url = URL.canParse(word) ? new URL(word) : undefined;
  if (url === undefined) throw new WrongUse(`got ${word}, expected a URL, as in https://mcp.example.org/mcp`);
  if (url.username === "" && url.password === "") return word;
  throw new WrongUse(
    "the URL has a name or a password in it: name the variable of its token instead, as in --env NAME",
  );
}

const EXPECTED =
  "a package of npm (@playwright/mcp), pypi:<package>, an image with its tag, a URL, a name of the MCP registry " +
  "(io.github.owner/server) or a server.json";
