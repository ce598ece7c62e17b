/** The lists of a group's members as one: their pages side by side, as many as the longest has. */
import { GatewayError } from "../../errors.ts";
import { elements, encode, find, replace, stringIn, written, type Message } from "../../jsonrpc.ts";
import { isSafe } from "../../json/names.ts";
import { MAX_DEPTH } from "../../json/strict.ts";
import type { Asking } from "./asked.ts";
import type { LateLists } from "./late-lists.ts";
import type { MemberLink } from "./member-link.ts";
import { groupName } from "./names.ts";
import { isSound, withoutHalves } from "./sound.ts";

/** What can be listed: where it stands in a result, what a member must say that it has, and which member names an item. */
export interface Listing {
  readonly items: string;
  readonly capability: string;
  /** The member of an item that is prefixed with the name of the service; undefined = items keep their names. */
  readonly prefixed: string | undefined;
  /** The member of an item that tells whose it is, where no prefix does. */
  readonly key: string;
}

/** By method. */
export const LISTINGS: ReadonlyMap<string, Listing> = new Map([
  ["tools/list", { items: "tools", capability: "tools", prefixed: "name", key: "name" }],
  ["prompts/list", { items: "prompts", capability: "prompts", prefixed: "name", key: "name" }],
  ["resources/list", { items: "resources", capability: "resources", prefixed: undefined, key: "uri" }],
  [
    "resources/templates/list",
    { items: "resourceTemplates", capability: "resources", prefixed: undefined, key: "uriTemplate" },
  ],
]);

/** One item of a member's list. */
export interface Item {
  readonly link: MemberLink;
  /** What it is called by the member. */
  readonly key: string;
  /** Its JSON as it stands in the group's list. */
  readonly text: string;
}

/** A page of the group's list. */
export interface Page {
  readonly items: readonly Item[];
  /** The members whose list ends with this page. */
  readonly ended: readonly MemberLink[];
  /** Where the next page begins at each member that has one; undefined = nowhere. */
  readonly next: string | undefined;
}

/** How deep an item may be nested: a list stands in a result, and that in an answer. */
const LEVELS = MAX_DEPTH - 3;

/** Where a page begins at each member: its cursor, as JSON text. */
type Cursors = ReadonlyMap<string, string | undefined>;

/** What a page is made of. */
export interface PageOf {
  readonly links: readonly MemberLink[];
  /** As the client sends it; undefined = the first page. */
  readonly cursor: string | undefined;
  readonly from: Asking;
  /** Where members are left out that do not answer in time. */
  readonly late: LateLists;
}

/**
 * Reads a page of every member's list.
 * @throws GatewayError `invalid-params` for a cursor that is none of ours
 */
export async function readPage(method: string, { links, cursor, from, late }: PageOf): Promise<Page> {
  const listing = LISTINGS.get(method) as Listing;
  const begins: Cursors = cursor === undefined ? new Map(links.map(({ name }) => [name, undefined])) : decoded(cursor);
  const asked = links.filter(({ name, capabilities }) => begins.has(name) && capabilities[listing.capability]);
  const held = from.memory?.hold(); // a page waits for those of the other members
  const heldPage = async (link: MemberLink) => {
    const at = begins.get(link.name);
    const params = at === undefined ? {} : { cursor: JSON.parse(at) as unknown };
    const page = await late.answer({ link, method, params }, from);
    held?.take(page?.text.length ?? 0);
    return page;
  };
  const pages = await Promise.all(asked.map((link) => heldPage(link).catch(() => FAILED)));
  held?.end();
  const items = pages.flatMap((page, at) => (page ? itemsIn(page, listing, asked[at] as MemberLink) : []));
  const next = pages.flatMap((page, at) => {
    const more = page ? cursorIn(page) : undefined;
    return more === undefined ? [] : [[asked[at]!.name, more] as const];
  });
  const open = new Set([
    ...next.map(([name]) => name),
    ...asked.filter((_, at) => pages[at] === undefined).map(nameOf),
  ]);
  const ended = links.filter(({ name }) => begins.has(name) && !open.has(name));
  return { items, ended, next: next.length === 0 ? undefined : encoded(next) };
}

/** In place of the page of a member that answers with an error: it lists nothing. */
const FAILED = null;

const nameOf = ({ name }: MemberLink) => name;

/** Where a member's next page begins, as JSON text. None but a string can be sent back, and an empty one stands for none. */
function cursorIn({ text, result }: Message): string | undefined {
  const more = written(text, result, "nextCursor");
  return more?.startsWith('"') && more !== '""' && isSound(more) ? more : undefined;
}

/** What cannot be read is left out: it would take the items of all others with it. */
function itemsIn({ text, result }: Message, { items, prefixed, key }: Listing, link: MemberLink): Item[] {
  const list = find(text, result, items);
  if (!list || text[list.start] !== "[") return [];
  return elements(text.slice(list.start, list.end)).flatMap((item) => {
    const name = item.startsWith("{") && isSound(item, LEVELS) ? stringIn(item, 0, key) : undefined;
    if (name === undefined || !isSafe(name)) return [];
    const whole = withoutHalves(item);
    return [{ link, key: name, text: prefixed === undefined ? whole : renamed(whole, prefixed, link, name) }];
  });
}

const renamed = (item: string, key: string, { name: member }: MemberLink, name: string) =>
  replace(item, find(item, 0, key)!, encode(groupName(member, name)));

const encoded = (cursors: readonly (readonly [string, string])[]) =>
  Buffer.from(JSON.stringify(cursors)).toString("base64url");

function decoded(cursor: string): Cursors {
  try {
    const cursors = JSON.parse(Buffer.from(cursor, "base64url").toString()) as [string, string][];
    for (const [name, at] of cursors) if (typeof name !== "string" || typeof JSON.parse(at) !== "string") throw cursor;
    return new Map(cursors);
  } catch {
    throw new GatewayError("invalid-params", { detail: "params.cursor is none that this list has given" });
  }
}
