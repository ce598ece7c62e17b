/** How values are written in flags, variables and files: durations, sizes, rates, command lines. */
import { isLoopback } from "../limits/address.ts";
import { isVerifier, VERIFIERS } from "../auth/verifiers/names.ts";
import type { Rate } from "../limits/limits.ts";
import { weakness } from "./tokens.ts";

/** A value that cannot be read: what was got, what was expected. The caller says where it was set. */
export class ValueError extends Error {
  readonly expected: string;

  constructor(got: string, expected: string) {
    super(`got ${JSON.stringify(got)}, expected ${expected}`);
    this.expected = expected;
  }
}

const SECONDS: Record<string, number> = { ms: 0.001, s: 1, m: 60, h: 3_600, d: 86_400 };

/** The longest that a timer waits: 2^31 - 1 ms, almost 25 days. */
const LONGEST = 2 ** 31 - 1;

/** `500ms`, `30s`, `15m`, `2h`, `1d` in milliseconds; not zero, and no longer than a timer can wait. */
export function duration(text: string): number {
  const milliseconds = delay(text);
  if (milliseconds > 0) return milliseconds;
  throw new ValueError(text, "a duration that is not zero");
}

/** Like a duration, but may be zero. */
export function delay(text: string): number {
  const [, number, unit] = /^(\d+(?:\.\d+)?)(ms|s|m|h|d)$/.exec(text.trim()) ?? [];
  if (number === undefined || unit === undefined)
    throw new ValueError(text, "a duration such as 500ms, 30s, 15m or 2h");
  const milliseconds = Math.round(Number(number) * SECONDS[unit]! * 1_000);
  if (milliseconds > LONGEST) throw new ValueError(text, "at most 24d");
  return milliseconds;
}

/** `50` (a second), `50/s` or `100/15m`; 0 = no limit. */
export function rate(text: string): Rate {
  const [, times, per = "1s"] = /^(\d+)(?:\/(\d*(?:ms|s|m|h|d)))?$/.exec(text.trim()) ?? [];
  if (times === undefined) throw new ValueError(text, "a rate such as 50/s or 100/15m");
  return { times: Number(times), per: duration(/^\d/.test(per) ? per : `1${per}`) / 1_000 };
}

const BYTES: Record<string, number> = {
  "": 1,
  b: 1,
  kib: 1024,
  mib: 1024 ** 2,
  gib: 1024 ** 3,
  kb: 1e3,
  mb: 1e6,
  gb: 1e9,
};

/** `10MiB`, `64 KiB`, `4096` in bytes. */
export function size(text: string): number {
  const [, number, unit = ""] = /^(\d+(?:\.\d+)?)\s*([KMG]i?B|B)?$/i.exec(text.trim()) ?? [];
  if (number === undefined) throw new ValueError(text, "a size such as 4096, 64KiB or 10MiB");
  return Math.round(Number(number) * BYTES[unit.toLowerCase()]!);
}

/** The least that a memory budget may be: below it not even one answer of the usual size fits. */
const LEAST_BUDGET = 16 * 1024 ** 2;

/** A size for all that waits; `auto`, which is undefined, is for the gateway to find out. */
export function budget(text: string): number | undefined {
  if (text.trim().toLowerCase() === "auto") return undefined;
  const bytes = size(text);
  if (bytes >= LEAST_BUDGET) return bytes;
  throw new ValueError(text, "auto, or a size of at least 16MiB");
}

/** true, false, or "auto": as far as the machine can. */
export function flagOrAuto(text: string): boolean | "auto" {
  const written = text.trim().toLowerCase();
  if (written === "auto") return written;
  if (/^(true|false)$/.test(written)) return written === "true";
  throw new ValueError(text, "auto, true or false");
}

/** A whole number within bounds. */
export const count =
  (least: number, most = Number.MAX_SAFE_INTEGER) =>
  (text: string): number => {
    const number = Number(text);
    if (/^\d+$/.test(text.trim()) && number >= least && number <= most) return number;
    throw new ValueError(
      text,
      `a whole number ${most === Number.MAX_SAFE_INTEGER ? `of at least ${least}` : `from ${least} to ${most}`}`,
    );
  };

/** A TCP port; 0 lets the system choose. */
export const port = count(0, 65_535);

/** `true` or `false`; a flag without a value is true. */
export function flag(text: string): boolean {
  if (/^(true|1|yes|on|)$/i.test(text)) return true;
  if (/^(false|0|no|off)$/i.test(text)) return false;
  throw new ValueError(text, "true or false");
}

/** One of some words. */
export const oneOf =
  <T extends string>(...words: readonly T[]) =>
  (text: string): T => {
    if (words.includes(text as T)) return text as T;
    throw new ValueError(text, words.length === 1 ? `"${words[0]}"` : `one of ${words.join(", ")}`);
  };

/** One or more of some words, separated by commas or white space; none twice. */
export const someOf =
  <T extends string>(...words: readonly T[]) =>
  (text: string): readonly T[] => {
    const found = new Set(list(text));
    const known = words.filter((word) => found.has(word));
    if (known.length > 0 && known.length === found.size) return known;
    throw new ValueError(text, `one or more of ${words.join(", ")}`);
  };

/** Words separated by commas or white space. */
export const list = (text: string): string[] => text.split(/[\s,]+/).filter((word) => word !== "");

