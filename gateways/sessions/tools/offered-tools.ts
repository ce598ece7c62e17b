/**
 * Hides the tools that a service does not offer: they are not listed, and a call of one is refused before a server has it.
 * Lists that pass are compared with the tools that were reviewed; with `pinTools`, those that differ are not offered either.
 * It stands where sessions and modern requests reach the service, so what kind of server answers does not matter.
 */
import type { Caller, Settled } from "../../bridge/connection.ts";
import type { Tools } from "../../bridge/tools.ts";
import { GatewayError } from "../../errors.ts";
import { eachElement, stringAt } from "../../json/scan.ts";
import { find, replace, stringIn, type Message } from "../../jsonrpc.ts";
import type { Logger } from "../../log.ts";
import { told } from "../../secrets.ts";
import type { Lane, ModernCaller, ModernEndpoint } from "../servers/contract.ts";
import { Lister, ModernLister, type Filter } from "./lister.ts";
import { ReviewedTools, type Review } from "./reviewed-tools.ts";
import { ToolPatterns } from "../../tool-patterns.ts";

/** How many characters of the names of a server's tools are told. */
const LONGEST_LIST = 500;

/** The tools that one service offers. */
export class OfferedTools {
  readonly #service: string;
  readonly #patterns: ToolPatterns;
  readonly #reviewed: ReviewedTools | undefined;
  readonly #log: Logger;
  readonly #endpoints = new WeakMap<ModernEndpoint, ModernEndpoint>();
  /** Who lists the tools, by the caller for whom. */
  readonly #listing = new WeakMap<Caller, Caller>();
  /** What a server has listed, once it is checked. */
  readonly #checked = new WeakSet<Tools>();
  #isMatched = false;

  constructor(service: string, patterns: ToolPatterns, log: Logger, reviewed?: ReviewedTools) {
    this.#service = service;
    this.#patterns = patterns;
    this.#log = log;
    this.#reviewed = reviewed;
  }

  /** @returns undefined when that is all of them, so that nothing need be looked at */
  static of(
    service: string,
    { patterns: written, review }: { readonly patterns: readonly string[]; readonly review?: Review | undefined },
    log: Logger,
  ): OfferedTools | undefined {
    const patterns = new ToolPatterns(written);
    if (patterns.offersAll && !review) return undefined;
    return new OfferedTools(service, patterns, log, review && new ReviewedTools(service, review, log));
  }

  offers(name: string): boolean {
    const isOffered = this.#patterns.offersAll || this.#patterns.offers(name);
    return isOffered && (this.#reviewed?.offers(name) ?? true);
  }

  /** Whether a tool is offered whatever its name: lists are compared with the review, and nothing is hidden. */
  get #offersAll(): boolean {
    return this.#patterns.offersAll && !(this.#reviewed?.pins ?? false);
  }

  /** The tools of the server that are not as they were reviewed, in words. */
  get unreviewed(): readonly string[] {
    return this.#reviewed?.unreviewed ?? [];
  }

  /** How many of a server's tools are offered; undefined before it has listed them. */
  countIn({ names }: Tools): number | undefined {
    return names?.filter((name) => this.offers(name)).length;
  }

