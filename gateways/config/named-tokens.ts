/** Tokens that have a name, as they are written in the environment and in gateway.json. */
import type { NamedToken } from "../auth/named-token.ts";
import { digests } from "./tokens.ts";
import { usable } from "./patterns.ts";

/** What a name may be: it is an id in logs, and a key of `allow`. */
export const TOKEN_NAME = /^[a-z0-9](?:[a-z0-9._-]{0,62}[a-z0-9])?$/;

const KEYS: ReadonlySet<string> = new Set(["digest", "name", "tools", "expires"]);

const EXPECTED =
  'one object a line, such as {"digest":"<SHA-256>","name":"ci","tools":["read_*"],"expires":"2027-02-28T00:00:00Z"}';

/** JSON objects, each on a line of its own. @throws Error that shows no digest */
export function namedTokens(text: string): NamedToken[] {
  const lines = text.split("\n").filter((line) => line.trim() !== "");
  if (lines.length === 0) throw new Error(`expected ${EXPECTED}`);
  return alike(lines.map((line) => namedToken(parsed(line))));
}

/** One of them. @throws Error that shows no digest */
export function namedToken(value: unknown): NamedToken {
  if (typeof value !== "object" || value === null) throw new Error(`expected ${EXPECTED}`);
  const unknown = Object.keys(value).find((key) => !KEYS.has(key));
  if (unknown !== undefined) throw new Error(`got ${JSON.stringify(unknown)}, expected ${[...KEYS].join(", ")}`);
  const { digest, name, tools, expires } = value as Partial<Record<keyof NamedToken, unknown>>;
  if (typeof name !== "string" || !TOKEN_NAME.test(name))
    throw new Error('expected a "name" of at most 64 small letters, digits, dots and dashes');
  if (typeof digest !== "string") throw new Error(`${name}: expected a "digest"`);
  return {
    digest: digests(digest)[0]!,
    name,
    ...(tools !== undefined && { tools: patternsOf(name, tools) }),
    ...(expires !== undefined && { expires: timeOf(name, expires) }),
  };
}

/** Two tokens of one name, as there are while one is replaced, open the same. @throws Error */
function alike(tokens: readonly NamedToken[]): NamedToken[] {
  const known = new Map<string, string>();
  for (const { name, tools } of tokens) {
    const written = JSON.stringify(tools) ?? "all";
    if ((known.get(name) ?? written) !== written)
      throw new Error(`got two tokens that are called ${name} and open different tools, expected a name for each`);
    known.set(name, written);
  }
  return [...tokens];
}

function parsed(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    throw new Error(`expected ${EXPECTED}`);
  }
}

function patternsOf(name: string, tools: unknown): readonly string[] {
  if (!isTexts(tools)) throw new Error(`${name}: expected "tools" to be a list of patterns`);
  return usable(tools);
}

function timeOf(name: string, expires: unknown): number {
  const time = typeof expires === "string" ? Date.parse(expires) : Number.NaN;
  if (Number.isNaN(time)) throw new Error(`${name}: expected "expires" to be a time, as 2027-02-28T00:00:00Z`);
  return time;
}

const isTexts = (value: unknown): value is readonly string[] =>
  Array.isArray(value) && value.every((one) => typeof one === "string");
