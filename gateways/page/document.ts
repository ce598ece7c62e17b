/** A page as a whole: one document that loads nothing, with the only style and the only script that it may have. */
import { createHash } from "node:crypto";
import { SCRIPT, STYLE } from "./built.ts";
import type { Visitor } from "./status.ts";
import { element, htmlOf, type Child } from "./view/markup.ts";

/** One page. */
export interface Page {
  readonly title: string;
  readonly body: Child;
  /** The way from here to where `_/status` is, such as `./`; relative, so that any prefix of a proxy works. */
  readonly base: string;
  /** Whoever looks at it, who may change something. @default nobody may */
  readonly visitor?: Visitor;
  /** Seconds after which a browser without scripts loads it again. @default never */
  readonly reload?: number | undefined;
}

const hashed = (text: string) => `'sha256-${createHash("sha256").update(text).digest("base64")}'`;

/** What a browser lets the page do: nothing but its own script and style, and what the tools show. */
export const POLICY = [
  "default-src 'none'",
  `script-src ${hashed(SCRIPT)}`,
  `style-src ${hashed(STYLE)}`,
  "connect-src 'self'",
  "img-src data:",
  "media-src data:",
  "form-action 'self'",
  "base-uri 'none'",
  "frame-ancestors 'none'",
].join("; ");

/** A page that brings its own icon is not asked for one. */
const ICON =
  "data:image/svg+xml,%3Csvg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 16 16'%3E%3Crect width='16' height='16' rx='4' fill='%232754c5'/%3E%3Cpath d='M3.5 8h9M9 4.5 12.5 8 9 11.5' stroke='%23fff' stroke-width='1.6' fill='none'/%3E%3C/svg%3E";

/** The page as HTML. The script comes last: the page is there before it runs. */
export function documentOf({ title, body, base, visitor, reload }: Page): string {
  const head = element(
    "head",
    {},
    element("meta", { charset: "utf-8" }),
    element("meta", { name: "viewport", content: "width=device-width, initial-scale=1" }),
    element("link", { rel: "icon", href: ICON }),
    element("title", {}, title),
  );
  const refresh = reload === undefined ? "" : `<noscript><meta http-equiv="refresh" content="${reload}"></noscript>`;
  const root = htmlOf(element("html", { lang: "en", "data-base": base, "data-csrf": visitor?.csrf })).replace(
    /<\/html>$/,
    "",
  );
  const styled = htmlOf(head).replace(/<\/head>$/, () => `${refresh}<style>${STYLE}</style></head>`);
  return `<!doctype html>${root}${styled}<body>${htmlOf(body)}<script type="module">${SCRIPT}</script></body></html>\n`;
}
