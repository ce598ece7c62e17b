/** What can be wrong with the members of groups. */
import { nearest } from "../../gateways/config/nearest.ts";
import { kinds } from "./kinds/registry.ts";
import { type Entries, type Entry, isRecord, unexpected } from "./problem.ts";

/** A member is another entry with an MCP server of its own, and is named once. */
export function groupProblems(entries: Entries): string[] {
  return Object.entries(entries).flatMap(([name, entry]) => {
    const members = membersIn(entry);
    const wrong = members.flatMap((member, at) => {
      const expected = members.indexOf(member) < at ? "each member once" : expectedInstead(member, name, entries);
      return expected === undefined ? [] : [unexpected("a member", member, expected)];
    });
    const pinned = members.length > 0 && isRecord(entry) && entry["pinTools"] === true;
    if (pinned)
      wrong.push(unexpected("pinTools", true, "it in the entries of its members: a group has no tools of its own"));
    return wrong.map((problem) => `${name}: ${problem}`);
  });
}

/** What is expected in the place of a member; undefined when it is right. */
function expectedInstead(member: string, group: string, entries: Entries): string | undefined {
  if (member === group) return "other entries: a group cannot be in itself";
  if (!Object.hasOwn(entries, member)) return oneOf(servers(entries), member);
  switch (roleIn(entries[member])) {
    case "group":
      return "entries with a server of their own: groups cannot be in groups";
    case "app":
      return "entries with an MCP server: an app() has none";
    case "stdio":
    case "upstream":
    case undefined: // what is wrong with that entry is said of it
      return undefined;
  }
}

function oneOf(servers: readonly string[], wrong: string): string {
  if (servers.length === 0) return "another entry with an MCP server: there is none";
  const near = nearest(wrong, servers);
  return near === undefined ? `one of ${servers.join(", ")}` : `"${near}"`;
}

/** The names of what can be in a group. */
const servers = (entries: Entries) =>
  Object.keys(entries).filter((name) => ["stdio", "upstream"].includes(String(roleIn(entries[name]))));

const serverIn = (entry: unknown): Entry | undefined =>
  isRecord(entry) && isRecord(entry["server"]) ? entry["server"] : undefined;

const roleIn = (entry: unknown) => kinds.get(String(serverIn(entry)?.["kind"]))?.role;

/** None where they are no list of texts, which is said of the entry. */
function membersIn(entry: unknown): readonly string[] {
  const members = roleIn(entry) === "group" ? serverIn(entry)?.["members"] : [];
  return Array.isArray(members) && members.every((member) => typeof member === "string") ? members : [];
}
