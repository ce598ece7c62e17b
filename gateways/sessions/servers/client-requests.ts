/** The requests of a server that one client has not answered. */
import { GatewayError } from "../../errors.ts";
import { stringAt } from "../../json/scan.ts";
import { encode, notification, readMessage, type Message } from "../../jsonrpc.ts";
import type { LaneClient } from "./contract.ts";

/** How many requests of a server may wait for its client. */
const MAX_CLIENT_REQUESTS = 1_000;

/**
 * The open requests to one client, by the id that the client knows. No server of the session has used that id before.
 * @typeParam T what is remembered of a request until its answer comes
 */
export class ClientRequests<T> {
  readonly #client: Pick<LaneClient, "fromServer">;
  /** By the id as it stands in the request's text. */
  readonly #open = new Map<string, T>();
  readonly #limit: number;
  #last: number;

  /** @param servers how many servers request, each as much as one may */
  constructor(client: Pick<LaneClient, "fromServer" | "record">, servers = 1) {
    this.#client = client;
    this.#limit = servers * MAX_CLIENT_REQUESTS;
    this.#last = client.record.countFrom;
  }

  get size(): number {
    return this.#open.size;
  }

  /**
   * Registers a request, which the caller then sends.
   * @returns the id that it must carry, as JSON text
   * @throws GatewayError `too-many-client-requests`
   */
  register(pending: T): string {
    const limit = this.#limit;
    if (this.#open.size >= limit) throw new GatewayError("too-many-client-requests", { limit });
    const id = `"server-${++this.#last}"`;
    this.#open.set(id, pending);
    return id;
  }

  /** What a request remembered when its answer has come; undefined when it was withdrawn, or never sent. */
  answered({ id }: Message): T | undefined {
    const pending = this.get(id as string);
    this.#open.delete(asRegistered(id as string));
    return pending;
  }

  /** What an open request remembers. @param id as the client has written it */
  get(id: string): T | undefined {
    return this.#open.get(asRegistered(id));
  }

  /** The id of the request that remembers this. */
  idOf(pending: T): string | undefined {
    return this.find((open) => open === pending);
  }

  /** The id of a request that remembers what is looked for. */
  find(matches: (pending: T) => boolean): string | undefined {
    return [...this.#open].find(([, open]) => matches(open))?.[0];
  }

  /** Takes a request back, and tells the client. @returns what it remembered; undefined when it is not open */
  withdraw(id: string): T | undefined {
    const pending = this.#open.get(id);
    if (!this.#open.delete(id)) return undefined;
    const text = notification("notifications/cancelled", { requestId: JSON.parse(id) as string });
    this.#client.fromServer(readMessage(text) as Message);
    return pending;
  }

  withdrawAll(): void {
    for (const id of this.#open.keys()) this.withdraw(id);
  }
}

/** An id of ours as it was registered: a client may have escaped it in its own way. */
const asRegistered = (id: string) => encode(stringAt(id, 0, id.length));
