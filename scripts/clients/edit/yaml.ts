/** Edits YAML: the library finds where everything stands, and only the lines of what changes are written. */
import { lineEnd, named, type Path, type Step, type Syntax, Unreadable, wrapped } from "./syntax.ts";
import { add, blockOf, fill, remove, replace } from "./yaml-lines.ts";
import { type Member, type Spot, treeOf } from "./yaml-tree.ts";

export const yaml: Syntax = {
  read: (text, path) => {
    const { spot, missing } = walk(text, path);
    return missing.length > 0 ? undefined : spot?.value();
  },
  put: (text, path, value) => {
    const { spot, owner, missing } = walk(text, path);
    if (spot === undefined) return `${closed(text)}${blockOf(text, wrapped(path, value), "")}`;
    if (missing.length > 0) {
      const member = wrapped(missing, value);
      return spot.members.length > 0 ? add(text, spot, member) : fill(text, spot, owner, member);
    }
    return replace(text, spot, owner, value) ?? yaml.put(yaml.take(text, path), path, value);
  },
  take: (text, path) => {
    const last = path.at(-1);
    const { spot, owner, missing } = walk(text, path.slice(0, -1));
    if (last === undefined || missing.length > 0 || spot === undefined) return text;
    const at = spot.members.indexOf(memberAt(text, spot, last, path.slice(0, -1)) as Member);
    return at < 0 ? text : remove(text, spot, owner, at);
  },
};

/** How far a path leads. */
interface Walked {
  /** undefined = the text has no content yet. */
  readonly spot: Spot | undefined;
  /** Whose value it is; undefined at the top. */
  readonly owner?: Member | undefined;
  readonly missing: Path;
}

function walk(text: string, path: Path): Walked {
  let spot = treeOf(text);
  let owner: Member | undefined;
  for (const [depth, step] of path.entries()) {
    const next = spot && memberAt(text, spot, step, path.slice(0, depth));
    if (next === undefined) return { spot, owner, missing: path.slice(depth) };
    owner = next;
    spot = next.spot;
  }
  return { spot, owner, missing: [] };
}

/** @throws Unreadable for something else than nothing, where a map or list is expected */
function memberAt(text: string, spot: Spot, step: Step, path: Path): Member | undefined {
  const expected = typeof step === "string" ? "map" : "list";
  if (spot.kind === "nothing") return undefined;
  if (spot.kind !== expected)
    throw new Unreadable(text, spot.start, `${named(path)} is a ${spot.kind}, expected a ${expected}`);
  if (typeof step === "string") return spot.members.find(({ key }) => key === step);
  return spot.members.findLast((item) =>
    item.spot.members.some(({ key, spot }) => key === step.by && spot.value() === step.is),
  );
}

/** With a line break after its last line, if it has one. */
const closed = (text: string) => (text === "" || text.endsWith("\n") ? text : `${text}${lineEnd(text)}`);
