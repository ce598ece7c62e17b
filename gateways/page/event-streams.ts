/** The event streams of those who watch the page: each service is told again when something about it has changed. */
import { hash } from "node:crypto";
import { GatewayError } from "../errors.ts";
import { encode } from "../jsonrpc.ts";
import type { Logger } from "../log.ts";
import type { Served } from "../served.ts";
import type { AdmittedExchange } from "../transports/exchange.ts";
import type { Heartbeat } from "../transports/heartbeat.ts";
import { SseResponse } from "../transports/sse-response.ts";
import { addressesOf, type PagePort } from "./addresses.ts";
import { behind, type FarMembers } from "./far-members.ts";
import { detailsOf, outlineOf } from "./service-status.ts";
import { listFor, type ToolList, type ToolLists } from "./tool-lists.ts";
import type { ServiceDetails, ServiceStatus } from "./status.ts";
import type { PageVisitor } from "./visitor.ts";

/** Milliseconds between two looks at the services. */
const INTERVAL = 1_000;

/**
 * How many streams there are at most, how many of them strangers may have, who so leave room for the rest, and how many an
 * address may have: a person has a few tabs.
 */
const MOST = 64;
const MOST_OF_STRANGERS = 32;
const MOST_OF_ADDRESS = 16;

/** A service as it was when it was looked at last. */
interface Seen {
  readonly details: string;
  /** Grows with every change. */
  readonly version: number;
  readonly list: ToolList | undefined;
}

/** What a watcher was told of a service last. */
interface Told {
  readonly outline: string;
  readonly version: number;
  readonly list: ToolList | undefined;
}

/** Whose stream it is. */
interface Watcher {
  readonly exchange: AdmittedExchange;
  readonly visitor: PageVisitor;
  readonly isStranger: boolean;
  readonly port: PagePort;
  readonly stream: SseResponse;
  readonly told: Map<Served, Told>;
  /** Of members of a group: the digest of what was told last, by name. */
  readonly toldOfMembers: Map<string, string>;
  /** Whether it is being told something. */
  isBusy: boolean;
}

/** What streams are made of. */
export interface StreamParts {
  readonly lists: ToolLists;
  readonly members: FarMembers;
  readonly heartbeat: Heartbeat;
  readonly log: Logger;
}

/** All streams of a gateway's pages. */
export class EventStreams {
  readonly #lists: ToolLists;
  readonly #members: FarMembers;
  readonly #heartbeat: Heartbeat;
  readonly #log: Logger;
  readonly #watchers = new Set<Watcher>();
  readonly #seen = new Map<Served, Seen>();
  #timer: NodeJS.Timeout | undefined;

  constructor({ lists, members, heartbeat, log }: StreamParts) {
    this.#lists = lists;
    this.#members = members;
    this.#heartbeat = heartbeat;
    this.#log = log;
  }

  get size(): number {
    return this.#watchers.size;
  }

