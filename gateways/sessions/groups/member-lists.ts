/** What the members of a group list, for one client: what it has been told, and whose the things in it are. */
import { setTimeout as sleep } from "node:timers/promises";
import { GatewayError } from "../../errors.ts";
import type { Held } from "../../memory-budget.ts";
import type { Asking } from "./asked.ts";
import { Learned } from "./learned.ts";
import type { MemberLink } from "./member-link.ts";
import { readPage, type Item, type Page } from "./merged-list.ts";
import { groupName, mayBeShort } from "./names.ts";
import { ResourceOwners } from "./resource-owners.ts";

/** Milliseconds that a list waits for a member that is starting. When it is up later, the client is told that the list has changed. */
const LIST_TIME = 10_000;

/** Pages of a member's list that are read to find what a name or a URI stands for. */
const MOST_PAGES = 100;

/** The lists of a group's members. */
export class MemberLists {
  readonly #links: readonly MemberLink[];
  readonly #changed: () => void;
  /** Members without which a list was made, and what ends the wait for each. */
  readonly #missing = new Map<MemberLink, () => void>();
  readonly #owners = new ResourceOwners();
  /** What shortened names stand for, by the name in the group. */
  readonly #short = new Learned<string>();
  /** What is held of what has been learned. */
  #held: Held | undefined;
  #isClosed = false;

  /** @param changed tells the client that its lists have changed */
  constructor(links: readonly MemberLink[], changed: () => void) {
    this.#links = links;
    this.#changed = changed;
  }

  /** One page of all members that can be had. @throws GatewayError for a cursor that is none of ours */
  async page(method: string, cursor: string | undefined, from: Asking): Promise<Page> {
    const page = await readPage(method, { links: await this.#reachable(), cursor, from });
    this.#learn(method, page.items, from);
    return page;
  }

  /** Whose a resource is, as far as that is known. */
  ownerOf(uri: string): MemberLink | undefined {
    return this.#owners.of(uri);
  }

  /** Whose a resource is. @throws GatewayError `no-such-resource` */
  async findOwner(uri: string, from: Asking): Promise<MemberLink> {
    for (const method of ["resources/list", "resources/templates/list"]) {
      await this.#readUntil(() => this.#owners.of(uri) !== undefined, method, await this.#reachable(), from);
    }
    const owner = this.#owners.of(uri);
    if (!owner) throw new GatewayError("no-such-resource", { uri });
    return owner;
  }

  /** What a tool or a prompt is called by its member. @param list the method that lists it @throws GatewayError */
  async wholeName(name: string, link: MemberLink, list: string, from: Asking): Promise<string> {
    if (!mayBeShort(name)) return name.slice(link.name.length + 1);
    if (this.#short.get(name) === undefined) await link.open();
    await this.#readUntil(() => this.#short.get(name) !== undefined, list, [link], from);
    return this.#short.get(name) ?? name.slice(link.name.length + 1);
  }

  /** A member's session is open. */
  opened(link: MemberLink): void {
    if (this.#found(link)) this.#changed();
  }

  /** A member cannot be had, or has ended its session: the client is told when that is over. */
  miss(link: MemberLink): void {
    if (this.#isClosed || this.#missing.has(link)) return;
    const { member } = link;
    const look = () => void (member.ready && this.opened(link));
    member.onChange.add(look);
    this.#missing.set(link, () => member.onChange.delete(look));
  }

  /** A member's resources are no longer what they were. */
  forget(link: MemberLink): void {
    this.#owners.forget(link);
  }

  close(): void {
    this.#isClosed = true;
    for (const link of this.#missing.keys()) this.#found(link);
    this.#held?.end();
  }

  /** The members that are up, or are within the time that a list waits. */
  async #reachable(): Promise<MemberLink[]> {
    const over = new AbortController();
    const time = sleep(LIST_TIME, undefined, { signal: over.signal, ref: false }).catch(() => {});
    const opened = Promise.all(this.#links.map((link) => link.open().catch(() => {}))); // its status says why
    await Promise.race([opened, time]);
    over.abort();
    for (const link of this.#links) if (!link.session) this.miss(link);
    return this.#links.filter(({ session }) => session !== undefined);
  }

  /** @returns whether it was missed */
  #found(link: MemberLink): boolean {
    this.#missing.get(link)?.();
    return this.#missing.delete(link);
  }

  #learn(method: string, items: readonly Item[], { memory }: Asking): void {
    if (this.#isClosed) return;
    for (const { link, key } of items) {
      if (method === "resources/list") this.#owners.resource(key, link);
      else if (method === "resources/templates/list") this.#owners.template(key, link);
      else this.#learnName(link, key);
    }
    this.#held ??= memory?.hold();
    this.#held?.resize(this.#owners.bytes + this.#short.bytes); // what does not fit is bounded all the same
  }

  #learnName(link: MemberLink, name: string): void {
    const short = groupName(link.name, name);
    if (mayBeShort(short)) this.#short.learn(short, name, name.length);
  }

  /** Reads pages of a list until what is looked for is known, nobody waits for it, or there are no more. */
  async #readUntil(isKnown: () => boolean, method: string, links: readonly MemberLink[], from: Asking): Promise<void> {
    let cursor: string | undefined;
    for (let pages = 0; pages < MOST_PAGES && !isKnown() && !from.signal.aborted; pages++) {
      const { items, next } = await readPage(method, { links, cursor, from });
      this.#learn(method, items, from);
      if (next === undefined) return;
      cursor = next;
    }
  }
}
