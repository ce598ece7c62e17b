/** The arguments of a call, from the words on the command line. */
import { didYouMean } from "../../gateways/config/nearest.ts";
import { WrongUse } from "../kit/arguments.ts";
import type { Tool } from "../kit/mcp/all-tools.ts";
import { fields, items } from "./said.ts";
import { typeOf } from "./tool-list.ts";

/**
 * One JSON object, or `name=value` words. A value is text where the tool wants text, and else JSON: `a=2`, `tags='["x"]'`.
 * @throws WrongUse that names the place of a mistake, or what is missing
 */
export function argumentsFrom(words: readonly string[], tool: Tool): Record<string, unknown> {
  const [first = ""] = words;
  const isJson = words.length === 1 && /^\s*[[{"]/.test(first);
  const given = isJson ? objectIn(first) : fromPairs(words, tool);
  const { required, properties } = schemaOf(tool);
  const missing = required.filter((name) => !Object.hasOwn(given, name));
  if (missing.length === 0) return given;
  const unknown = Object.keys(given).filter((name) => !Object.hasOwn(properties, name));
  const lines = missing.map((name) => {
    const meant = unknown.find((other) => didYouMean(other, missing).includes(` ${name}?`));
    return `  ${name} (${typeOf(properties[name])})${meant === undefined ? "" : `: did you mean it by ${meant}?`}`;
  });
  throw new WrongUse(
    `${tool.name} needs ${missing.length > 1 ? "these arguments" : "this argument"}:\n${lines.join("\n")}`,
  );
}

function objectIn(text: string): Record<string, unknown> {
  const value = parsed(text);
  if (typeof value === "object" && value !== null && !Array.isArray(value)) return value as Record<string, unknown>;
  throw new WrongUse(`the arguments are ${text.trim().slice(0, 60)}, expected a JSON object: '{"name": "value"}'`);
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new WrongUse(notJson(text, (error as Error).message));
  }
}

/** What is wrong with a text that is not JSON, with a mark below the place where it is. */
export function notJson(text: string, message: string): string {
  const at = placeOf(text, message);
  const before = text.slice(0, at);
  const start = before.lastIndexOf("\n") + 1;
  const [line = ""] = text.slice(start).split("\n");
  const from = Math.max(0, at - start - 50);
  const mark = `${" ".repeat(at - start - from)}^`;
  const what = message.replace(/,? (in JSON|".*?" is not valid JSON|\.\.\.).*$/s, "").replace(/ \(line .*$/, "");
  return `the arguments are not JSON: ${what}\n  ${line.slice(from, from + 70)}\n  ${mark}\nQuote them as a whole: '{"name": "value"}', or write name=value`;
}

/** V8 names the position of most mistakes. Of the others, it is where the text cannot be continued any more. */
function placeOf(text: string, message: string): number {
  const position = positionIn(message);
  if (position !== undefined) return position;
  const looked = text.slice(0, 2_000);
  for (let end = 1; end <= looked.length; end++) if (isBroken(looked.slice(0, end))) return end - 1;
  return looked.length;
}

/** Whether a text is not JSON, whatever may follow it. */
function isBroken(start: string): boolean {
  try {
    JSON.parse(start);
    return false;
  } catch (error) {
    const { message } = error as Error;
    return !/end of JSON|Unterminated/.test(message) && positionIn(message) !== start.length;
  }
}

function positionIn(message: string): number | undefined {
  const [, position] = /position (\d+)/.exec(message) ?? [];
  return position === undefined ? undefined : Number(position);
}

function schemaOf({ inputSchema }: Tool) {
  const { required, properties } = fields(inputSchema);
  const names = items(required).filter((name) => typeof name === "string");
  return { required: names, properties: fields(properties) };
}

function fromPairs(words: readonly string[], tool: Tool): Record<string, unknown> {
  const { properties } = schemaOf(tool);
  const pairs = words.map((word) => pair(word, properties));
  const again = pairs.find(([name], at) => pairs.findIndex(([other]) => other === name) < at);
  if (again !== undefined)
    throw new WrongUse(`${again[0]} is given twice, expected once (a list is written ${again[0]}='[1, 2]')`);
  return Object.fromEntries(pairs);
}

function pair(word: string, properties: Readonly<Record<string, unknown>>): [string, unknown] {
  const [, name, value = ""] = /^([\w.-]+)=(.*)$/s.exec(word) ?? [];
  if (name === undefined) throw new WrongUse(`got ${word}, expected '{"name": "value"}' or name=value`);
  const read = valueOf(value, properties[name]);
  if (typeof read === "number" && isChanged(value, read))
    throw new WrongUse(`${name}: ${value} is more than a number here can hold: write it as text, ${name}='"${value}"'`);
  return [name, read];
}

function valueOf(text: string, schema: unknown): unknown {
  if (fields(schema)["type"] === "string") return text;
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return text;
  }
}

/** Whether the server would get another number than was typed, such as the nearest one to a long id. */
const isChanged = (text: string, value: number) =>
  !Number.isFinite(value) || (/^-?\d+$/.test(text) && !Number.isSafeInteger(value));