  /** Opens a stream, which begins with every service. @throws GatewayError `too-many-listeners` */
  open(exchange: AdmittedExchange, visitor: PageVisitor, port: PagePort): void {
    this.#admit(exchange, visitor);
    const stream = new SseResponse(exchange, this.#heartbeat);
    const watcher: Watcher = {
      exchange,
      visitor,
      isStranger: visitor.isStranger,
      port,
      stream,
      told: new Map(),
      toldOfMembers: new Map(),
      isBusy: false,
    };
    const end = () => stream.end();
    const { login } = visitor;
    login?.onEnd.add(end);
    this.#watchers.add(watcher);
    exchange.onceGone(() => {
      login?.onEnd.delete(end);
      this.#leave(watcher);
    });
    this.#timer ??= setInterval(() => this.#look(), INTERVAL).unref();
    void this.#tell(watcher);
  }

  /** Ends all of them. */
  stop(): void {
    clearInterval(this.#timer);
    for (const { stream } of this.#watchers) stream.end();
  }

  /** Those of a stranger take nothing from whoever has a token, at the same address either: a proxy's is that of many. */
  #admit({ address }: AdmittedExchange, { isStranger }: PageVisitor): void {
    const alike = [...this.#watchers].filter((watcher) => watcher.isStranger === isStranger);
    const own = alike.filter((watcher) => watcher.exchange.address === address);
    if (own.length >= MOST_OF_ADDRESS) throw new GatewayError("too-many-listeners", { limit: MOST_OF_ADDRESS });
    const [open, limit] = isStranger ? [alike.length, MOST_OF_STRANGERS] : [this.#watchers.size, MOST];
    if (open >= limit) throw new GatewayError("too-many-listeners", { limit });
  }

  #leave(watcher: Watcher): void {
    this.#watchers.delete(watcher);
    if (this.#watchers.size > 0) return;
    clearInterval(this.#timer);
    this.#timer = undefined;
    this.#seen.clear();
  }

  #look(): void {
    for (const served of this.#seen.keys()) this.#see(served);
    for (const watcher of this.#watchers) void this.#tell(watcher);
  }

  /** A service as it is now. */
  #see(served: Served): Seen {
    const before = this.#seen.get(served);
    const details = encode(quiet(detailsOf(served)));
    const list = this.#lists.of(served);
    if (before?.details === details && before.list === list) return before;
    const seen = { details, version: (before?.version ?? 0) + 1, list };
    this.#seen.set(served, seen);
    return seen;
  }

  /** Whoever has not read what came before is told later, how it is then. */
  async #tell(watcher: Watcher): Promise<void> {
    if (watcher.isBusy || watcher.stream.waiting > 0) return;
    watcher.isBusy = true;
    try {
      for (const served of watcher.port.services()) await this.#tellOf(served, watcher);
    } catch (err) {
      this.#log.error({ err }, "the page cannot be told of a service");
    } finally {
      watcher.isBusy = false;
    }
  }

  async #tellOf(served: Served, watcher: Watcher): Promise<void> {
    const { exchange, visitor, port, stream, told } = watcher;
    const knows = await visitor.knows(served);
    const principal = await visitor.principalAt(served);
    const mayCall = principal !== undefined && served.service.admits(principal);
    if (exchange.gone) return;
    const own = outlineOf(served, { ...addressesOf(served, exchange, port), knows, mayCall });
    if (knows) for (const member of this.#members.of(served)) tellOfMember(behind(own, member), watcher);
    const outline = encode(own);
    const before = told.get(served);
    const { details, version, list } = knows ? (this.#seen.get(served) ?? this.#see(served)) : UNKNOWN;
    if (before?.outline === outline && before.version === version) return;
    told.set(served, { outline, version, list });
    const tools = list !== undefined && list !== before?.list ? membersOf(listFor(served, principal, list)) : "";
    stream.named(
      "service",
      details === "" ? outline : `${outline.slice(0, -1)},"details":${details.slice(0, -1)}${tools}}}`,
    );
  }
}

/** Its own gateway counts and asks already: here it is told again when its gateway has said something else. */
function tellOfMember(status: ServiceStatus, { stream, toldOfMembers }: Watcher): void {
  const { details } = status;
  const text = encode(details === undefined ? status : { ...status, details: quiet(details) });
  const digest = hash("sha256", text);
  if (toldOfMembers.get(status.name) === digest) return;
  toldOfMembers.set(status.name, digest);
  stream.named("service", text);
}

/** What strangers are told of the details. */
const UNKNOWN: Seen = { details: "", version: 0, list: undefined };

const membersOf = ({ tools, more }: ToolList) => `,"tools":${encode(tools)}${more > 0 ? `,"moreTools":${more}` : ""}`;

/** An hour without calls is the same in every minute: its beginning alone is no change. */
function quiet(details: ServiceDetails): ServiceDetails {
  const { minutes } = details;
  if (minutes.calls.some((calls) => calls > 0)) return details;
  return { ...details, minutes: { ...minutes, start: new Date(0).toISOString() } };
}
