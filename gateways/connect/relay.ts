/** Passes messages between a client that speaks stdio and a server that speaks HTTP, each in its own era. */
import { openHttpUpstream, type HttpUpstream } from "../bridge/http-upstream.ts";
import { saysModern } from "../bridge/modern-headers.ts";
import { openSseUpstream } from "../bridge/sse-upstream.ts";
import { LISTEN } from "../bridge/versions.ts";
import { written, type Message } from "../jsonrpc.ts";
import type { LinkEvents } from "../bridge/link.ts";
import type { Logger } from "../log.ts";
import { LegacySession, type Transport } from "./legacy-session.ts";
import { ModernCalls } from "./modern-calls.ts";
import type { Client } from "./unanswered.ts";

export class Relay {
  readonly #legacy: LegacySession;
  readonly #modern: ModernCalls;

  /** @param patience milliseconds for which opening a session is tried again */
  constructor(upstream: HttpUpstream, patience: number, client: Client, log: Logger) {
    const { service } = upstream;
    const open = (transport: Transport, events: LinkEvents) =>
      (transport === "http" ? openHttpUpstream : openSseUpstream)(upstream, log, events);
    this.#legacy = new LegacySession({ service, open, patience }, client);
    this.#modern = new ModernCalls(service, (events) => open("http", events), client);
  }

  /** How many requests of the client wait for an answer. A subscription, which has none before it ends, is not counted. */
  get waiting(): number {
    const all = [...this.#legacy.unanswered, ...this.#modern.unanswered];
    return all.filter(({ method }) => method !== LISTEN).length;
  }

  /** Takes a message of the client. */
  take(message: Message): void {
    if (message.method === "notifications/cancelled" && this.#cancelsModern(message)) return;
    if (saysModern(message)) this.#modern.send(message);
    else this.#legacy.send(message);
  }

  /** Ends the session and everything that is open. */
  async close(): Promise<void> {
    await Promise.all([this.#legacy.close(), this.#modern.close()]);
  }

  /** A cancellation is of the era of what it cancels. */
  #cancelsModern(message: Message): boolean {
    const id = written(message.text, message.params, "requestId");
    return id !== undefined && this.#modern.cancel(id, message);
  }
}
