/**
 * A client's way to a group: one server made of several. Tools and prompts are called `<service>_<name>`, resources keep their
 * URIs. A member's session is opened when it is first used, and ends with the group's; one that is down takes away its own
 * tools and nothing else.
 */
import type { Caller, Settled } from "../../bridge/connection.ts";
import { LOG_LEVELS } from "../../bridge/versions.ts";
import { GatewayError, toGatewayError } from "../../errors.ts";
import { stringAt } from "../../json/scan.ts";
import { answer, encode, find, notification, readMessage, type Message } from "../../jsonrpc.ts";
import type { Principal } from "../../principal.ts";
import type { Lane, LaneCaller, LaneClient } from "../servers/contract.ts";
import { remember } from "../servers/per-session-lane.ts";
import type { Service } from "../service.ts";
import { quiet, type Asking } from "./asked.ts";
import { introduction, type GroupOptions } from "./introduction.ts";
import { MemberLink } from "./member-link.ts";
import { MemberLists } from "./member-lists.ts";
import { LISTINGS } from "./merged-list.ts";
import { MemberRequests } from "./member-requests.ts";
import { LONGEST_NAME, mayBeShort, memberIn, stringOf, withoutMember, withString } from "./names.ts";

/** Changes of members' lists, by the notification that tells of them. */
const LISTS_CHANGED = ["tools", "prompts", "resources"].map((list) => `notifications/${list}/list_changed`);

/** What asks for a resource by its URI. */
const BY_URI: ReadonlySet<string> = new Set(["resources/read", "resources/subscribe", "resources/unsubscribe"]);

/** Whoever may no longer use a member. */
const nobody = ({ id }: Principal): Principal => ({ id, tools: [] });

/** One client's way to a group. */
export class GroupLane implements Lane {
  readonly #options: GroupOptions;
  readonly #client: LaneClient;
  #links: ReadonlyMap<string, MemberLink>;
  /** Sessions at members that have been replaced or removed: what is open there is still answered. */
  readonly #left = new Set<MemberLink>();
  readonly #requests: MemberRequests;
  #lists: MemberLists;
  /** Calls that wait until it is known whose they are. */
  readonly #routing = new Map<Caller, (reason: GatewayError) => void>();

