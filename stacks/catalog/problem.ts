/** How a problem of the catalog is told. */

/** An entry, before anybody has checked it. */
export type Entry = Readonly<Record<string, unknown>>;

/** A catalog, before anybody has checked it. */
export type Entries = Readonly<Record<string, unknown>>;

/** "port is 8.5, expected a whole number from 1 to 65535". */
export const unexpected = (what: string, got: unknown, expected: string): string =>
  `${what} is ${show(got)}, expected ${expected}`;

const show = (value: unknown) =>
  typeof value === "function" ? "a function" : (JSON.stringify(value) ?? String(value));

export const isRecord = (value: unknown): value is Entry =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/** Names of all secrets of an entry. */
export const secretsOf = (entry: Entry): string[] =>
  [entry["secrets"], entry["optionalSecrets"]].flatMap((names) => (Array.isArray(names) ? names.map(String) : []));
