/** Finds everything that is wrong with a catalog. Each problem is one line: entry, what, what was found, what was expected. */
import type { ServiceEntry } from "./entry.ts";
import { nearest } from "./nearest.ts";
import { label, options, unfit } from "./options.ts";
import { servers } from "./kinds/fields.ts";

type Entry = Readonly<Record<string, unknown>>;
type Entries = Readonly<Record<string, unknown>>;

/** All problems of all entries, in the order of the catalog; none means that the entries are what their types say. */
export function findProblems(entries: Entries): string[] {
  const alone = Object.entries(entries).flatMap(([name, entry]) => {
    const problems = isRecord(entry) ? entryProblems(entry) : [unexpected("the entry", entry, "{ server, port, ... }")];
    return [...keyProblems(name), ...problems].map((problem) => `${name}: ${problem}`);
  });
  return [...alone, ...clashes(entries, "port"), ...clashes(entries, "hostname"), ...ownNames(entries)];
}

function entryProblems(entry: Entry): string[] {
  return [
    ...unknownOptions(entry),
    ...missingOptions(entry),
    ...wrongOptions(entry),
    ...serverProblems(entry["server"]),
    ...unfitOptions(entry),
    ...contradictions(entry),
  ];
}

function keyProblems(name: string): string[] {
  if (!label.test(name)) return [unexpected("the key", name, "a DNS label: 1 to 50 of a-z, 0-9 and -")];
  if (!/^[a-z]/.test(name)) return [unexpected("the key", name, "one that begins with a letter")];
  return reserved.has(name) ? [unexpected("the key", name, "one that no part of a deployment has already")] : [];
}

/** Names of what a deployment has besides its services. */
const reserved: ReadonlySet<string> = new Set([
  "docker",
  "networks",
  "nginx-proxy",
  "acme-companion",
  "acme-companion-secrets",
  "cloudflared",
  "cloudflared-secrets",
  "pinned",
]);

/** Names that are made of another entry's: `memory-port` is where memory is reached on this machine. */
function ownNames(entries: Entries): string[] {
  return Object.keys(entries).flatMap((name) => {
    const other = /^(.+)-(?:port|image)$/.exec(name)?.[1];
    if (other === undefined || !Object.hasOwn(entries, other)) return [];
    return [`${name}: ${unexpected("the key", name, `another one: a part of ${other} is called so`)}`];
  });
}

function unknownOptions(entry: Entry): string[] {
  const known = Object.keys(options);
  const unknown = Object.keys(entry).filter((option) => !known.includes(option));
  return unknown.map((option) => {
    const near = nearest(option, known);
    return `unknown option "${option}", expected ${near ? `"${near}"` : `one of ${known.join(", ")}`}`;
  });
}

function missingOptions(entry: Entry): string[] {
  const required = ["server", "port"] as const;
  return required
    .filter((option) => entry[option] === undefined)
    .map((option) => `${option} is missing, expected ${options[option].expected}`);
}

function wrongOptions(entry: Entry): string[] {
  return Object.entries(options).flatMap(([option, { schema, expected }]) => {
    const value = entry[option];
    const result = value === undefined ? undefined : schema.safeParse(value);
    return !result || result.success ? [] : [unexpected(option, value, expected)];
  });
}

function serverProblems(server: unknown): string[] {
  if (!isRecord(server) || !isKind(server["kind"])) return []; // said by wrongOptions
  const kind = server["kind"];
  return Object.entries(servers[kind])
    .filter(([field, { schema }]) => !schema.safeParse(server[field]).success)
    .map(([field, { expected }]) => unexpected(`${kind}() ${field}`, server[field], expected));
}

function unfitOptions(entry: Entry): string[] {
  const kind = isRecord(entry["server"]) ? String(entry["server"]["kind"]) : "";
  const found = (unfit[kind] ?? []).filter((option) => entry[option] !== undefined);
  return found.map((option) => unexpected(option, entry[option], `no such option with ${kind}()`));
}

function contradictions(entry: Entry): string[] {
  const { serial, isolation, env } = entry as Partial<ServiceEntry>;
  const both = isRecord(env) ? secretsOf(entry).filter((secret) => Object.hasOwn(env, secret)) : [];
  return [
    ...(serial === true && isolation !== "shared" ? ['serial is true, expected isolation: "shared" with it'] : []),
    ...both.map((secret) => `${secret} is in env and in secrets, expected in one of them`),
  ];
}

function clashes(entries: Entries, option: "port" | "hostname"): string[] {
  const owners = new Map<unknown, string>();
  return Object.entries(entries).flatMap(([name, entry]) => {
    const value = isRecord(entry) ? (entry[option] ?? (option === "hostname" ? name : undefined)) : undefined;
    const owner = value === undefined ? undefined : owners.get(value);
    if (owner !== undefined) return [`${name}: ${unexpected(option, value, `one that ${owner} does not have`)}`];
    owners.set(value, name);
    return [];
  });
}

const secretsOf = (entry: Entry): string[] =>
  [entry["secrets"], entry["optionalSecrets"]].flatMap((names) => (Array.isArray(names) ? names.map(String) : []));

const unexpected = (what: string, got: unknown, expected: string) => `${what} is ${show(got)}, expected ${expected}`;
const show = (value: unknown) =>
  typeof value === "function" ? "a function" : (JSON.stringify(value) ?? String(value));
const isRecord = (value: unknown): value is Entry =>
  typeof value === "object" && value !== null && !Array.isArray(value);
const isKind = (kind: unknown): kind is keyof typeof servers =>
  typeof kind === "string" && Object.hasOwn(servers, kind);
