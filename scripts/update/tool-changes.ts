/** What an update, or a review, changes about a server's tools. */
import { toolDigest } from "../../gateways/tool-digest.ts";
import type { Tool } from "../kit/mcp/all-tools.ts";

/** One tool that is not as it was. */
export type ToolChange =
  | { readonly is: "added"; readonly after: Tool }
  | { readonly is: "removed"; readonly name: string }
  | { readonly is: "changed"; readonly before: Tool; readonly after: Tool; readonly parts: readonly Part[] };

/** What of a tool a review covers, besides its name. */
export const PARTS = ["title", "description", "inputSchema", "outputSchema", "annotations"] as const;
export type Part = (typeof PARTS)[number];

/** What differs between two lists, in the order of the names. */
export function changesBetween(before: readonly Tool[], after: readonly Tool[]): ToolChange[] {
  const [old, now] = [byName(before), byName(after)];
  const names = [...new Set([...old.keys(), ...now.keys()])].toSorted();
  return names.flatMap((name): ToolChange[] => {
    const [was, is] = [old.get(name), now.get(name)];
    if (was === undefined) return [{ is: "added", after: is! }];
    if (is === undefined) return [{ is: "removed", name }];
    const parts = PARTS.filter(
      (part) => digestOf({ name, [part]: was[part] }) !== digestOf({ name, [part]: is[part] }),
    );
    return parts.length === 0 ? [] : [{ is: "changed", before: was, after: is, parts }];
  });
}

/** What differs from the digests of a review, which says of a tool only that it was another. */
export interface Differing {
  readonly added: readonly Tool[];
  readonly changed: readonly Tool[];
  readonly removed: readonly string[];
}

/** @param reviewed the digest of each reviewed tool, by its name */
export function differingFrom(reviewed: Readonly<Record<string, string>>, now: readonly Tool[]): Differing {
  const names = new Set(now.map(({ name }) => name));
  return {
    added: now.filter(({ name }) => !Object.hasOwn(reviewed, name)),
    changed: now.filter((tool) => Object.hasOwn(reviewed, tool.name) && reviewed[tool.name] !== toolDigest(tool)),
    removed: Object.keys(reviewed).filter((name) => !names.has(name)),
  };
}

/** The digests to be kept, and the tools that have none: a key of theirs can be read as another one. */
export function digestsOf(tools: readonly Tool[]): {
  readonly digests: Readonly<Record<string, string>>;
  readonly without: readonly string[];
} {
  const read = tools.map((tool) => [tool.name, toolDigest(tool)] as const);
  const digests = read.flatMap(([name, digest]) => (digest === undefined ? [] : [[name, digest] as const]));
  const without = read.flatMap(([name, digest]) => (digest === undefined ? [name] : []));
  return { digests: Object.fromEntries(digests), without };
}

const byName = (tools: readonly Tool[]) => new Map(tools.map((tool) => [tool.name, tool]));

/** A value that is nested too deeply has none, and then nobody can say that it is the same. */
const digestOf = (tool: object) => toolDigest(tool) ?? Symbol("no digest");
