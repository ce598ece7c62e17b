/** Writes a new file in a client's format. Names and URLs are data: whatever is in them, a parser reads it back as it was. */
import type { Entry, FileClient, Value } from "./format.ts";

/** By the formats of files. */
export const serialize: Readonly<Record<FileClient["kind"], (document: Entry) => string>> = {
  json,
  jsonc: json,
  toml: (document) => tables(document, []).join("\n\n"),
  yaml: (document) => block(document).join("\n"),
};

function json(document: Entry): string {
  return JSON.stringify(document, null, 2);
}

/** A string in double quotes, which TOML and YAML read as JSON does, but for characters that they want escaped. */
const quoted = (text: string): string =>
  JSON.stringify(text).replaceAll(
    /[\u007f-\u009f\u2028\u2029\ufeff\ufffe\uffff]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );

const isMap = (value: Value): value is Entry => typeof value === "object" && !Array.isArray(value);

/** A table with its keys, and after it the tables in it, each under its own heading. */
function tables(table: Entry, path: readonly string[]): string[] {
  const all = Object.entries(table);
  const lines = all.flatMap(([key, value]) => (isMap(value) ? [] : [`${bareKey(key)} = ${inline(value)}`]));
  const heading = path.length > 0 && lines.length > 0 ? [`[${path.map(bareKey).join(".")}]`] : [];
  const inner = all.flatMap(([key, value]) => (isMap(value) ? tables(value, [...path, key]) : []));
  return lines.length > 0 ? [[...heading, ...lines].join("\n"), ...inner] : inner;
}

const bareKey = (key: string): string => (/^[\w-]+$/.test(key) ? key : quoted(key));

/** Strings, numbers, booleans and lists of them are the same in TOML and in YAML. */
function inline(value: Value): string {
  if (typeof value === "string") return quoted(value);
  return Array.isArray(value) ? `[${value.map(inline).join(", ")}]` : JSON.stringify(value);
}

/** The lines of a map. A list has an item a line if the items are maps. */
function block(map: Entry): string[] {
  return Object.entries(map).flatMap(([key, value]) => {
    if (isMap(value)) return [`${plain(key)}:`, ...block(value).map(indented)];
    if (!Array.isArray(value) || !value.every(isMap)) return [`${plain(key)}: ${inYaml(value)}`];
    return [`${plain(key)}:`, ...value.flatMap((item) => block(item).map(asItem))];
  });
}

const indented = (line: string): string => `  ${line}`;
const asItem = (line: string, index: number): string => `${index === 0 ? "  - " : "    "}${line}`;

const inYaml = (value: Value): string => (typeof value === "string" ? plain(value) : inline(value));

/** Without quotes if it is a word in every version of YAML, and neither a number nor a boolean. */
const plain = (text: string): string =>
  /^[A-Za-z_][\w./-]*$/.test(text) && !/^(true|false|null|yes|no|on|off|y|n)$/i.test(text) ? text : quoted(text);
