/** The changes of tools as a person reads them before he says yes. */
import { styleText } from "node:util";
import { printable } from "../../gateways/printable.ts";
import { diffLines } from "../kit/diff.ts";
import { wrap } from "../kit/table.ts";
import { type Differing, type Part, PARTS, type ToolChange } from "./tool-changes.ts";
import type { Tool } from "../kit/mcp/all-tools.ts";

/** Characters of a line of a description. */
const WIDTH = 96;

/** Every change, with the texts that a model would read. */
export function changeLines(changes: readonly ToolChange[]): string[] {
  if (changes.length === 0) return ["its tools are the same"];
  return [...changes.flatMap(oneChange), ...warningFor(changes)];
}

/** What a review found, with the whole of each tool: what it was before is not known, only that it was another. */
export function reviewLines({ added, changed, removed }: Differing, isFirst: boolean): string[] {
  return [
    ...changed.flatMap(whole("changed since it was reviewed:")),
    ...added.flatMap(whole(isFirst ? "" : "new:")),
    ...removed.map((name) => heading("-", `gone: ${printable(name)}`)),
  ];
}

const whole = (title: string) => (tool: Tool) => [
  "",
  heading("+", `${title} ${printable(tool.name)}`),
  ...toolText(tool),
];

/** Changed words are what a "rug pull" is made of: a server that was fine when it was chosen. */
function warningFor(changes: readonly ToolChange[]): string[] {
  const names = changes.flatMap((one) =>
    one.is === "changed" && one.parts.some((part) => part !== "outputSchema") ? [printable(one.after.name)] : [],
  );
  if (names.length === 0) return [];
  const what = names.length === 1 ? `${names[0]} has` : `${names.join(", ")} have`;
  return [
    "",
    ...wrap(
      `${what} changed. A model follows what a description or a schema says, so a changed one can make it leak or destroy something (a "rug pull"). Read the lines above before you say yes.`,
    ).map((line) => styleText("yellow", line)),
  ];
}

function oneChange(change: ToolChange): string[] {
  switch (change.is) {
    case "removed":
      return ["", heading("-", `removed: ${printable(change.name)}`)];
    case "added":
      return ["", heading("+", `added: ${printable(change.after.name)}`), ...toolText(change.after)];
    case "changed":
      return ["", ...change.parts.flatMap((part) => partLines(change, part))];
  }
}

const partLines = ({ before, after }: Extract<ToolChange, { is: "changed" }>, part: Part): string[] =>
  diffLines(`~ changed: ${after.name}, its ${WORDS[part]}`, textOf(before[part]), textOf(after[part]));

const WORDS: Readonly<Record<Part, string>> = {
  title: "title",
  description: "description",
  inputSchema: "arguments (inputSchema)",
  outputSchema: "results (outputSchema)",
  annotations: "annotations",
};

const toolText = (tool: Tool): string[] =>
  PARTS.filter((part) => tool[part] !== undefined).flatMap((part) =>
    textOf(tool[part])
      .split("\n")
      .map((line) => `    ${printable(line)}`),
  );

/** A text as it is, anything else as JSON with sorted keys; in short lines, so that a changed word shows, and with nothing invisible in it. */
function textOf(value: unknown): string {
  if (value === undefined) return "";
  const text = typeof value === "string" ? value : JSON.stringify(value, inOrder, 2);
  return text
    .split(/\r?\n/)
    .flatMap((line) => visible(line).match(LINE) ?? [""])
    .join("\n");
}

/** Keys in one order: what was only moved has not changed. */
const inOrder = (_: string, value: unknown): unknown =>
  typeof value === "object" && value !== null && !Array.isArray(value)
    ? Object.fromEntries(Object.entries(value).toSorted(([a], [b]) => (a < b ? -1 : 1)))
    : value;

/** Up to so many characters, to the end of a word where there is one. */
const LINE = new RegExp(String.raw`.{1,${WIDTH}}(?:\s|$)|.{${WIDTH}}`, "gu");

/** What a terminal does not show, a model reads all the same: it is written as `\u{200b}`. */
const visible = (text: string) =>
  text.replace(/[\p{Cc}\p{Cf}\p{Co}\p{Cs}\p{Cn}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}]/gu, (hidden) =>
    hidden === "\t" ? "  " : String.raw`\u{${hidden.codePointAt(0)!.toString(16)}}`,
  );

const heading = (mark: "+" | "-", text: string) => styleText(mark === "+" ? "green" : "red", `${mark} ${text.trim()}`);
