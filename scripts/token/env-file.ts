/** Changes one variable of a dotenv file, and nothing else in it: not its other lines, comments and rights. */
import { chmodSync, readFileSync, realpathSync, renameSync, statSync, writeFileSync } from "node:fs";
import { isDeepStrictEqual, parseEnv } from "node:util";

/** An assignment: what is before the value, and the value with its quotes. */
const ASSIGNMENT = (name: string) =>
  new RegExp(
    `^([ \\t]*(?:export[ \\t]+)?${name}[ \\t]*=[ \\t]*)("[^"]*"|'[^']*'|\`[^\`]*\`|[^#\\r\\n]*[^#\\s]|)`,
    "gm",
  );

/**
 * The text with another value of the variable, in the place that counts: the last one, unless that is text in another value.
 * @param value may have several lines, and no single quote
 * @throws Error when nothing else may change, and something would
 */
export function withVariable(text: string, name: string, value: string): string {
  const places = [...text.matchAll(ASSIGNMENT(name))].toReversed();
  if (places.length === 0) throw new Error(`there is no ${name} in it`);
  const written = value.includes("\n") ? `'${value}'` : value;
  const expected = { ...parseEnv(text), [name]: value };
  for (const { 0: whole, 1: before = "", index } of places) {
    const changed = `${text.slice(0, index)}${before}${written}${text.slice(index + whole.length)}`;
    if (isDeepStrictEqual({ ...parseEnv(changed) }, expected)) return changed;
  }
  throw new Error(`${name} is written in a way that only a person can change`);
}

/** Writes a file anew, so that nobody reads half of it; its rights stay, and a link to it stays one. */
export function replaceFile(file: string, text: string): void {
  const target = realpathSync(file);
  const fresh = `${target}.new`;
  writeFileSync(fresh, text, { mode: 0o600 });
  chmodSync(fresh, statSync(target).mode & 0o777);
  renameSync(fresh, target);
}

/** @throws Error that says which file */
export function changeVariable(file: string, name: string, value: string): void {
  try {
    replaceFile(file, withVariable(readFileSync(file, "utf8"), name, value));
  } catch (error) {
    throw new Error(`${file} was not changed: ${(error as Error).message}`, { cause: error });
  }
}
