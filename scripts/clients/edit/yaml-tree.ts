/** Where everything stands in a YAML text. */
import {
  type Document,
  isAlias,
  isMap,
  isScalar,
  isSeq,
  type Pair,
  parseAllDocuments,
  type ParsedNode,
  Scalar,
} from "yaml";
import { remembering, Unreadable } from "./syntax.ts";

/** A value in the text. */
export interface Spot {
  /** `nothing` is null, written or not. */
  readonly kind: "map" | "list" | "scalar" | "nothing" | "reference";
  /** Whether it has no lines of its own, as `{ a: 1 }` and `"text"`, but not `|` with lines below. */
  readonly isInline: boolean;
  readonly start: number;
  readonly end: number;
  readonly members: readonly Member[];
  readonly value: () => unknown;
}

/** A key or dash, with its value. */
export interface Member {
  /** undefined for an item of a list, and for a key that is no text. */
  readonly key: string | undefined;
  readonly start: number;
  /** After the colon or dash. */
  readonly after: number;
  /** Whether it is between braces. */
  readonly isInline: boolean;
  readonly spot: Spot;
}

/** The library would compare each key with each other one of its map. */
const options = { keepSourceTokens: true, prettyErrors: false, uniqueKeys: false, logLevel: "error" } as const;

/** Lines and values of a file, about: the library takes seconds for more, and no client has as many in YAML. */
const MOST = 20_000;

/** undefined = there are only blanks and comments. @throws Unreadable */
export const treeOf = remembering((text): Spot | undefined => {
  const parts = text.match(/[:,]\s|\n/g)?.length ?? 0;
  if (parts > MOST)
    throw new Error(
      `it has some ${parts} lines and values of YAML, and we edit up to ${MOST}: put the entry in by hand`,
    );
  const documents = parseAllDocuments(text, options);
  const [document, another] = documents;
  const [error] = document?.errors ?? [];
  if (error !== undefined) throw new Unreadable(text, error.pos[0], `this is not YAML: ${error.message}`);
  if (another !== undefined) throw new Unreadable(text, another.range[0], "a second document begins, expected one");
  return document?.contents ? spotOf(text, document, document.contents, 0) : undefined;
});

type ParsedPair = Pair<ParsedNode, ParsedNode | null>;

/** @param after where it stands if nothing is written */
function spotOf(text: string, document: Document, node: ParsedNode | null, after: number): Spot {
  const [start, end] = node?.range ?? [after, after];
  const value = () => valueOf(text, document, node);
  if (isMap(node)) {
    const isInline = node.flow === true;
    const members = node.items.map((pair) => memberOf(text, document, pair, isInline));
    refuseTwins(text, members);
    return { kind: "map", isInline, start, end, value, members };
  }
  if (isSeq(node)) {
    const isInline = node.flow === true;
    const members = node.items.map((item) => itemOf(text, document, item, isInline));
    return { kind: "list", isInline, start, end, value, members };
  }
  const isBlock = isScalar(node) && (node.type === Scalar.BLOCK_LITERAL || node.type === Scalar.BLOCK_FOLDED);
  const isNull = node === null || (isScalar(node) && node.value === null);
  const kind = isAlias(node) ? "reference" : isNull ? "nothing" : "scalar";
  return { kind, isInline: !isBlock, start, end, value, members: [] };
}

/** @throws Unreadable for an alias without an anchor, and for one that stands for more than anybody writes */
function valueOf(text: string, document: Document, node: ParsedNode | null): unknown {
  try {
    return node?.toJS(document);
  } catch (error) {
    if (!(error instanceof ReferenceError)) throw error;
    throw new Unreadable(text, node?.range[0] ?? 0, `its aliases cannot be followed: ${error.message}`);
  }
}

function memberOf(text: string, document: Document, { key, value, srcToken }: ParsedPair, isInline: boolean): Member {
  const colon = srcToken?.sep?.find(({ type }) => type === "map-value-ind");
  const after = colon === undefined ? key.range[1] : colon.offset + 1;
  const name = isScalar(key) ? String(key.value) : undefined;
  return { key: name, start: key.range[0], after, isInline, spot: spotOf(text, document, value, after) };
}

/** Readers of YAML do not agree on which one counts. @throws Unreadable */
function refuseTwins(text: string, members: readonly Member[]): void {
  const seen = new Set<string>();
  for (const { key, start } of members) {
    if (key !== undefined && seen.has(key)) throw new Unreadable(text, start, `there is a second ${key}, expected one`);
    if (key !== undefined) seen.add(key);
  }
}

function itemOf(text: string, document: Document, item: ParsedNode, isInline: boolean): Member {
  const dash = text.lastIndexOf("-", item.range[0] - (item.range[0] === item.range[1] ? 0 : 1));
  const [start, after] = isInline ? [item.range[0], item.range[0]] : [dash, dash + 1];
  return { key: undefined, start, after, isInline, spot: spotOf(text, document, item, after) };
}
