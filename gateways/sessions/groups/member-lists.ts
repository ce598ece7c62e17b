/** What the members of a group list, for one client: what it has been told, and whose the things in it are. */
import { setTimeout as sleep } from "node:timers/promises";
import { GatewayError } from "../../errors.ts";
import type { Held } from "../../memory-budget.ts";
import type { Asking } from "./asked.ts";
import { Learned } from "./learned.ts";
import type { MemberLink } from "./member-link.ts";
import { readPage, type Item, type Page } from "./merged-list.ts";
import type { LateMembers } from "./late-members.ts";
import { LateLists, LIST_TIME } from "./late-lists.ts";
import { groupName, mayBeShort } from "./names.ts";
import { ResourceOwners } from "./resource-owners.ts";

/** Pages of a member's list that are read to find what a name or a URI stands for. */
const MOST_PAGES = 100;

/** What tells whose a resource is, by the method that lists it. */
const OF_RESOURCES = new Map([
  ["resources/list", "uris"],
  ["resources/templates/list", "templates"],
] as const) as ReadonlyMap<string, "uris" | "templates">;

const isUp = ({ session }: MemberLink) => session !== undefined;

/** The lists of a group's members. */
export class MemberLists {
  readonly #links: readonly MemberLink[];
  readonly #changed: () => void;
  /** Members without which a list was made, and what ends the wait for each. */
  readonly #missing = new Map<MemberLink, () => void>();
  readonly #owners: ResourceOwners;
  readonly #late: LateLists;
  readonly #members: LateMembers;
  /** What shortened names stand for, by the name in the group. */
  readonly #short = new Learned<string>();
  /** What is held of what has been learned. */
  #held: Held | undefined;
  #isClosed = false;

  /** @param changed tells the client that its lists have changed */
  constructor(links: readonly MemberLink[], members: LateMembers, changed: () => void) {
    this.#links = links;
    this.#owners = new ResourceOwners(links);
    this.#members = members;
    this.#late = new LateLists(members, changed);
    this.#changed = changed;
  }

  /** One page of all members that can be had. @throws GatewayError for a cursor that is none of ours */
  async page(method: string, cursor: string | undefined, from: Asking): Promise<Page> {
    const page = await readPage(method, { links: await this.#reachable(), cursor, from, late: this.#late });
    this.#learn(method, page.items, from);
    if (cursor === undefined) this.#noteWhole(method, page.ended); // only a first page is known to follow nothing unread
    return page;
  }

  /** Whose a resource is, if that is known for certain. */
  ownerOf(uri: string): MemberLink | undefined {
    return this.#owners.certain(uri, isUp);
  }

  /** Whose a resource is. @throws GatewayError `no-such-resource` */
  async findOwner(uri: string, from: Asking): Promise<MemberLink> {
    await this.#reachable();
    for (const whole of [false, true]) {
      for (const [method, kind] of OF_RESOURCES) {
        const links = (whole ? this.#links : this.#owners.unread(kind)).filter(isUp);
        await this.#readUntil(() => this.ownerOf(uri) !== undefined, method, links, from);
      }
      if (this.#owners.of(uri)) break; // else a member may have more by now than it has told
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
    this.#members.answered(link.member);
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
    this.#late.forget(link);
  }

  close(): void {
    this.#isClosed = true;
    this.#late.close();
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
    for (const link of this.#links) {
      if (link.session) continue;
      this.miss(link);
      if (link.member.ready && link.opening) this.#members.late(link.member, "initialize", LIST_TIME);
    }
    return this.#links.filter(isUp);
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

  #noteWhole(method: string, links: readonly MemberLink[]): void {
    const kind = OF_RESOURCES.get(method);
    if (kind !== undefined) for (const link of links) this.#owners.whole(kind, link);
  }

  #learnName(link: MemberLink, name: string): void {
    const short = groupName(link.name, name);
    if (mayBeShort(short)) this.#short.learn(short, name, { more: name.length });
  }

  /** Reads pages of a list until what is looked for is known, nobody waits for it, or there are no more. */
  async #readUntil(isKnown: () => boolean, method: string, links: readonly MemberLink[], from: Asking): Promise<void> {
    let cursor: string | undefined;
    for (let pages = 0; pages < MOST_PAGES && !isKnown() && !from.signal.aborted; pages++) {
      const { items, ended, next } = await readPage(method, { links, cursor, from, late: this.#late });
      this.#learn(method, items, from);
      this.#noteWhole(method, ended);
      if (next === undefined) return;
      cursor = next;
    }
  }
}