/** Origins of web pages. They are compared with what browsers send, so each must be written as they write it; `*` is all. */
export const origins = (text: string): string[] => list(text).map(origin);

function origin(text: string): string {
  if (text === "*" || isOrigin(text)) return text;
  throw new ValueError(text, `scheme and host alone, as a browser sends them: ${spelledAsSent(text)}`);
}

/** One that begins otherwise is that of an app or of a browser's extension. A pattern would match nothing. */
function isOrigin(text: string): boolean {
  if (text.includes("*")) return false;
  return /^https?:/i.test(text) ? spelledAsSent(text) === text : /^[a-z][a-z\d+.-]*:\/\/[^/?#@\\]+$/.test(text);
}

const EXAMPLE = "https://app.example.org";

const spelledAsSent = (text: string) =>
  /^https?:/i.test(text) && !text.includes("*") && URL.canParse(text) ? new URL(text).origin : EXAMPLE;

/** Variables: on each line either names, separated by commas, or one NAME=value. */
export const variables = (text: string): string[] =>
  text.split("\n").flatMap((line) => (line.includes("=") ? [line.trim()] : list(line)));

/** Services at their URLs: `memory=http://memory-mcp-gateway:8080/mcp`. */
export const groupMembers = (text: string): { name: string; url: string }[] =>
  list(text).map((word) => {
    const [, name, url] = /^([a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?)=(.+)$/.exec(word) ?? [];
    if (name === undefined || url === undefined)
      throw new ValueError(word, "a name of lower case letters, digits and dashes, =, and a URL");
    return { name, url: httpUrl(url) };
  });

/** The address of an upstream. */
export function httpUrl(text: string): string {
  if (URL.canParse(text) && /^https?:$/.test(new URL(text).protocol)) return text;
  throw new ValueError(text, "an http or https URL");
}

/** A URL that tokens and logins are trusted by: with TLS, or of this machine; without a query and a fragment. */
export function trustedUrl(text: string): string {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  const isSafe = url?.protocol === "https:" || (url?.protocol === "http:" && isLoopbackHost(url.hostname));
  if (url && isSafe && url.username === "" && !/[?#]/.test(text)) return text;
  throw new ValueError(text, "an https URL (http is for this machine alone), without a query");
}

const isLoopbackHost = (name: string) => name === "localhost" || isLoopback(name.replace(/^\[|\]$/g, ""));

/** The URL of a service as clients are given it. */
export function serviceUrl(text: string): string {
  if (trustedUrl(text).endsWith("/mcp")) return text;
  throw new ValueError(text, "a URL that ends in /mcp, as clients are given it");
}

/** The name of a claim, which may be a URL. */
export function claim(text: string): string {
  if (/^[\w.:/-]+$/.test(text)) return text;
  throw new ValueError(text, "the name of a claim, such as email");
}

/** `coda`, `github`, `firecrawl`, or the path of a module. */
export function verifierName(text: string): string {
  const name = text.trim();
  if (isVerifier(name) || /[\\/.]/.test(name)) return name;
  throw new ValueError(text, VERIFIER);
}

/** What checks tokens, in words. */
export const VERIFIER = `${VERIFIERS.join(", ")}, or the path of a module such as ./mycopa.verify.mjs`;

/** Text that is not empty. */
export function text(value: string): string {
  if (value.trim() === "") throw new ValueError(value, "some text");
  return value;
}

/** The least characters of a secret that signs. */
const SECRET_LENGTH = 32;

/** A secret that signs must be hard to guess: not short, and not copied from an example. */
export function secret(value: string): string {
  const isExample = weakness(value, false) !== undefined || /your.?session/i.test(value);
  if (value.length >= SECRET_LENGTH && !isExample) return value;
  // What was got is not repeated: it may be almost the right one.
  throw new Error(`expected at least ${SECRET_LENGTH} random characters, such as \`openssl rand -hex 32\` makes`);
}

/**
 * Splits a command line into words as a shell does: white space, 'single' and "double" quotes, backslash. A line that needs
 * a shell (pipes, redirections, several commands, variables, patterns, assignments) is given to one.
 */
export function commandLine(line: string): string[] {
  const words: string[] = [];
  let word: string | undefined;
  for (const [token, single, double, escaped] of line.matchAll(TOKENS)) {
    const bare = single === undefined && double === undefined && escaped === undefined;
    if (bare && /^['"\\]$/.test(token)) throw new ValueError(line, "a command line whose quotes are closed");
    if (needsShell(bare ? token : "", double ?? "")) return ["sh", "-c", line];
    if (bare && /^\s/.test(token)) {
      if (word !== undefined) words.push(word);
      word = undefined;
    } else word = (word ?? "") + (single ?? double?.replace(/\\(["\\$`])/g, "$1") ?? escaped ?? token);
  }
  if (word !== undefined) words.push(word);
  if ((words[0] ?? "") === "") throw new ValueError(line, "a command line");
  return /^\w+=/.test(words[0]!) ? ["sh", "-c", line] : words;
}

/** 'single', "double", an escaped character, white space, anything else; last, what opens a quote that is not closed. */
const TOKENS = /'([^']*)'|"((?:[^"\\]|\\.)*)"|\\(.)|\s+|[^\s'"\\]+|['"\\]/gs;

const needsShell = (bare: string, double: string) => /[|&;<>$`()*?~]/.test(bare) || /(?<!\\)[$`]/.test(double);