  constructor(options: GroupOptions, client: LaneClient) {
    this.#options = options;
    this.#client = client;
    const { members } = options;
    this.#requests = new MemberRequests(client, members.list.length);
    this.#links = new Map(this.#usable.map((member) => [member.name, this.#linkTo(member)]));
    this.#lists = this.#listsOf(this.#links);
    members.onChange.add(this.#membersChanged);
  }

  open(): Promise<string> {
    return Promise.resolve(introduction(this.#options.name, this.#usable, this.#client.record.initialize));
  }

  /** Members' sessions are opened when they are first used. A client with subscriptions waits for what it is told. */
  restore(): void {
    for (const subscription of this.#client.record.subscriptions.values())
      this.#callByUri(subscription, ["uri"], quiet(), () => {});
  }

  call(message: Message, caller: LaneCaller, settled: Settled): void {
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

  cancel(caller: LaneCaller, reason: GatewayError): void {
    const leave = this.#routing.get(caller);
    if (leave) return leave(reason);
    for (const link of this.#everyLink()) if (link.cancel(caller, reason)) return;
  }

  async close(reason: GatewayError): Promise<void> {
    this.#options.members.onChange.delete(this.#membersChanged);
    for (const leave of this.#routing.values()) leave(reason);
    this.#lists.close();
    await Promise.all([...this.#everyLink()].map((link) => link.close(reason)));
  }

  get #usable(): Service[] {
    return this.#options.members.list.filter(this.#options.isUsable);
  }

  #linkTo(service: Service): MemberLink {
    const atMember = (principal: Principal) => this.#options.atMember(service, principal) ?? nobody(principal);
    const events = {
      message: (text: string, link: MemberLink, caller?: Caller) => this.#fromMember(text, link, caller),
      opened: (link: MemberLink) => this.#opened(link),
      ended: (link: MemberLink) => this.#ended(link),
    };
    return new MemberLink({ service, atMember }, this.#client, events);
  }

  #listsOf(links: ReadonlyMap<string, MemberLink>): MemberLists {
    return new MemberLists([...links.values()], this.#options.late, () => this.#tellListsChanged());
  }

  *#everyLink(): Iterable<MemberLink> {
    yield* this.#links.values();
    yield* this.#left;
  }

  /** Whoever is still a member keeps its session. The others' calls are answered until the member itself ends. */
  readonly #membersChanged = (): void => {
    const before = this.#links;
    const linkTo = (service: Service) => {
      const link = before.get(service.name);
      return link?.member === service ? link : this.#linkTo(service);
    };
    this.#links = new Map(this.#usable.map((member) => [member.name, linkTo(member)]));
    for (const link of before.values()) {
      if (this.#links.get(link.name) === link) continue;
      if (!link.session && !link.opening) void link.close(new GatewayError("session-not-found"));
      else this.#left.add(link);
      if (link.opening) link.open().catch(() => this.#left.delete(link));
    }
    this.#lists.close();
    this.#lists = this.#listsOf(this.#links);
    this.restore(); // a new member does not have the subscriptions of the one it replaced
    this.#tellListsChanged();
  };

  /** The way of nearly every call: its name says whose it is. */
  #callByName(message: Message, caller: LaneCaller, settled: Settled): void {
    const { text, params, method } = message;
    const at = find(text, params, "name");
    const name = at && text.startsWith('"', at.start) ? stringAt(text, at.start, at.end) : undefined;
    const isListed = name !== undefined && name.length <= LONGEST_NAME; // a longer one is listed under another name
    const link = isListed ? this.#links.get(memberIn(name) ?? "") : undefined;
    if (!at || name === undefined || !link) {
      settled();
      return caller.fail(this.#unknown(method, name));
    }
    if (!mayBeShort(name)) return link.call(withoutMember(message, at, link.name), caller, settled);
    this.#callByShortName(message, ["name"], { name, link }, caller, settled);
  }

  /** A name that may have been shortened: the member's list tells. */
  #callByShortName(
    message: Message,
    path: readonly string[],
    { name, link }: { readonly name: string; readonly link: MemberLink },
    caller: LaneCaller,
    settled: Settled,
  ): void {
    const list = message.method === "tools/call" ? "tools/list" : "prompts/list";
    this.#routeLater(caller, settled, async (from) => {
      const whole = await this.#lists.wholeName(name, link, list, from);
      return () => link.call(withString(message, path, whole), caller, settled);
    });
  }

  async #answer(message: Message, caller: LaneCaller, settled: Settled): Promise<void> {
    const { method, id } = message;
    if (LISTINGS.has(method)) return this.#list(message, caller, settled);
    if (BY_URI.has(method)) {
      return this.#callByUri(message, ["uri"], caller, (answered) => {
        if (answered !== undefined) remember(this.#client.record, message, answered);
        settled(answered);
      });
    }
    if (method === "completion/complete") return this.#complete(message, caller, settled);
    if (method === "logging/setLevel") this.#setLogLevel(message, caller);
    else if (method !== "ping") throw new GatewayError("method-not-found", { method });
    settled();
    caller.answer(answer(id as string, {}));
  }

  #complete(message: Message, caller: LaneCaller, settled: Settled): void {
    const name = stringOf(message, "ref", "name");
    if (name === undefined) return this.#callByUri(message, ["ref", "uri"], caller, settled);
    const link = this.#links.get(memberIn(name) ?? "");
    if (!link) throw this.#unknown("prompts/get", name);
    this.#callByShortName(message, ["ref", "name"], { name, link }, caller, settled);
  }

  #callByUri(message: Message, path: readonly string[], caller: LaneCaller, settled: Settled): void {
    const uri = stringOf(message, ...path);
    if (uri === undefined) throw new GatewayError("invalid-params", { detail: `params.${path.join(".")} is missing` });
    const known = this.#lists.ownerOf(uri);
    if (known) return known.call(message, caller, settled);
    this.#routeLater(caller, settled, async (from) => {
      const link = await this.#lists.findOwner(uri, from);
      return () => link.call(message, caller, settled);
    });
  }

  #list(message: Message, caller: LaneCaller, settled: Settled): void {
    const { method, id } = message;
    this.#routeLater(caller, settled, async (from) => {
      const { items, next } = await this.#lists.page(method, stringOf(message, "cursor"), from);
      const more = next === undefined ? "" : `,"nextCursor":"${next}"`;
      const list = `"${LISTINGS.get(method)!.items}":[${items.map(({ text }) => text).join(",")}]`;
      return () => {
        settled();
        caller.answer(`{"jsonrpc":"2.0","id":${id},"result":{${list}${more}}}`);
      };
    });
  }

  /** Goes on with a call when members have been asked for what it needs, unless nobody waits for it by then. */
  #routeLater(caller: LaneCaller, settled: Settled, ask: (from: Asking) => Promise<() => void>): void {
    const over = new AbortController();
    const fail = (reason: GatewayError) => {
      this.#routing.delete(caller);
      settled();
      caller.fail(reason);
      over.abort();
    };
    this.#routing.set(caller, fail);
    ask({ memory: caller.memory, principal: caller.principal, signal: over.signal }).then(
      (goOn) => void (this.#routing.delete(caller) && goOn()),
      (thrown: unknown) => void (over.signal.aborted || fail(toGatewayError(thrown))),
    );
  }

  #setLogLevel(message: Message, from: LaneCaller): void {
    if (!LOG_LEVELS.includes(stringOf(message, "level") ?? ""))
      throw new GatewayError("invalid-params", { detail: `"level" must be one of ${LOG_LEVELS.join(", ")}` });
    this.#client.record.logLevel = message;
    for (const link of this.#links.values()) this.#tellLogLevel(link, from);
  }

  /** Members that have no log messages need not be told. */
  #tellLogLevel(link: MemberLink, from: Pick<LaneCaller, "memory" | "principal">): void {
    const { logLevel } = this.#client.record;
    if (!logLevel || !link.session || !link.capabilities["logging"]) return;
    link.call(logLevel, { ...quiet(), memory: from.memory, principal: from.principal }, () => {});
  }

  #fromMember(text: string, link: MemberLink, caller: Caller | undefined): void {
    const message = readMessage(text);
    if (!message) return;
    if (message.kind === "request") return this.#requestFrom(link, message, caller);
    if (message.method === "notifications/cancelled") return this.#requests.withdraw(link, message);
    if (message.method === LISTS_CHANGED.at(-1)) this.#lists.forget(link);
    if (caller) caller.message(text);
    else this.#client.fromServer(message);
  }

  #requestFrom(link: MemberLink, message: Message, caller: Caller | undefined): void {
    const request = this.#requests.register(link, message);
    if (request && caller) caller.message(request.text);
    else if (request) this.#client.fromServer(request);
  }

  #opened(link: MemberLink): void {
    if (this.#left.has(link)) return;
    this.#tellLogLevel(link, {});
    for (const [uri, subscription] of this.#client.record.subscriptions)
      if (this.#lists.ownerOf(uri) === link) link.call(subscription, quiet(), () => {});
    this.#lists.opened(link);
  }

  #ended(link: MemberLink): void {
    this.#requests.withdrawAll(link);
    if (!this.#left.delete(link)) this.#lists.miss(link);
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
