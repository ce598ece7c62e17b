/** A JSON value as a tree that opens and closes. */
import { element, type Child, type Element } from "./markup.ts";
import { counted, cut, json } from "./text.ts";

/** What is deeper is written as JSON text. */
const DEPTH = 12;
/** Values that are drawn at most: a page with more would be slow. */
const VALUES = 2_000;
/** Characters of one text. */
const TEXT = 10_000;

/** The value as a list of names and values, of which the outer ones are open. */
export function jsonTree(value: unknown): Element {
  const left = { values: VALUES };
  return element("div", { class: "tree" }, valueOf(value, 0, left));
}

function valueOf(value: unknown, depth: number, left: { values: number }): Child {
  if (left.values-- <= 0) return element("span", { class: "muted" }, "…");
  if (typeof value !== "object" || value === null) return scalar(value);
  if (depth >= DEPTH) return element("code", {}, cut(json(value), TEXT));
  const entries = Object.entries(value);
  const count = counted(entries.length, Array.isArray(value) ? "item" : "field");
  const shown = entries.slice(0, Math.max(0, left.values));
  const rows = shown.map(([name, inner]) => row(name, inner, depth, left));
  const more = entries.length - shown.length;
  return element(
    "details",
    { open: depth < 2 },
    element("summary", {}, count),
    element("ul", {}, rows, more > 0 ? element("li", { class: "muted" }, `${more} more`) : undefined),
  );
}

const row = (name: string, value: unknown, depth: number, left: { values: number }): Element =>
  element("li", {}, element("span", { class: "name" }, name), " ", valueOf(value, depth + 1, left));

const scalar = (value: unknown): Element =>
  element(
    "code",
    { class: value === null ? "null" : typeof value },
    typeof value === "string" ? cut(value, TEXT) : String(value),
  );
