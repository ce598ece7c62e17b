/**
 * tokens.json: the tokens that have a name, without the tokens themselves. It is committed, so who is given what shows in a pull
 * request, and the operator can take a token away without knowing it.
 */
import { createHash, randomBytes } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import * as z from "zod/mini";
import { serverOptions, serviceOptions } from "../gateways/config.ts";
import type { Service } from "./catalog/entry.ts";
import { place, shown } from "./project.ts";

/** A token that has a name. */
export interface ListedToken {
  /** SHA-256 of the token, in hexadecimal. */
  readonly digest: string;
  /** The services that it opens, by their keys; `*` is all. */
  readonly services: readonly string[];
  /** Patterns of the tools that it opens. @default all, and resources and prompts */
  readonly tools?: readonly string[] | undefined;
  /** When it was made, and when it ends, in ISO 8601. @default - it does not end */
  readonly created: string;
  readonly expires?: string | undefined;
}

/** By name. */
export type TokenList = Readonly<Record<string, ListedToken>>;

/** What every service is called in the list. */
export const EVERY_SERVICE = "*";

const time = z.string().check(z.refine((text) => !Number.isNaN(Date.parse(text)), "a time"));

const schema = z.record(
  z.string(),
  z.strictObject({
    digest: z.string().check(z.regex(/^[0-9a-f]{64}$/)),
    services: z.array(z.string()).check(z.minLength(1)),
    tools: z.optional(z.array(z.string()).check(z.minLength(1))),
    created: time,
    expires: z.optional(time),
  }),
);

/** What the file says of itself, under a key that no token can have. */
const ABOUT = { "//": "Tokens that have a name, without the tokens. Commit it. Written by: npx gangway token" };

/** A missing file has no tokens. @throws Error that names the file */
export function readTokenList(file: string = place.tokens): TokenList {
  if (!existsSync(file)) return {};
  try {
    const { "//": _, ...tokens } = JSON.parse(readFileSync(file, "utf8")) as Record<string, unknown>;
    const list: TokenList = schema.parse(tokens);
    for (const [name, listed] of Object.entries(list)) checkToken(name, listed);
    return list;
  } catch (error) {
    const what = error instanceof SyntaxError ? `it is no JSON: ${error.message}` : (error as Error).message;
    throw new Error(`${shown(file)} cannot be read (${what}). Restore it from git, or mend it`, { cause: error });
  }
}

/** The file's text, sorted by name. */
export function writtenTokenList(list: TokenList): string {
  const sorted = Object.entries(list).toSorted(([one], [other]) => (one < other ? -1 : 1));
  return `${JSON.stringify({ ...ABOUT, ...Object.fromEntries(sorted) }, null, 2)}\n`;
}

/**
 * A token that nobody can guess. What is before its random part tells people and scanners what it is.
 * @returns `gwt_<name>_` and 43 characters of base64url, and its digest
 */
export function newNamedToken(name: string): { readonly token: string; readonly digest: string } {
  const token = `gwt_${name}_${randomBytes(32).toString("base64url")}`;
  return { token, digest: createHash("sha256").update(token).digest("hex") };
}

/** A token as the gateway is told of it. */
export interface ToldToken {
  readonly name: string;
  readonly digest: string;
  readonly tools?: readonly string[] | undefined;
  readonly expires?: string | undefined;
}

/** Those that open a service. */
export function tokensListedFor({ name }: Pick<Service, "name">, list: TokenList): ToldToken[] {
  const own = Object.entries(list).filter(([, { services }]) =>
    services.some((one) => [name, EVERY_SERVICE].includes(one)),
  );
  return own.map(([of, listed]) => told(of, listed));
}

/** As the gateway reads them: a JSON object a line. */
export const linesOf = (tokens: readonly ToldToken[]): string =>
  tokens.map((token) => JSON.stringify(token)).join("\n");

const told = (name: string, { digest, tools, expires }: ListedToken): ToldToken => ({
  name,
  digest,
  ...(tools && { tools }),
  ...(expires !== undefined && { expires }),
});

/** @throws Error that says what a gateway could not read */
export function checkToken(name: string, listed: ListedToken): void {
  serverOptions.namedTokens.read(JSON.stringify(told(name, listed)));
}

/** Patterns of tools, as they are typed. @throws Error */
export const toolPatterns = (written: string): readonly string[] => serviceOptions.tools.read(written);

/** Milliseconds before its end from which on a token is warned of. */
const SOON = 14 * 86_400_000;

/** A line for each token that has ended or is about to, and for each service in the list that the catalog lacks. */
export function tokenWarnings(list: TokenList, services: readonly string[], now = Date.now()): string[] {
  return Object.entries(list).flatMap(([name, { expires, services: opened }]) => [
    ...(expires === undefined ? [] : endOf(name, expires, now)),
    ...opened
      .filter((service) => service !== EVERY_SERVICE && !services.includes(service))
      .map((service) => `tokens.json: ${name} is for ${service}, which is not in the catalog`),
  ]);
}

function endOf(name: string, expires: string, now: number): string[] {
  const left = Date.parse(expires) - now;
  if (left > SOON) return [];
  const when = left <= 0 ? `has ended on ${expires.slice(0, 10)}` : `ends on ${expires.slice(0, 10)}`;
  return [
    `tokens.json: ${name} ${when}: npx gangway token revoke ${name}, then npx gangway token new --name ${name} again`,
  ];
}
