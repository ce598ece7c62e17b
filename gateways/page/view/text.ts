/** Texts as a page shows them. */
import { element, type Child, type Element } from "./markup.ts";

/** A number with its word: `counted(1, "tool")` is "1 tool". */
export const counted = (count: number, word: string): string => `${count} ${word}${count === 1 ? "" : "s"}`;

/** A text of at most so many characters, which says that it was cut. */
export const cut = (text: string, most: number): string =>
  text.length <= most ? text : `${text.slice(0, most)}… (${text.length - most} more characters)`;

/** A value as indented JSON of a bounded length. */
export function json(value: unknown, most = 100_000): string {
  try {
    return cut(JSON.stringify(value, undefined, 2) ?? "", most);
  } catch {
    return "(nested too deeply to be shown)"; // writing JSON takes stack for each level, reading it does not
  }
}

/** Lines to copy, with a button that needs the script: without it there is none. It can be scrolled with the keyboard. */
export const copyable = (text: string, what: string): Element =>
  element(
    "div",
    { class: "copyable" },
    element("pre", { tabindex: 0 }, text),
    element("button", { type: "button", class: "copy", "aria-label": `Copy: ${what}` }, "Copy"),
  );

/** What is folded away under a title. */
export const folded = (
  title: Child,
  inside: Child,
  attributes: Record<string, string | boolean | undefined> = {},
): Element => element("details", attributes, element("summary", {}, title), inside);
