/** Passes messages between a client that speaks stdio and a server that speaks HTTP, each in its own era. */
import { openHttpUpstream, type HttpUpstream } from "../bridge/http-upstream.ts";
import { saysModern } from "../bridge/modern-headers.ts";
import { openSseUpstream } from "../bridge/sse-upstream.ts";
import { LISTEN } from "../bridge/versions.ts";
import { written, type Message } from "../jsonrpc.ts";
import type { Logger } from "../log.ts";
import { LegacySession, type OpenSession } from "./legacy-session.ts";
import { ModernCalls } from "./modern-calls.ts";
import type { Client } from "./unanswered.ts";

export class Relay {
  readonly #legacy: LegacySession;
  readonly #modern: ModernCalls;

  constructor(upstream: HttpUpstream, client: Client, log: Logger) {
    const open: OpenSession = (transport, events) =>
      (transport === "http" ? openHttpUpstream : openSseUpstream)(upstream, log, events);
    this.#legacy = new LegacySession(upstream.service, open, client);
    this.#modern = new ModernCalls(upstream.service, (events) => openHttpUpstream(upstream, log, events), client);
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
