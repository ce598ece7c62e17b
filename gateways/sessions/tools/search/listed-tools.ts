/** The tools behind a search, read from the pages of `tools/list`. Nothing is kept, so a change counts at once. */
import { setImmediate as turn } from "node:timers/promises";
import { GatewayError } from "../../../errors.ts";
import { eachElement, stringAt } from "../../../json/scan.ts";
import { find, stringIn, type Message } from "../../../jsonrpc.ts";
import type { Findable } from "./ranking.ts";

/** A tool as it is listed. */
export interface ListedTool extends Findable {
  /** Its JSON as the server wrote it, one character a byte. */
  readonly text: string;
}

/** How many tools of a list are read, over how many pages, and at how many of them others have a turn. */
export const MOST_TOOLS = 10_000;
const MOST_PAGES = 100;
const AT_ONCE = 500;
/** And how many bytes, in whole pages. */
const MOST_BYTES = 64 * 1024 * 1024;
/** How many characters of a title and a description are of use. */
const LONGEST_TEXT = 2_000;
/** No model calls a tool by a longer name. */
const LONGEST_NAME = 256;

/** Asks for a page. @param cursor as JSON text; undefined = the first page */
export type ListPage = (cursor: string | undefined) => Promise<Message>;

/**
 * Reads tools until it has seen all of them, or enough.
 * @param visit returns whether to go on
 * @returns whether it has seen all that it was to see
 * @throws GatewayError when a page cannot be had
 */
export async function eachTool(listPage: ListPage, visit: (tool: ListedTool) => boolean): Promise<boolean> {
  let cursor: string | undefined;
  let left = MOST_TOOLS;
  let bytes = 0;
  for (let pages = 0; pages < MOST_PAGES; pages++) {
    const page = await listPage(cursor);
    const tools = toolsIn(page, left);
    for (const [at, tool] of tools.spans.entries()) {
      if (at % AT_ONCE === AT_ONCE - 1) await turn();
      const listed = toolAt(page.text, tool);
      if (listed.name !== "" && listed.name.length <= LONGEST_NAME && !visit(listed)) return true;
    }
    bytes += page.text.length;
    if (tools.more || bytes > MOST_BYTES) return false;
    left -= tools.spans.length;
    cursor = cursorIn(page);
    if (cursor === undefined) return true;
  }
  return false;
}

type Span = readonly [start: number, end: number];

/** Where the tools of a page are. @param most how many of them */
function toolsIn({ text, result, error }: Message, most: number): { readonly spans: Span[]; readonly more: boolean } {
  const spans: Span[] = [];
  let more = false;
  const list = find(text, result, "tools");
  if (!list)
    throw new GatewayError("tools-not-listed", { reason: stringIn(text, error, "message") ?? "it sent no list" });
  eachElement(text, list.start, (start, end) => {
    if (spans.length < most) spans.push([start, end]);
    else more = true;
  });
  return { spans, more };
}

function toolAt(text: string, [start, end]: Span): ListedTool {
  const written = text.slice(start, end);
  const [name, title, description] = ["name", "title", "description"].map((key) => textIn(written, key));
  return {
    name: name!,
    title: title!.slice(0, LONGEST_TEXT),
    description: description!.slice(0, LONGEST_TEXT),
    text: written,
  };
}

/** "" when there is none: what hostile servers list must not end the search. */
function textIn(object: string, key: string): string {
  const span = find(object, 0, key);
  return span ? stringAt(object, span.start, span.end) : "";
}

function cursorIn({ text, result }: Message): string | undefined {
  const span = find(text, result, "nextCursor");
  return span && text[span.start] === '"' ? text.slice(span.start, span.end) : undefined;
}
