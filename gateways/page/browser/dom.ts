/** Markup as nodes, and nodes that become what other markup says while the reader's place in them stays. */
import { flat, type Child, type Element as Drawn, type Markup } from "../view/markup.ts";

const SVG = "http://www.w3.org/2000/svg";

/** Makes the node that a markup describes. */
export function nodeOf(markup: Markup, namespace?: string | null): Node {
  if (typeof markup === "string") return document.createTextNode(markup);
  const own = markup.tag === "svg" ? SVG : namespace;
  const node = own === SVG ? document.createElementNS(SVG, markup.tag) : document.createElement(markup.tag);
  for (const [name, value] of Object.entries(markup.attributes)) node.setAttribute(name, value);
  node.append(...markup.children.map((child) => nodeOf(child, own ?? null)));
  return node;
}

/** What replaces the inside of an element. */
export function fill(node: Element, ...children: readonly Child[]): void {
  node.replaceChildren(...flat(children).map((child) => nodeOf(child)));
}

/**
 * Changes an element into what the markup says. Nodes that are still right stay, so that focus, selection, scrolling and what
 * the reader has opened stay too. Inside `data-kept` nothing is touched.
 */
export function patch(node: Element, { attributes, children }: Drawn): void {
  for (const [name, value] of Object.entries(attributes))
    if (!isReaders(name) && node.getAttribute(name) !== value) node.setAttribute(name, value);
  for (const name of node.getAttributeNames())
    if (!(name in attributes) && !isReaders(name)) node.removeAttribute(name);
  if (node.hasAttribute("data-kept")) return;
  const known = new Map([...node.children].map((child) => [keyOf(child), child]));
  children.forEach((child, at) => {
    const here = node.childNodes[at];
    const key = keyIn(child);
    const moved = key === undefined ? undefined : known.get(key);
    if (moved && moved !== here) node.insertBefore(moved, here ?? null);
    place(node, node.childNodes[at], child);
  });
  while (node.childNodes.length > children.length) node.lastChild!.remove();
}

/** The reader opens and closes. */
const isReaders = (attribute: string) => attribute === "open";

/** What tells a node from its brothers, in the document and in markup. */
const keyOf = (node: Element) => node.getAttribute("data-tool") ?? (node.id || undefined);
const keyIn = (child: Markup) =>
  typeof child === "string" ? undefined : (child.attributes["data-tool"] ?? child.attributes["id"]);

function place(parent: Element, here: ChildNode | undefined, child: Markup): void {
  if (typeof child === "string") {
    if (here?.nodeType !== Node.TEXT_NODE) replace(parent, here, child);
    else if (here.nodeValue !== child) here.nodeValue = child;
  } else if (here instanceof Element && isSame(here, child)) patch(here, child);
  else replace(parent, here, child);
}

const isSame = (node: Element, drawn: Drawn) =>
  node.localName === drawn.tag &&
  keyOf(node) === keyIn(drawn) &&
  node.classList[0] === drawn.attributes["class"]?.split(" ")[0];

/** A node that stays elsewhere is not thrown away here: it is still among the children when its turn comes. */
function replace(parent: Element, here: ChildNode | undefined, child: Markup): void {
  const made = nodeOf(child, parent.namespaceURI === SVG ? SVG : null);
  if (here === undefined || (here instanceof Element && keyOf(here) !== undefined))
    parent.insertBefore(made, here ?? null);
  else here.replaceWith(made);
}
