/** Stands in front of a server, in both eras: refuses some requests, and shows less of lists. */
import type { Caller, Settled } from "../../bridge/connection.ts";
import type { GatewayError } from "../../errors.ts";
import type { Message } from "../../jsonrpc.ts";
import type { Principal } from "../../principal.ts";
import type { Lane, LaneCaller, LaneClient, ModernCaller, ModernEndpoint } from "../servers/contract.ts";
import { Lister, ModernLister, type Filter } from "./lister.ts";

/** What passes, and what of it. */
export interface ToolFilter {
  /** Why a message is not passed on; undefined when it is. */
  refusalOf(message: Message, principal: Principal): GatewayError | undefined;
  /** What its answer passes on the way back; undefined = it stays as it is. */
  filterOf(message: Message, principal: Principal): Filter | undefined;
}

/** Nobody in particular, for filters that make no difference between callers. */
const NOBODY: Pick<LaneClient, "principal"> = { principal: { id: "nobody", tools: [] } };

/** A session's way to the server, past a filter. */
export class FilteredLane implements Lane {
  readonly #filter: ToolFilter;
  readonly #lane: Lane;
  readonly #client: Pick<LaneClient, "principal">;
  /** Who takes an answer, by the caller for whom. */
  readonly #listing = new WeakMap<Caller, Caller>();

  constructor(filter: ToolFilter, lane: Lane, client = NOBODY) {
    this.#filter = filter;
    this.#lane = lane;
    this.#client = client;
  }

  open(): Promise<string> {
    return this.#lane.open();
  }

  restore(): void {
    this.#lane.restore();
  }

  call(message: Message, caller: LaneCaller, settled: Settled): void {
    const principal = caller.principal ?? this.#client.principal;
    const refusal = this.#filter.refusalOf(message, principal);
    if (!refusal) return this.#lane.call(message, this.#callerOf(message, caller, principal), settled);
    settled();
    caller.fail(refusal);
  }

  /** Some servers run a call without an id, too, and answer nothing. */
  tell(message: Message): void {
    if (!this.#filter.refusalOf(message, this.#client.principal)) this.#lane.tell(message);
  }

  cancel(caller: Caller, reason: GatewayError): void {
    this.#lane.cancel(this.#listing.get(caller) ?? caller, reason);
  }

  close(reason: GatewayError): Promise<void> {
    return this.#lane.close(reason);
  }

  /** Who makes a request in place of its caller. */
  #callerOf(message: Message, caller: LaneCaller, principal: Principal): LaneCaller {
    const filter = this.#filter.filterOf(message, principal);
    if (!filter) return caller;
    const listing = new Lister(caller, filter);
    this.#listing.set(caller, listing);
    return listing;
  }
}

/** The same for modern requests. */
export class FilteredEndpoint implements ModernEndpoint {
  readonly #filter: ToolFilter;
  readonly #endpoint: ModernEndpoint;
  readonly #listing = new WeakMap<ModernCaller, ModernCaller>();

  constructor(filter: ToolFilter, endpoint: ModernEndpoint) {
    this.#filter = filter;
    this.#endpoint = endpoint;
  }

  get openCalls(): number {
    return this.#endpoint.openCalls;
  }

  call(request: Message, caller: ModernCaller): void {
    const refusal = this.#filter.refusalOf(request, caller.principal);
    if (refusal) return caller.fail(refusal);
    const filter = this.#filter.filterOf(request, caller.principal);
    if (!filter) return this.#endpoint.call(request, caller);
    const listing = new ModernLister(caller, filter);
    this.#listing.set(caller, listing);
    this.#endpoint.call(request, listing);
  }

  cancel(caller: ModernCaller, reason: GatewayError): void {
    this.#endpoint.cancel(this.#listing.get(caller) ?? caller, reason);
  }

  stop(): Promise<void> {
    return this.#endpoint.stop();
  }
}
