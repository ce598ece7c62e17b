/** Puts an entry into the text of a client's file, and takes it out again: in any language, and with a check of the result. */
import { isDeepStrictEqual } from "node:util";
import type { Entry, Value } from "../../../templates/clients/format.ts";
import { isMap, named, type Path, type Syntax } from "./syntax.ts";

/** The byte order mark. */
const MARK = "\uFEFF";

/**
 * With the entry at the path. One that is there already is changed in place: what a person has added to it stays, unless it
 * says in another way how the server is reached. The same text again, if nothing is to do.
 * @throws Unreadable when the text cannot be parsed; Error when nothing else may change, and something would
 */
export function setEntry(syntax: Syntax, text: string, path: Path, value: Entry): string {
  return checked(syntax, text, path, (body) => {
    const wanted = undecided(value, syntax.read(body, path));
    return merge(syntax, withoutOtherWays(syntax, body, path, value), path, wanted);
  });
}

/** Without the entry at the path. The same text again, if there is none. @throws as `setEntry` */
export function removeEntry(syntax: Syntax, text: string, path: Path): string {
  return checked(syntax, text, path, (body) => syntax.take(body, path));
}

/** The keys that say how a server is reached, in all clients. */
const ways =
  "type transport command cmd args env cwd url uri serverUrl httpUrl baseUrl bearer_token bearer_token_env_var".split(
    " ",
  );

/** What is at the path; undefined = nothing. @throws Unreadable */
export const readEntry = (syntax: Syntax, text: string, path: Path): unknown => syntax.read(bodyOf(text), path);

const bodyOf = (text: string) => (text.startsWith(MARK) ? text.slice(MARK.length) : text);

/** What we write for a new entry, and a person then decides. */
const choices = ["disabled", "enabled", "timeout", "tools", "autoApprove", "alwaysAllow"];

/** Without what is decided already. */
function undecided(value: Entry, there: unknown): Entry {
  if (!isMap(there)) return value;
  return Object.fromEntries(
    Object.entries(value).filter(([key]) => !choices.includes(key) || !Object.hasOwn(there, key)),
  );
}

function withoutOtherWays(syntax: Syntax, text: string, path: Path, value: Entry): string {
  const there = syntax.read(text, path);
  if (!isMap(there)) return text;
  const others = ways.filter((key) => Object.hasOwn(there, key) && !Object.hasOwn(value, key));
  return others.reduce((rest, key) => syntax.take(rest, [...path, key]), text);
}

/** Maps are merged, all else is put in the place of what is there. */
function merge(syntax: Syntax, text: string, path: Path, value: Value): string {
  const there = syntax.read(text, path);
  if (isSame(there, value)) return text;
  if (!isMap(there) || !isMap(value)) return syntax.put(text, path, value);
  return Object.entries(value).reduce((rest, [key, member]) => {
    const twins = Object.keys(there).filter((other) => other !== key && other.toLowerCase() === key.toLowerCase());
    const alone = twins.reduce((rest, twin) => syntax.take(rest, [...path, twin]), rest);
    return merge(syntax, alone, [...path, key], member);
  }, text);
}

/** Whatever the prototypes are that the parsers give their maps. */
const isSame = (there: unknown, value: Value) =>
  there !== undefined && JSON.stringify(there, bigints) === JSON.stringify(value);

const bigints = (_key: string, value: unknown) => (typeof value === "bigint" ? `${value}` : value);

/** Edits what follows the byte order mark. @throws Error when more than what is at the path has changed */
function checked(syntax: Syntax, text: string, path: Path, edit: (body: string) => string): string {
  const body = bodyOf(text);
  const edited = edit(body);
  if (edited === body) return text;
  if (!isDeepStrictEqual(without(syntax.read(body, []), path), without(syntax.read(edited, []), path)))
    throw new Error(`${named(path)} is written in a way that only a person can change`);
  return text.slice(0, text.length - body.length) + edited;
}

/** What a file says, without what is at the path, and without what is empty on the way to it. */
function without(there: unknown, [step, ...rest]: Path): unknown {
  if (step === undefined) return undefined;
  if (Array.isArray(there) && typeof step !== "string")
    return full(there.flatMap((item) => (item?.[step.by] === step.is ? [] : [item])));
  if (!isMap(there) || typeof step !== "string") return there ?? undefined;
  const { [step]: child, ...others } = there;
  const left = without(child, rest);
  return full(left === undefined ? others : { ...others, [step]: left });
}

/** undefined for what is empty. */
const full = <T extends object>(value: T): T | undefined => (Object.keys(value).length > 0 ? value : undefined);
