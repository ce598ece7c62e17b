/**
 * A client's way to a group: one server made of several. Tools and prompts are called `<service>_<name>`, resources keep their
 * URIs. A member's session is opened when it is first used, and ends with the group's; one that is down takes away its own
 * tools and nothing else.
 */
import { setTimeout as sleep } from "node:timers/promises";
import type { Caller, Settled } from "../../bridge/connection.ts";
import { agreedVersion } from "../../bridge/handshake.ts";
import { GatewayError, toGatewayError } from "../../errors.ts";
import { stringAt } from "../../json/scan.ts";
import { answer, encode, find, notification, readMessage, type Message } from "../../jsonrpc.ts";
import { VERSION } from "../../version.ts";
import type { Lane, LaneClient } from "../servers/contract.ts";
import type { Service } from "../service.ts";
import { MemberLink } from "./member-link.ts";
import { MemberRequests } from "./member-requests.ts";
import { LISTINGS, readPage, type Item } from "./merged-list.ts";
import { groupName, mayBeShort, memberIn, stringOf, withoutMember, withString } from "./names.ts";
import { ResourceOwners } from "./resource-owners.ts";

/** Milliseconds that a list waits for a member that is starting. When it is up later, the client is told that the list has changed. */
const LIST_TIME = 10_000;

/** Pages of a member's list that are read to find what a name or a URI stands for. */
const MOST_PAGES = 100;

/** What a group says that it has, before any member has been asked. */
const CAPABILITIES = {
  tools: { listChanged: true },
  prompts: { listChanged: true },
  resources: { listChanged: true, subscribe: true },
  completions: {},
  logging: {},
};

/** Changes of members' lists, by the notification that tells of them. */
const LISTS_CHANGED = ["tools", "prompts", "resources"].map((list) => `notifications/${list}/list_changed`);

/** What tells the names of what a request asks for by its name, by method. */
const LISTED: Readonly<Record<string, string>> = { "tools/call": "tools/list", "prompts/get": "prompts/list" };
const BY_URI: ReadonlySet<string> = new Set(["resources/read", "resources/subscribe", "resources/unsubscribe"]);

/** What a group is to its lanes. */
export interface GroupOptions {
  readonly name: string;
  /** Of several that list the same resource, the first has it. */
  readonly members: readonly Service[];
}

/** One client's way to a group. */
export class GroupLane implements Lane {
  readonly #options: GroupOptions;
  readonly #client: LaneClient;
  readonly #links: ReadonlyMap<string, MemberLink>;
  readonly #owners = new ResourceOwners();
  readonly #requests: MemberRequests;
  /** Members for which a list did not wait. */
  readonly #late = new Set<MemberLink>();
  /** What shortened names stand for, by the name in the group. */
  readonly #short = new Map<string, string>();
  /** Calls that wait until it is known whose they are. */
  readonly #routing = new Map<Caller, () => void>();

  constructor(options: GroupOptions, client: LaneClient) {
    this.#options = options;
    this.#client = client;
    this.#requests = new MemberRequests(client, options.members.length);
    const events = {
      message: (text: string, link: MemberLink, caller?: Caller) => this.#fromMember(text, link, caller),
      opened: (link: MemberLink) => this.#opened(link),
      ended: (link: MemberLink) => this.#ended(link),
    };
    this.#links = new Map(options.members.map((member) => [member.name, new MemberLink(member, client, events)]));
  }

  open(): Promise<string> {
    const { initialize } = this.#client.record;
    const names = [...this.#links.keys()].join(", ");
    const result = {
      protocolVersion: agreedVersion(initialize),
      capabilities: CAPABILITIES,
      serverInfo: { name: this.#options.name, version: VERSION },
      instructions: `Several servers as one: ${names}. The name of each tool and prompt begins with its server's.`,
    };
    return Promise.resolve(answer(initialize.id as string, result));
  }

  restore(): void {} // members' sessions are opened when they are first used

  call(message: Message, caller: Caller, settled: Settled): void {
    const { method } = message;
    if (method === "tools/call" || method === "prompts/get") return this.#callByName(message, caller, settled);
    this.#answer(message, caller, settled).catch((thrown: unknown) => {
      settled();
      caller.fail(toGatewayError(thrown));
    });
  }

