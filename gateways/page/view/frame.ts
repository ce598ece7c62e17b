/** What every page has around its content. */
import { element, type Child, type Element } from "./markup.ts";

/** What stands around the content. */
export interface Frame {
  /** The way to the first page, such as `./`. */
  readonly home: string;
  /** What stands at the end of the first line. */
  readonly end?: Child;
  readonly foot?: Child;
}

/** The content with its landmarks, and with the places where changes are told. */
export const framed = ({ home, end, foot }: Frame, content: Child): Child => [
  element("a", { class: "skip", href: "#content" }, "Skip to the content"),
  element(
    "header",
    { class: "top" },
    element("a", { class: "brand", href: home }, logo(), "Gangway"),
    end && element("div", { class: "end" }, end),
  ),
  element(
    "p",
    { id: "lost", class: "problem", role: "status", hidden: true },
    "The connection to the gateway is lost. Trying again…",
  ),
  element("p", { id: "news", class: "unseen", role: "status" }),
  element("main", { id: "content", tabindex: -1 }, content),
  foot && element("footer", {}, foot),
];

/** The mark of Gangway. */
export const logo = (): Element =>
  element(
    "svg",
    { viewBox: "0 0 16 16", "aria-hidden": "true" },
    element("rect", { width: 16, height: 16, rx: 4 }),
    element("path", { d: "M3.5 8h9M9 4.5 12.5 8 9 11.5" }),
  );
