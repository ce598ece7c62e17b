/** Texts that are handed out, with values in their `{{places}}`. */
import { readFileSync } from "node:fs";

/**
 * A template of this folder, filled in.
 * @param file as in "cloud-init/user-data.yaml"
 * @throws Error when a place has no value, or a value no place, or a value has a line break
 */
export function render(file: string, values: Readonly<Record<string, string | number>>): string {
  const unused = new Set(Object.keys(values));
  const text = readFileSync(new URL(file, import.meta.url), "utf8").replaceAll(PLACE, (_, name: string) => {
    unused.delete(name);
    return valueOf(name, values, file);
  });
  if (unused.size > 0) throw new Error(`templates/${file} has no place for ${[...unused].join(", ")}`);
  return text;
}

function valueOf(name: string, values: Readonly<Record<string, string | number>>, file: string): string {
  if (!Object.hasOwn(values, name)) throw new Error(`templates/${file} wants a value for ${name}, and was given none`);
  const value = String(values[name]);
  // It would leave its place, and be read as the template's own lines.
  if (/[\r\n]/.test(value))
    throw new Error(`templates/${file}: the value of ${name} has a line break, expected one line`);
  return value;
}

const PLACE = /\{\{(\w+)\}\}/g;