  tell(message: Message): void {
    if (message.kind === "response") return this.#requests.answered(message);
    if (message.method === "notifications/progress") return this.#requests.progress(message);
    if (message.method === "notifications/initialized") return; // each member is told when its session is open
    for (const link of this.#links.values()) link.tell(message);
  }

  cancel(caller: Caller, reason: GatewayError): void {
    const leave = this.#routing.get(caller);
    if (leave) {
      leave();
      return caller.fail(reason);
    }
    for (const link of this.#links.values()) if (link.cancel(caller, reason)) return;
  }

  async close(reason: GatewayError): Promise<void> {
    for (const [caller, leave] of this.#routing) {
      leave();
      caller.fail(reason);
    }
    await Promise.all([...this.#links.values()].map((link) => link.close(reason)));
  }

  /** The way of nearly every call: its name says whose it is. */
  #callByName(message: Message, caller: Caller, settled: Settled): void {
    const { text, params, method } = message;
    const at = find(text, params, "name");
    const name = at && text.startsWith('"', at.start) ? stringAt(text, at.start, at.end) : undefined;
    const link = name === undefined ? undefined : this.#links.get(memberIn(name) ?? "");
    if (!at || name === undefined || !link) {
      settled();
      return caller.fail(this.#unknown(method, name));
    }
    if (!mayBeShort(name)) return link.call(withoutMember(message, at, link.name), caller, settled);
    this.#routeLater(caller, settled, async () => {
      const whole = await this.#wholeName(name, link, { list: LISTED[method]!, caller });
      return { link, message: withString(message, ["name"], whole ?? name.slice(link.name.length + 1)) };
    });
  }

  async #answer(message: Message, caller: Caller, settled: Settled): Promise<void> {
    const { method, id } = message;
    if (LISTINGS.has(method)) return this.#list(message, caller, settled);
    if (BY_URI.has(method)) return this.#callByUri(message, ["uri"], caller, settled);
    if (method === "completion/complete") return this.#complete(message, caller, settled);
    if (method === "logging/setLevel") this.#setLogLevel(message, caller);
    else if (method !== "ping") throw new GatewayError("method-not-found", { method });
    settled();
    caller.answer(answer(id as string, {}));
  }

  #complete(message: Message, caller: Caller, settled: Settled): void {
    const name = stringOf(message, "ref", "name");
    if (name === undefined) return this.#callByUri(message, ["ref", "uri"], caller, settled);
    const link = this.#links.get(memberIn(name) ?? "");
    if (!link) throw this.#unknown("prompts/get", name);
    link.call(withString(message, ["ref", "name"], name.slice(link.name.length + 1)), caller, settled);
  }

