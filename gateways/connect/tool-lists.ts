/**
 * Lists a server's tools for a call that it has refused because a header is missing: some tools have parameters that are
 * repeated in headers, which only the list says, and a client of stdio need not list before it calls.
 */
import { randomUUID } from "node:crypto";
import { META } from "../bridge/versions.ts";
import { encode, idKey, member, metaOf, stringIn, written, type Message } from "../jsonrpc.ts";

/** What a request says of its client, which the list is requested with. */
const OF_CLIENT = [META.version, META.capabilities, META.client];

/** Pages that are read for a call. */
const MAX_PAGES = 100;

interface Listing {
  readonly call: Message;
  readonly pages: number;
}

export class ToolLists {
  readonly #send: (text: string) => void;
  readonly #again: (call: Message) => void;
  /** By the ids of our own requests. */
  readonly #open = new Map<string | number, Listing>();
  /** A refused call has not run, but it is sent only twice. */
  readonly #repeated = new WeakSet<Message>();

  /**
   * @param send sends a request; whoever sends calls reads its answer too
   * @param again sends a call again
   */
  constructor(send: (text: string) => void, again: (call: Message) => void) {
    this.#send = send;
    this.#again = again;
  }

  /** @returns whether the call will be sent again */
  listFor(call: Message): boolean {
    if (call.method !== "tools/call" || this.#repeated.has(call)) return false;
    this.#repeated.add(call);
    this.#list({ call, pages: 1 });
    return true;
  }

  /** Takes a page. @returns whether the answer is one */
  take(answer: Message): boolean {
    const listing = this.#taken(answer.id as string);
    if (listing === undefined) return false;
    const cursor = answer.result < 0 ? undefined : stringIn(answer.text, answer.result, "nextCursor");
    if (cursor === undefined || listing.pages >= MAX_PAGES) this.#again(listing.call);
    else this.#list({ ...listing, pages: listing.pages + 1 }, cursor);
    return true;
  }

  /** A page will not come. @returns whether the request was one of ours */
  failed(id: string): boolean {
    const listing = this.#taken(id);
    if (listing) this.#again(listing.call); // and is refused with the server's own words
    return listing !== undefined;
  }

  #taken(id: string): Listing | undefined {
    const listing = this.#open.get(idKey(id));
    this.#open.delete(idKey(id));
    return listing;
  }

  #list(listing: Listing, cursor?: string): void {
    const id = `"${randomUUID()}"`;
    this.#open.set(idKey(id), listing);
    const meta = `{${membersOf(listing.call).join(",")}}`;
    const params = [member("_meta", meta), ...(cursor === undefined ? [] : [member("cursor", encode(cursor))])];
    this.#send(`{"jsonrpc":"2.0","id":${id},"method":"tools/list","params":{${params.join(",")}}}`);
  }
}

function membersOf(call: Message): string[] {
  const meta = metaOf(call);
  if (meta === undefined) return [];
  return OF_CLIENT.flatMap((key) => {
    const value = written(call.text, meta.start, key);
    return value === undefined ? [] : [member(key, value)];
  });
}
