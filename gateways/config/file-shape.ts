/** The shape of gateway.json: which keys there are, what each can be, and what is said about one that is wrong. */
import * as z from "zod/mini";
import { ConfigError, gatewayOptions, serviceOptions, sharedOptions } from "../config.ts";
import { clientKeys } from "./client-entry.ts";
import { namedToken } from "./named-tokens.ts";
import { didYouMean } from "./nearest.ts";
import { digests } from "./tokens.ts";

/** What every service may set for itself. */
export const entryOptions = { ...serviceOptions, ...sharedOptions };

/** What may be set at the top of the file. */
export const topOptions = { ...entryOptions, ...gatewayOptions };

/** Numbers and switches are texts in the environment and on a command line, and are taken as such. */
const toText = z.transform(String);
const text = z.pipe(z.union([z.string(), z.number(), z.boolean()]), toText);
const scalar = z.optional(z.pipe(z.union([z.string(), z.number(), z.boolean(), z.array(z.string())]), toText));
const scalarsOf = (options: object) => Object.fromEntries(Object.keys(options).map((key) => [key, scalar]));
const texts = z._default(z.record(z.string(), text), {});

const digest = z.string().check(z.refine(isDigest, "expected the SHA-256 of a token, as 64 hexadecimal digits"));
const digestList = z._default(
  z.pipe(
    z.array(digest),
    z.transform((texts: string[]) => texts.flatMap(digests)),
  ),
  [],
);

const named = z.unknown().check(z.refine(isNamed, "expected { digest, name, tools, expires } of a token"));
const namedList = z._default(
  z.pipe(
    z.array(named),
    z.transform((tokens: unknown[]) => tokens.map(namedToken)),
  ),
  [],
);

/** Who may use what: as text, or the patterns by name. */
const allow = z.optional(
  z.pipe(
    z.union([z.string(), z.record(z.string(), z.array(z.string()))]),
    z.transform((value) => (typeof value === "string" ? value : JSON.stringify(value))),
  ),
);

const entry = z.strictObject({
  ...scalarsOf(entryOptions),
  allow,
  command: z.optional(z.string()),
  args: z._default(z.array(text), []),
  env: texts,
  envFile: z.optional(z.string()),
  cwd: z.optional(z.string()),
  url: z.optional(z.string()),
  headers: texts,
  type: z.optional(z.enum(["stdio", "http", "sse"])),
  // The names of other entries, which are served as one.
  group: z.optional(z.array(z.string())),
  needs: z.optional(z.string()),
  // With `needs`: what to do about it.
  remedy: z.optional(z.string()),
  // Why it cannot run, where there is nothing that the reader could give it.
  failed: z.optional(z.string()),
  port: scalar,
  tokens: z._default(z.array(z.string()), []),
  tokenDigests: digestList,
  namedTokens: namedList,
  // true, or the name of the variable: the server's own secret is a bearer token for this service, too.
  acceptServiceToken: z._default(z.union([z.boolean(), z.string()]), false),
  // With auth verify: the variable of the server that gets the caller's token.
  verifySecret: z.optional(z.string()),
  version: z.optional(z.string()),
  // "none": in its sandbox the server has no network.
  egress: z.optional(z.enum(["any", "none"])),
});

const positive = z.int().check(z.minimum(1));

/** Options for which the file also has the shape that other gateways use. */
const sections = {
  cors: z.strictObject({ enabled: z._default(z.boolean(), true), origins: z._default(z.array(z.string()), []) }),
  rateLimit: z.strictObject({
    enabled: z._default(z.boolean(), true),
    max: z.optional(positive),
    window: z.optional(z.string()),
  }),
  // The secret signs session ids between several gateways of one service.
  session: z.strictObject({ secret: z.optional(z.string()), maxAge: z.optional(positive) }),
};

const NAME = /^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/;

