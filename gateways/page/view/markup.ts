/**
 * A page as data: elements and text. The server writes it as HTML and the browser makes nodes of it, so both draw the same
 * page from one description, and what somebody else says can only ever be text.
 */

/** An element. Its children never hold two texts in a row or an empty one, as in a parsed document. */
export interface Element {
  readonly tag: string;
  readonly attributes: Readonly<Record<string, string>>;
  readonly children: readonly Markup[];
}

export type Markup = Element | string;

/** What may stand where a child is expected; nothing is drawn for undefined. */
export type Child = Markup | undefined | readonly Child[];

/** Attributes; one that is undefined or false is left out, and true is one without a value. */
export type Attributes = Readonly<Record<string, string | number | boolean | undefined>>;

/** An element. The name comes first, as in `element("p", { class: "note" }, "text")`. */
export const element = (tag: string, attributes: Attributes = {}, ...children: readonly Child[]): Element => ({
  tag,
  attributes: Object.fromEntries(
    Object.entries(attributes).flatMap(([name, value]) =>
      value === undefined || value === false ? [] : [[name, value === true ? "" : String(value)]],
    ),
  ),
  children: joined(children),
});

/** An element whose inside belongs to whoever made it: `patch` (browser/dom.ts) leaves it alone. */
export const kept = (tag: string, attributes: Attributes = {}, ...children: readonly Child[]): Element =>
  element(tag, { ...attributes, "data-kept": true }, ...children);

function joined(children: readonly Child[]): Markup[] {
  const all: Markup[] = [];
  for (const child of flat(children)) {
    if (child === "") continue;
    const last = all.at(-1);
    if (typeof child === "string" && typeof last === "string") all[all.length - 1] = last + child;
    else all.push(child);
  }
  return all;
}

/** The children in one list. */
export const flat = (children: readonly Child[]): Markup[] =>
  children.flatMap((child) => (child === undefined ? [] : isList(child) ? flat(child) : [child]));

/** Elements that never have an end tag. */
const VOID = new Set(["img", "input", "br", "meta", "link", "hr"]);

/** The markup as HTML. No white space is added: between elements it would become nodes. */
export function htmlOf(markup: Child): string {
  if (markup === undefined) return "";
  if (typeof markup === "string") return markup.replace(/[&<>]/g, escaped);
  if (isList(markup)) return markup.map(htmlOf).join("");
  const { tag, attributes, children } = markup;
  const written = Object.entries(attributes).map(
    ([name, value]) => ` ${name}${value === "" ? "" : `="${value.replace(/[&<>"]/g, escaped)}"`}`,
  );
  const start = `<${tag}${written.join("")}>`;
  if (VOID.has(tag)) return start;
  const inside = children.map(htmlOf).join("");
  // A parser drops the first line break of these (HTML, section 13.2.6.4.7).
  return `${start}${/^(pre|textarea)$/.test(tag) ? inside.replace(/^\n/, "\n\n") : inside}</${tag}>`;
}

const isList = (markup: Child): markup is readonly Child[] => Array.isArray(markup);

const ESCAPES: Record<string, string> = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;" };

const escaped = (char: string): string => ESCAPES[char]!;