  #callByUri(message: Message, path: readonly string[], caller: Caller, settled: Settled): void {
    const uri = stringOf(message, ...path);
    if (uri === undefined) throw new GatewayError("invalid-params", { detail: `params.${path.join(".")} is missing` });
    const known = this.#owners.of(uri);
    if (known) return known.call(message, caller, settled);
    this.#routeLater(caller, settled, async () => {
      for (const list of ["resources/list", "resources/templates/list"]) await this.#readAll(list, caller);
      const link = this.#owners.of(uri);
      if (!link) throw new GatewayError("no-such-resource", { uri });
      return { link, message };
    });
  }

  /** Passes a call on when it is known whose it is, unless it has been cancelled by then. */
  #routeLater(
    caller: Caller,
    settled: Settled,
    route: () => Promise<{ readonly link: MemberLink; readonly message: Message }>,
  ): void {
    this.#routing.set(caller, () => {
      this.#routing.delete(caller);
      settled();
    });
    const leave = () => this.#routing.delete(caller);
    route().then(
      ({ link, message }) => void (leave() && link.call(message, caller, settled)),
      (thrown: unknown) => {
        if (!leave()) return;
        settled();
        caller.fail(toGatewayError(thrown));
      },
    );
  }

  async #list(message: Message, caller: Caller, settled: Settled): Promise<void> {
    const { method, id } = message;
    let gone = false;
    this.#routing.set(caller, () => {
      gone = true;
      this.#routing.delete(caller);
      settled();
    });
    try {
      const links = await this.#reachable();
      const cursor = stringOf(message, "cursor");
      const page = await readPage(method, { links, cursor, from: caller });
      if (gone) return;
      this.#learn(method, page.items);
      const next = page.next === undefined ? "" : `,"nextCursor":"${page.next}"`;
      const items = page.items.map(({ text }) => text).join(",");
      settled();
      caller.answer(`{"jsonrpc":"2.0","id":${id},"result":{"${LISTINGS.get(method)!.items}":[${items}]${next}}}`);
    } catch (thrown) {
      if (!gone) throw thrown;
    } finally {
      this.#routing.delete(caller);
    }
  }

  /** The members that are up, or are within the time that a list waits. */
  async #reachable(): Promise<MemberLink[]> {
    const late = new AbortController();
    const time = sleep(LIST_TIME, undefined, { signal: late.signal, ref: false }).catch(() => {});
    const links = [...this.#links.values()];
    await Promise.all(
      links.map(async (link) => {
        const opened = link.open().then(
          () => true,
          () => true, // its status says why
        );
        if (!(await Promise.race([opened, time]))) this.#late.add(link);
      }),
    );
    late.abort();
    return links.filter(({ session }) => session !== undefined);
  }

  #learn(method: string, items: readonly Item[]): void {
    for (const { link, key } of items) {
      if (method === "resources/list") this.#owners.resource(key, link);
      else if (method === "resources/templates/list") this.#owners.template(key, link);
      else this.#learnName(link, key);
    }
  }

  #learnName(link: MemberLink, name: string): void {
    const short = groupName(link.name, name);
    if (mayBeShort(short)) this.#short.set(short, name);
  }

  /** Reads every page of a list, to learn what is in it. */
  async #readAll(method: string, from: Caller, only?: MemberLink): Promise<void> {
    const links = only ? [only] : await this.#reachable();
    if (only) await only.open();
    let cursor: string | undefined;
    for (let page = 0; page < MOST_PAGES; page++) {
      const { items, next } = await readPage(method, { links, cursor, from });
      this.#learn(method, items);
      if (next === undefined) return;
      cursor = next;
    }
  }

  async #wholeName(
    name: string,
    link: MemberLink,
    { list, caller }: { readonly list: string; readonly caller: Caller },
  ): Promise<string | undefined> {
    if (!this.#short.has(name)) await this.#readAll(list, caller, link);
    return this.#short.get(name);
  }

  #setLogLevel(message: Message, from: Caller): void {
    this.#client.record.logLevel = message;
    for (const link of this.#links.values()) this.#tellLogLevel(link, from);
  }

  /** Members that have no log messages need not be told. */
  #tellLogLevel(link: MemberLink, from: Pick<Caller, "memory">): void {
    const { logLevel } = this.#client.record;
    if (!logLevel || !link.session || !link.capabilities["logging"]) return;
    const caller: Caller = { ...from, streams: false, message: () => {}, answer: () => {}, fail: () => {} };
    link.call(logLevel, caller, () => {});
  }

  #fromMember(text: string, link: MemberLink, caller: Caller | undefined): void {
    const message = readMessage(text);
    if (!message) return;
    if (message.kind === "request") return this.#requestFrom(link, message, caller);
    if (message.method === "notifications/cancelled") return this.#requests.withdraw(link, message);
    if (message.method === LISTS_CHANGED.at(-1)) this.#owners.forget(link);
    if (caller) caller.message(text);
    else this.#client.fromServer(message);
  }

  #requestFrom(link: MemberLink, message: Message, caller: Caller | undefined): void {
    const request = this.#requests.register(link, message);
    if (request && caller) caller.message(request.text);
    else if (request) this.#client.fromServer(request);
  }

  #opened(link: MemberLink): void {
    this.#tellLogLevel(link, {});
    if (this.#late.delete(link)) this.#tellListsChanged();
  }

  #ended(link: MemberLink): void {
    this.#requests.withdrawAll(link);
  }

  #tellListsChanged(): void {
    for (const method of LISTS_CHANGED) this.#client.fromServer(readMessage(notification(method)) as Message);
  }

  #unknown(method: string, name: string | undefined): GatewayError {
    if (name === undefined) return new GatewayError("invalid-params", { detail: "params.name must be a string" });
    const kind = method === "tools/call" ? "tool" : "prompt";
    return new GatewayError("not-in-group", { kind, name: encode(name), members: [...this.#links.keys()].join(", ") });
  }
}
