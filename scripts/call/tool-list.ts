/** Tools as people read them. */
import { type Cell, renderTable, wrap } from "../kit/table.ts";
import type { Schema, Tool } from "./endpoint.ts";

/** The tools of a service: name, what it does, and its arguments with their types; those that it needs are marked. */
export function toolLines(tools: readonly Tool[]): string[] {
  if (tools.length === 0) return ["it has no tools"];
  const blocks = tools.map(one);
  const gap = blocks.some((lines) => lines.length > 1) ? [""] : [];
  return blocks.flatMap((lines, index) => [...(index === 0 ? [] : gap), ...lines]);
}

function one({ name, title, description, inputSchema }: Tool): string[] {
  const about = firstLine(description) ?? title;
  const head = renderTable([[{ text: name, style: "bold" }]]);
  return [...head, ...(about === undefined ? [] : wrap(about, "  ")), ...argumentLines(inputSchema ?? {})];
}

function argumentLines({ properties = {}, required = [] }: Schema): string[] {
  const rows = Object.entries(properties).map(([name, schema]): Cell[] => [
    { text: `    ${name}` },
    { text: typeOf(schema), style: "dim" },
    { text: required.includes(name) ? "required" : "", style: "yellow" },
    { text: clipped(firstLine(schema.description) ?? ""), style: "dim" },
  ]);
  return rows.length === 0 ? [] : renderTable(rows);
}

/** A type in a few characters: `string`, `number[]`, `"asc" | "desc"`. */
export function typeOf(schema: Schema): string {
  const { type, items, anyOf, oneOf } = schema;
  if (schema.const !== undefined) return JSON.stringify(schema.const);
  if (schema.enum) return clipped(schema.enum.map((value) => JSON.stringify(value)).join(" | "));
  if (anyOf ?? oneOf) return [...new Set((anyOf ?? oneOf ?? []).map(typeOf))].join(" | ");
  if (type === "array") return `${items ? typeOf(items) : "any"}[]`;
  if (type === undefined) return "any";
  return typeof type === "string" ? type : type.join(" | ");
}

const firstLine = (text: string | undefined) => text?.trim().split("\n")[0] || undefined;

/** A cell must leave room for the others. */
const clipped = (text: string) => (text.length > 60 ? `${text.slice(0, 59)}…` : text);