const file = z.strictObject({
  ...scalarsOf(topOptions),
  allow,
  cors: z.optional(sections.cors),
  rateLimit: z.optional(sections.rateLimit),
  session: z.optional(sections.session),
  tokens: z._default(z.array(z.string()), []),
  tokenDigests: digestList,
  namedTokens: namedList,
  // `npm start` writes the file, and says so: its reader changes settings elsewhere.
  startedBy: z.optional(z.literal("npm start")),
  // Files and folders that no server sees in its sandbox. Of a folder, each has its part two levels below.
  hidden: z._default(z.array(z.string()), []),
  mcpServers: z.record(z.string().check(z.regex(NAME, "a name of lower case letters, digits and dashes")), entry),
});

/** The whole file. */
export type File = z.infer<typeof file>;

/** One entry of `mcpServers`. */
export type Entry = z.infer<typeof entry>;

/** @throws ConfigError with a line for each mistake */
export function checkShape(json: unknown, path: string): File {
  const result = file.safeParse(json);
  if (result.success) return result.data;
  throw new ConfigError(result.error.issues.map((issue) => `${path}: ${describe(issue)}`).join("\n"));
}

/** Sections, and the options that say the same. */
const twice = [
  ["cors", "allowedOrigins"],
  ["rateLimit", "requestRate"],
  ["rateLimit", "requestBurst"],
  ["session.secret", "sessionSecret"],
  ["session.maxAge", "idleTtl"],
] as const;

/** Of two that say the same, one would have no effect. @throws ConfigError */
export function refuseTwice(content: File, path: string): void {
  const has = (name: string) =>
    name.split(".").reduce<unknown>((at, key) => (at as Record<string, unknown> | undefined)?.[key], content);
  for (const [section, option] of twice) {
    if (has(section) !== undefined && has(option) !== undefined)
      throw new ConfigError(`${path}: got both ${section} and ${option}, expected one of them`);
  }
}

function isDigest(text: string): boolean {
  try {
    return digests(text).length > 0;
  } catch {
    return false;
  }
}

function isNamed(value: unknown): boolean {
  try {
    return namedToken(value) !== undefined;
  } catch {
    return false;
  }
}

function describe(issue: z.core.$ZodIssue): string {
  const where = issue.path.join(".");
  if (issue.code === "invalid_key") return `${where}: expected ${issue.issues[0]?.message}`;
  if (where === "mcpServers") return "mcpServers: expected an object with a server for each name";
  if (issue.code === "invalid_union") return `${where}: expected text, a number, true or false, or a list of texts`;
  if (issue.code === "invalid_type")
    return `${where || "the file"}: expected ${words[issue.expected] ?? issue.expected}`;
  if (issue.code === "too_small") return `${where}: expected ${issue.minimum} or more`;
  if (issue.code !== "unrecognized_keys") return `${where || "the file"}: ${issue.message}`;
  return issue.keys.map((key) => unknownKey(key, issue.path)).join("\n");
}

/** What zod expects, in words. */
const words: Readonly<Record<string, string>> = {
  object: "an object in braces",
  record: "an object in braces",
  array: "a list in brackets",
  string: "text in quotes",
  boolean: "true or false",
  number: "a number",
  int: "a whole number",
};

function unknownKey(key: string, at: readonly PropertyKey[]): string {
  const name = [...at, key].join(".");
  if (at[0] === "mcpServers" && Object.hasOwn(gatewayOptions, key))
    return `${name}: belongs at the top of the file, for all services`;
  if (at.length === 0 && Object.hasOwn(entry.shape, key))
    return `${name}: belongs in the entry of a service, below mcpServers`;
  return `${name}: unknown key${didYouMean(key, keysAt(at))}`;
}

/** The keys that are known at a place of the file. */
function keysAt(path: readonly PropertyKey[]): string[] {
  if (path.length === 0) return [...Object.keys(file.shape), "servers", "inputs"];
  if (path[0] === "mcpServers") return [...Object.keys(entry.shape), ...clientKeys];
  const section = Object.entries(sections).find(([name]) => name === path[0])?.[1];
  return section ? Object.keys(section.shape) : [];
}
