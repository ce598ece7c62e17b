/**
 * References to variables of the environment in gateway.json, so that no secret has to be in the file: `${NAME}`,
 * `${NAME:-default}` and, as some clients write them, `${env:NAME}`. One walk fills every text and finds what is missing, so what
 * is checked is what is used.
 */
import { ConfigError } from "../config.ts";
import { fromEnvironment, type Environment } from "./environment.ts";

/** A reference to a variable that is not set, or empty, and has no default. */
export interface Missing {
  /** The place in what was filled: `headers.Authorization`, `tokens.0`. */
  readonly at: string;
  readonly name: string;
}

/** A part of the file with its references filled. A text with one that is missing stays as it is written. */
export interface Filled<Content> {
  readonly content: Content;
  readonly missing: readonly Missing[];
  /** The variables that each text refers to, by its place. No message may show the value of such a text. */
  readonly names: ReadonlyMap<string, readonly string[]>;
  /** What looks like a reference and is passed on as it is. */
  readonly warnings: readonly string[];
}

/**
 * Fills every text in some JSON.
 * @param where its place in the file, for messages: `gateway.json: mcpServers.coda.`
 * @throws ConfigError for a reference that only a client can fill
 */
export function fillReferences<Content>(content: Content, where: string, env: Environment): Filled<Content> {
  const missing: Missing[] = [];
  const names = new Map<string, readonly string[]>();
  const warnings: string[] = [];
  const fillText = (text: string, at: string): string => {
    const parts = partsOf(text);
    const used = namesIn(parts);
    if (used.length > 0) names.set(at, used);
    for (const part of parts) if (typeof part !== "string") refuseQuestion(part, where + at);
    const { filled, unset } = expand(parts, env);
    missing.push(...unset.map((name) => ({ at, name })));
    return unset.length > 0 ? text : filled;
  };
  const fillAny = (value: unknown, at: string): unknown => {
    if (typeof value === "string") {
      const left = isShellScript(content, value) ? undefined : unfilledIn(value);
      if (left !== undefined)
        warnings.push(`${where}${at}: ${left} is passed on as it is: a reference is written \${NAME}`);
      return fillText(value, at);
    }
    if (Array.isArray(value)) return value.map((one, index) => fillAny(one, `${at}.${index}`));
    if (typeof value !== "object" || value === null) return value;
    const below = (key: string) => (at === "" ? key : `${at}.${key}`);
    return Object.fromEntries(Object.entries(value).map(([key, one]) => [key, fillAny(one, below(key))]));
  };
  return { content: fillAny(content, "") as Content, missing, names, warnings };
}

/** Whether a value, or a text in it, refers to a variable: then no message may show it. */
export const refersTo = ({ names }: Filled<unknown>, key: string): boolean =>
  [...names.keys()].some((at) => at === key || at.startsWith(`${key}.`));

/** What stands between `${` and `}`. */
interface Reference {
  readonly body: string;
  /** undefined: it is no reference that we know. */
  readonly name: string | undefined;
  readonly fallback: readonly Part[] | undefined;
}
type Part = string | Reference;

function partsOf(text: string): Part[] {
  const parts: Part[] = [];
  let rest = text;
  for (;;) {
    const start = rest.indexOf("${");
    const end = start === -1 ? -1 : closing(rest, start + 2);
    if (end === -1) return [...parts, rest];
    parts.push(rest.slice(0, start), referenceOf(rest.slice(start + 2, end)));
    rest = rest.slice(end + 1);
  }
}

/** Where the `}` of a reference is: a default may have references in it. */
function closing(text: string, from: number): number {
  let depth = 1;
  for (let at = from; at < text.length; at++) {
    if (text[at] === "}" && --depth === 0) return at;
    if (text[at] === "{" && text[at - 1] === "$") depth++;
  }
  return -1;
}

function referenceOf(body: string): Reference {
  const [, name, fallback] = /^(?:env:)?(\w+)(?::-(.*))?$/s.exec(body) ?? [];
  return { body, name, fallback: fallback === undefined ? undefined : partsOf(fallback) };
}

function namesIn(parts: readonly Part[]): string[] {
  const names = parts.flatMap((part) =>
    typeof part === "string" || part.name === undefined ? [] : [part.name, ...namesIn(part.fallback ?? [])],
  );
  return [...new Set(names)];
}

function expand(parts: readonly Part[], env: Environment): { filled: string; unset: string[] } {
  const unset: string[] = [];
  const filled = parts.map((part) => {
    if (typeof part === "string") return part;
    if (part.name === undefined) return `\${${part.body}}`;
    const value = fromEnvironment(env, part.name);
    if (value !== undefined) return value;
    if (part.fallback === undefined) return (unset.push(part.name), "");
    const fallback = expand(part.fallback, env);
    unset.push(...fallback.unset);
    return fallback.filled;
  });
  return { filled: filled.join(""), unset: [...new Set(unset)] };
}

/** VS Code asks its user for these. */
function refuseQuestion({ body }: Reference, at: string): void {
  const [, input] = /^(?:input|promptString|command):(.+)$/.exec(body) ?? [];
  if (input === undefined) return;
  const name = input.toUpperCase().replace(/\W+/g, "_");
  throw new ConfigError(
    `${at}: \${${body}} is filled in by VS Code alone: write \${${name}}, and set ${name} in the environment`,
  );
}

/** Other ways to write a reference, where one may begin: $NAME, %NAME%, {env:NAME}, ${{ secrets.NAME }}, ${file:NAME}. */
const UNFILLED =
  /(?<![^\s"'=:,;/@])(\$[A-Z_][A-Z0-9_]+|%[A-Z_][A-Z0-9_]{2,}%|\{env:\w+\})(?![\w%])|\$\{(?!(?:env:)?\w+(?::-|\}))[^}]*\}*/;

const unfilledIn = (text: string): string | undefined => UNFILLED.exec(text)?.[0];

/** `sh -c "... $NAME ..."`: the shell fills it. */
function isShellScript(entry: unknown, text: string): boolean {
  const { command, args } = (entry ?? {}) as { command?: unknown; args?: unknown };
  if (typeof command !== "string" || !Array.isArray(args)) return false;
  return /(^|[\\/])(ba|da|z|k|a)?sh$|(^|[\\/])(cmd|powershell|pwsh)(\.exe)?$/i.test(command) && args.includes(text);
}