  /** When a list is known, warns of patterns that match no tool, once, and of tools that are not as they were reviewed. */
  checkWith(tools: Tools): void {
    if (this.#checked.has(tools)) return;
    this.#checked.add(tools);
    tools.whenListed((listed) => {
      this.#match(listed.map(({ name }) => name));
      this.#reviewed?.compare(listed);
    });
  }

  /** A session's way to the server, past the tools that are not offered. */
  lane(lane: Lane): Lane {
    return new OfferedLane(this, lane);
  }

  /** The same for modern requests. */
  endpoint(endpoint: ModernEndpoint): ModernEndpoint {
    const known = this.#endpoints.get(endpoint) ?? new OfferedEndpoint(this, endpoint);
    this.#endpoints.set(endpoint, known);
    return known;
  }

  /**
   * Why a message is not passed on; undefined when it is. It depends on the name alone, so it tells nobody whether the server
   * has such a tool.
   */
  refusalOf({ method, text, params }: Message): GatewayError | undefined {
    if (method !== "tools/call" || this.#offersAll) return undefined;
    const tool = stringIn(text, params, "name");
    if (tool === undefined) return new GatewayError("invalid-params", { detail: '"name" must be a string' });
    return this.offers(tool) ? undefined : new GatewayError("tool-not-offered", { tool });
  }

  /** Who makes a request in place of its caller. @param lister who takes a list for it */
  callerOf<Of extends Caller>({ method }: Message, caller: Of, lister: new (caller: Of, filter: Filter) => Of): Of {
    if (method !== "tools/list") return caller;
    const listing = new lister(caller, (answer) => this.#withoutHidden(answer));
    this.#listing.set(caller, listing);
    return listing;
  }

  /** Who has made a caller's request. @typeParam Of the callers of one lane or endpoint are of one kind */
  madeFor<Of extends Caller>(caller: Of): Of {
    return (this.#listing.get(caller) as Of | undefined) ?? caller;
  }

  /** An answer to `tools/list` without the tools that are not offered; those that are stay as they were written. @throws GatewayError `bad-answer` */
  #withoutHidden(answer: string): string {
    const list = find(answer, 0, "result", "tools");
    if (!list) return answer;
    const tools: { readonly name: string; readonly text: string }[] = [];
    const end = eachElement(answer, list.start, (start, end) =>
      tools.push({ name: nameAt(answer, start), text: answer.slice(start, end) }),
    );
    if (end < 0) throw new GatewayError("bad-answer", { service: this.#service });
    this.#reviewed?.compareWritten(tools);
    const kept = tools.filter(({ name }) => this.offers(name));
    return kept.length === tools.length ? answer : replace(answer, list, `[${kept.map(({ text }) => text).join(",")}]`);
  }

  #match(names: readonly string[]): void {
    if (this.#isMatched) return;
    this.#isMatched = true;
    for (const pattern of this.#patterns.unmatchedBy(names))
      this.#log.warn({ service: this.#service }, unmatched(pattern, names));
  }
}

function unmatched(pattern: string, names: readonly string[]): string {
  const effect = pattern.startsWith("!") ? "hides" : "offers";
  const has = told(names.join(", ") || "no tools", { limit: LONGEST_LIST });
  return `no tool is called like ${pattern}, so that pattern ${effect} nothing. The server has ${has}.`;
}

/** The name of a listed tool; "", which is no tool's, when it has none. */
function nameAt(text: string, tool: number): string {
  const name = find(text, tool, "name");
  return name ? stringAt(text, name.start, name.end) : "";
}

class OfferedLane implements Lane {
  readonly #offered: OfferedTools;
  readonly #lane: Lane;

  constructor(offered: OfferedTools, lane: Lane) {
    this.#offered = offered;
    this.#lane = lane;
  }

  open(): Promise<string> {
    return this.#lane.open();
  }

  restore(): void {
    this.#lane.restore();
  }

  call(message: Message, caller: Caller, settled: Settled): void {
    const refusal = this.#offered.refusalOf(message);
    if (!refusal) return this.#lane.call(message, this.#offered.callerOf(message, caller, Lister), settled);
    settled();
    caller.fail(refusal);
  }

  /** Some servers run a call without an id, too, and answer nothing. */
  tell(message: Message): void {
    if (!this.#offered.refusalOf(message)) this.#lane.tell(message);
  }

  cancel(caller: Caller, reason: GatewayError): void {
    this.#lane.cancel(this.#offered.madeFor(caller), reason);
  }

  close(reason: GatewayError): Promise<void> {
    return this.#lane.close(reason);
  }
}

class OfferedEndpoint implements ModernEndpoint {
  readonly #offered: OfferedTools;
  readonly #endpoint: ModernEndpoint;

  constructor(offered: OfferedTools, endpoint: ModernEndpoint) {
    this.#offered = offered;
    this.#endpoint = endpoint;
  }

  get openCalls(): number {
    return this.#endpoint.openCalls;
  }

  call(request: Message, caller: ModernCaller): void {
    const refusal = this.#offered.refusalOf(request);
    if (refusal) caller.fail(refusal);
    else this.#endpoint.call(request, this.#offered.callerOf(request, caller, ModernLister));
  }

  cancel(caller: ModernCaller, reason: GatewayError): void {
    this.#endpoint.cancel(this.#offered.madeFor(caller), reason);
  }

  stop(): Promise<void> {
    return this.#endpoint.stop();
  }
}
