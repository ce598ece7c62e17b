/** A page as a whole: one document that loads nothing and runs nothing. */
import { logo } from "../../gateways/page/view/frame.ts";
import { element, htmlOf, type Child } from "../../gateways/page/view/markup.ts";
import { STYLE, STYLE_SOURCE } from "./style.ts";

/** One page. */
export interface Page {
  readonly title: string;
  readonly content: Child;
  /** Where its forms may lead besides here, also by redirects: sources of a policy (form-targets.ts). @default nowhere */
  readonly formTargets?: readonly string[];
}

/** A page as it is sent. */
export interface Sent {
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/**
 * The page as HTML, with the headers that keep it from being framed, kept, or told of to others. There is no
 * Cross-Origin-Opener-Policy: clients open the login in a window of their own, and wait for what it tells them in the end.
 */
export const sent = (page: Page): Sent => ({ headers: headersOf(page), body: htmlOfPage(page) });

const headersOf = ({ formTargets = [] }: Page) => ({
  "content-type": "text/html; charset=utf-8",
  "content-security-policy": [
    "default-src 'none'",
    `style-src ${STYLE_SOURCE}`,
    "img-src data:",
    ["form-action 'self'", ...formTargets].join(" "),
    "base-uri 'none'",
    "frame-ancestors 'none'",
  ].join("; "),
  "x-frame-options": "DENY",
  "x-content-type-options": "nosniff",
  // Not no-referrer: forms would come with the Origin null (Fetch, section 3.2), and could not be told from forged ones.
  "referrer-policy": "same-origin",
  "cache-control": "no-store",
});

/** A page that brings its own icon is not asked for one. */
const ICON =
  "data:image/svg+xml,%3Csvg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 16 16'%3E%3Crect width='16' height='16' rx='4' fill='%232754c5'/%3E%3Cpath d='M3.5 8h9M9 4.5 12.5 8 9 11.5' stroke='%23fff' stroke-width='1.6' fill='none'/%3E%3C/svg%3E";

function htmlOfPage({ title, content }: Page): string {
  const head = [
    element("meta", { charset: "utf-8" }),
    element("meta", { name: "viewport", content: "width=device-width, initial-scale=1" }),
    element("link", { rel: "icon", href: ICON }),
    element("title", {}, `${title} · Gangway`),
  ];
  const body = [
    element("header", { class: "top" }, element("span", { class: "brand" }, logo(), "Gangway")),
    element("main", { id: "content" }, content),
  ];
  return `<!doctype html><html lang="en"><head>${htmlOf(head)}<style>${STYLE}</style></head><body>${htmlOf(body)}</body></html>\n`;
}
