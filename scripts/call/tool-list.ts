/** Tools as people read them. */
import { type Cell, renderTable, wrap } from "../kit/table.ts";
import type { Tool } from "../kit/mcp/all-tools.ts";
import { fields, items, words } from "./said.ts";

/**
 * The tools of a service: name, what it does, and its arguments with their types; those that it needs are marked.
 * @param width how many characters a line may have
 */
export function toolLines(tools: readonly Tool[], width: number): string[] {
  if (tools.length === 0) return ["it has no tools"];
  const blocks = tools.map((tool) => one(tool, width));
  const gap = blocks.some((lines) => lines.length > 1) ? [""] : [];
  return blocks.flatMap((lines, index) => [...(index === 0 ? [] : gap), ...lines]);
}

function one({ name, title, description, inputSchema }: Tool, width: number): string[] {
  const about = firstLine(description) ?? words(title);
  const head = renderTable([[{ text: name, style: "bold" }]]);
  return [...head, ...(about === undefined ? [] : wrap(about, "  ", width)), ...argumentLines(inputSchema, width)];
}

function argumentLines(schema: unknown, width: number): string[] {
  const { properties, required } = fields(schema);
  const rows = Object.entries(fields(properties)).map(([name, its]): Cell[] => [
    { text: `    ${name}` },
    { text: typeOf(its), style: "dim" },
    { text: items(required).includes(name) ? "required" : "", style: "yellow" },
    { text: firstLine(fields(its)["description"]) ?? "", style: "dim" },
  ]);
  return rows.length === 0 ? [] : renderTable(rows, width);
}

/** How deep a type is shown: nobody reads more. */
const DEEPEST = 8;

/** A type in a few characters: `string`, `number[]`, `"asc" | "desc"`. */
export function typeOf(schema: unknown, depth = 0): string {
  const { type, items: each, anyOf, oneOf, enum: values, const: value } = fields(schema);
  if (depth > DEEPEST) return "…";
  if (value !== undefined) return shown(value);
  if (items(values).length > 0) return items(values).map(shown).join(" | ");
  const choices = items(anyOf ?? oneOf);
  if (choices.length > 0) return [...new Set(choices.map((choice) => typeOf(choice, depth + 1)))].join(" | ");
  if (type === "array") return `${each === undefined ? "any" : typeOf(each, depth + 1)}[]`;
  return (
    words(type) ??
    (items(type)
      .filter((one) => words(one) !== undefined)
      .join(" | ") ||
      "any")
  );
}

/** A value that a schema names: lists and objects in it say too little for their length. */
const shown = (value: unknown) => (typeof value === "object" && value !== null ? "object" : JSON.stringify(value));

const firstLine = (said: unknown) => words(said)?.trim().split("\n")[0] || undefined;
