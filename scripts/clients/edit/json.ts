/** Edits JSON with comments and trailing commas. Whatever it does not change keeps its bytes. */
import { getNodeValue, type Node, type ParseError, parseTree, printParseErrorCode, stripComments } from "jsonc-parser";
import { add, remove, replace, written } from "./json-members.ts";
import { lineEnd, named, type Path, remembering, type Step, type Syntax, Unreadable, wrapped } from "./syntax.ts";

export const json: Syntax = {
  read: (text, path) => {
    const { node, missing } = walk(text, path);
    return node === undefined || missing.length > 0 ? undefined : getNodeValue(node);
  },
  put: (text, path, value) => {
    const { node, missing } = walk(text, path);
    if (node === undefined) return `${closed(text)}${written(text, wrapped(path, value), "")}${lineEnd(text)}`;
    const [step, ...rest] = missing;
    if (step === undefined || node.type === "null") return replace(text, node, wrapped(missing, value));
    return add(text, node, typeof step === "string" ? step : undefined, wrapped(rest, value));
  },
  take: (text, path) => {
    const { node, missing } = walk(text, path.slice(0, -1));
    const last = path.at(-1);
    if (node === undefined || last === undefined || missing.length > 0) return text;
    const at = placeOf(text, node, last, path.slice(0, -1));
    return at < 0 ? text : json.take(remove(text, node, at), path);
  },
};

/** Goes as far as the path leads: to which node, and what it lacks of the rest. No node = the text has no content yet. */
function walk(text: string, path: Path): { node: Node | undefined; missing: Path } {
  let node = rootOf(text);
  for (const [depth, step] of path.entries()) {
    const found =
      node && node.type !== "null" ? valueAt(node, placeOf(text, node, step, path.slice(0, depth))) : undefined;
    if (found === undefined) return { node, missing: path.slice(depth) };
    node = found;
  }
  return { node, missing: [] };
}

/** undefined = there are only blanks and comments. @throws Unreadable */
const rootOf = remembering((text): Node | undefined => {
  const errors: ParseError[] = [];
  const root = parseTree(text, errors, { allowTrailingComma: true });
  const [error] = errors;
  if (error === undefined) return root;
  if (stripComments(text).trim() === "" && errors.length === 1 && nameOf(error) === "ValueExpected") return undefined;
  throw new Unreadable(text, error.offset, `this is not JSON (${nameOf(error)})`);
});

const nameOf = ({ error }: ParseError) => printParseErrorCode(error);

/** Which child it is; -1 = none. Of equal keys the last one: so do all clients read it. @throws Unreadable */
function placeOf(text: string, node: Node, step: Step, path: Path): number {
  const expected = typeof step === "string" ? "object" : "array";
  if (node.type !== expected)
    throw new Unreadable(text, node.offset, `${named(path)} is of type ${node.type}, expected ${expected}`);
  const children = node.children ?? [];
  if (typeof step === "string") return children.findLastIndex(({ children: [key] = [] }) => key?.value === step);
  return children.findLastIndex((item) => item.type === "object" && getNodeValue(item)[step.by] === step.is);
}

const valueAt = ({ children = [], type }: Node, at: number): Node | undefined =>
  type === "object" ? children[at]?.children?.[1] : children[at];

/** With a line break after its last line, if it has one. */
const closed = (text: string) => (text === "" || text.endsWith("\n") ? text : `${text}${lineEnd(text)}`);
