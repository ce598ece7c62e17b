/** Fills the `{{places}}` of the text files in this folder. */
import { readFileSync } from "node:fs";
import { shipped } from "../stacks/shipped.ts";

/** What a place is filled with. A list repeats the line that its place is on (at most one list a line). */
export type Value = string | number | readonly (string | number)[];

export type Values = Readonly<Record<string, Value>>;

/**
 * Fills in a template.
 * @param file path below `templates/`, as in "nginx/http.conf"
 * @example render("nginx/http.conf", { trustedNetwork: ["10.0.0.0/8", "127.0.0.1"], rate: [] });
 * @throws Error when a place has no value, or a value has no place or a line break
 */
export function render(file: string, values: Values): string {
  const text = readFileSync(shipped(`templates/${file}`), "utf8");
  checkPlaces(text, values, file);
  return text.replaceAll(/^.*(?:\n|$)/gm, (line) => renderLine(line, values, file));
}

function checkPlaces(text: string, values: Values, file: string): void {
  const places = placesIn(text);
  const missing = places.filter((name) => !Object.hasOwn(values, name));
  if (missing.length > 0) throw new Error(`templates/${file} needs a value for ${missing.join(", ")}`);
  const unused = Object.keys(values).filter((name) => !places.includes(name));
  if (unused.length > 0) throw new Error(`templates/${file} has no place for ${unused.join(", ")}`);
}

/** Repeats a line for every item of its list; fills in a line without a list once. */
function renderLine(line: string, values: Values, file: string): string {
  const list = placesIn(line).find((name) => Array.isArray(values[name]));
  if (list === undefined) return fill(line, values, file);
  return [values[list] ?? []]
    .flat()
    .map((item) => fill(line, { ...values, [list]: item }, file))
    .join("");
}

function fill(line: string, values: Values, file: string): string {
  return line.replaceAll(PLACE, (_, name: string) => {
    const value = String(values[name]);
    // A line break would let a value add lines of its own to the file.
    if (/[\r\n]/.test(value)) throw new Error(`templates/${file}: the value of ${name} has a line break`);
    return value;
  });
}

const placesIn = (text: string): string[] => [...new Set(Array.from(text.matchAll(PLACE), ([, name = ""]) => name))];

const PLACE = /\{\{(\w+)\}\}/g;
