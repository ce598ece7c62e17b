/** The command line of a verb: its flags, and the names beside them. */
import { parseArgs } from "node:util";
import { nearest } from "../../gateways/config/nearest.ts";

/** Each flag by its name, without the dashes: whether it takes a value. `--help` is always there. */
export type Flags = Readonly<Record<string, "boolean" | "string">>;

/** The flags that were given, by their names. */
export type Values<F extends Flags> = {
  readonly [Name in keyof F]?: (F[Name] extends "boolean" ? boolean : string) | undefined;
};

/** What a person typed. */
export interface Arguments<F extends Flags> {
  readonly help: boolean;
  readonly values: Values<F>;
  readonly names: readonly string[];
}

/** A mistake in the command line. */
export class WrongUse extends Error {}

/** The one service that a verb is about. @param verb for the example in the error @throws WrongUse for none, or several */
export function oneService([name, ...more]: readonly string[], verb: string): string {
  if (name !== undefined && more.length === 0) return name;
  throw new WrongUse(`which service? As in: npx gangway ${verb} memory`);
}

/** What else may stand on the command line. */
export interface Taken {
  /** Whether names may stand beside the flags. @default true */
  readonly takesNames?: boolean | undefined;
  /** Flags that are refused for a reason: each by its name. @default none */
  readonly refuses?: Readonly<Record<string, string>> | undefined;
}

/** Flags and names in any order; after `--` there are only names. @throws WrongUse */
export function parseArguments<const F extends Flags>(
  argv: readonly string[],
  flags: F,
  { takesNames = true, refuses = {} }: Taken = {},
): Arguments<F> {
  const all: Flags = { ...flags, help: "boolean" };
  const options = Object.fromEntries(Object.entries(all).map(([name, type]) => [name, { type }]));
  const { tokens } = parseArgs({
    args: withIdsLast(
      argv.map((word) => (word === "-h" ? "--help" : word)),
      all,
    ),
    options,
    strict: false,
    tokens: true,
  });
  const values: Record<string, boolean | string> = {};
  const names: string[] = [];
  for (const token of tokens) {
    if (token.kind === "positional") names.push(nameOf(token.value));
    else if (token.kind === "option")
      values[token.name] = once(token, values[token.name], valueOf(token, all, refuses));
  }
  const { help = false, ...given } = values;
  if (names.length > 0 && !takesNames && help !== true) throw new WrongUse(`got ${names[0]}, expected no names here`);
  return { help: help === true, values: given as Values<F>, names };
}

/** An id that was made at random, as base64url: one of 64 begins with a dash, and is no flag for that. */
const isId = (word: string) => /^-[\w-]{20,}$/.test(word) && !/^--[a-z]+(-[a-z]+)*(=|$)/.test(word);

/** Behind `--`, where such an id is a name; as the value of a flag it stays with that. */
function withIdsLast(argv: readonly string[], flags: Flags): string[] {
  const end = argv.indexOf("--");
  const [before, after] = end < 0 ? [argv, []] : [argv.slice(0, end), argv.slice(end + 1)];
  const isValue = (index: number) => flags[before[index - 1]?.replace(/^--/, "") ?? ""] === "string";
  const ids = before.filter((word, index) => isId(word) && !isValue(index));
  return [...before.filter((word) => !ids.includes(word)), "--", ...ids, ...after];
}

/** A name that is empty is a variable of the shell that is not set; it does not stand for all of them. */
function nameOf(word: string): string {
  if (word.trim() === "") throw new WrongUse('got "", expected a name');
  return word;
}

/** Of two values for a flag, neither is overlooked. */
function once({ rawName }: Given, before: boolean | string | undefined, value: boolean | string): boolean | string {
  if (before === undefined || before === value) return value;
  throw new WrongUse(`${rawName}: got ${String(before)} and ${String(value)}, expected one of them`);
}

interface Given {
  readonly name: string;
  readonly rawName: string;
  readonly value: string | undefined;
}

function valueOf({ name, rawName, value }: Given, flags: Flags, refuses: Taken["refuses"] = {}): boolean | string {
  const type = Object.hasOwn(flags, name) ? flags[name] : undefined;
  if (Object.hasOwn(refuses, name)) throw new WrongUse(`${rawName}: ${refuses[name]}`);
  if (type === undefined) throw unknownFlag(rawName, Object.keys(flags));
  if (type === "boolean") {
    if (value !== undefined) throw new WrongUse(`${rawName}: got ${value}, expected no value`);
    return true;
  }
  // A flag where a value is expected is a forgotten value.
  if (value === undefined || value === "" || value.startsWith("--")) throw new WrongUse(`${rawName}: expected a value`);
  return value;
}

function unknownFlag(written: string, known: readonly string[]): WrongUse {
  const meant = nearest(written.replace(/^-+/, ""), known);
  const hint =
    meant === undefined ? `There are: ${known.map((name) => `--${name}`).join(", ")}` : `Did you mean --${meant}?`;
  return new WrongUse(`${written} is not a flag. ${hint}`);
}
