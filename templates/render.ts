/** The one renderer of everything under templates/. */
import { readFileSync } from "node:fs";

/**
 * The text of a template with every `{{name}}` filled in.
 * @param path below templates/
 * @throws Error for a name that has no value, and for a value that no name asks for
 */
export function render(path: string, values: Readonly<Record<string, string>>): string {
  const unused = new Set(Object.keys(values));
  const text = readFileSync(new URL(path, import.meta.url), "utf8").replaceAll(/\{\{(\w+)\}\}/g, (_, name: string) => {
    const value = values[name];
    if (value === undefined) throw new Error(`templates/${path} asks for ${name}, which has no value`);
    unused.delete(name);
    return value;
  });
  if (unused.size > 0) throw new Error(`templates/${path} does not ask for ${[...unused].join(", ")}`);
  return text;
}
