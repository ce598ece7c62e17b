/**
 * The clients of one way in that get everything on one connection. When a gateway ends, each of them is let go as soon as its
 * open requests have been answered: those of this gateway, and one that another gateway has taken through to this one.
 */
import { GatewayError } from "../errors.ts";
import { drainTime } from "./drain-request.ts";
import type { AdmittedExchange } from "./exchange.ts";
import { signatureOf } from "./forward-signature.ts";
import { FORWARDED } from "./forwarded.ts";

/** A client that can be let go. */
export interface Drainable {
  /** Takes no more requests, and ends when those that are open have been answered. */
  drain(): void;
  /** Fails what is open. */
  giveUp(reason: GatewayError): void;
}

/** The open connections of one way in. */
export class OpenStreams {
  readonly #open = new Set<Drainable>();
  /** Those that another gateway has taken through, by the signature of their first request. */
  readonly #forwarded = new Map<string, Drainable>();
  #draining = false;

  /** @param exchange the request that has opened the connection */
  add(client: Drainable, exchange: AdmittedExchange): void {
    const forwarded = exchange.forwarded && signatureOf(exchange.header(FORWARDED) as string);
    this.#open.add(client);
    if (forwarded !== undefined) this.#forwarded.set(forwarded, client);
    exchange.onceGone(() => {
      this.#open.delete(client);
      if (forwarded !== undefined) this.#forwarded.delete(forwarded);
    });
    if (this.#draining) client.drain();
  }

  /** This gateway ends. */
  drain(): void {
    this.#draining = true;
    for (const client of this.#open) client.drain();
  }

  /**
   * Answers the request of another gateway that ends. What has no answer by its deadline is told that it may have run.
   * @throws GatewayError `session-not-found` when its connection has not come or is over
   */
  drainForwarded(exchange: AdmittedExchange): void {
    const id = exchange.session ?? "";
    const client = this.#forwarded.get(id);
    if (!client) throw new GatewayError("session-not-found");
    exchange.empty(202);
    setTimeout(
      () => this.#forwarded.get(id)?.giveUp(new GatewayError("call-ended", { reason: LEFT })),
      drainTime(exchange),
    ).unref();
    client.drain();
  }
}

const LEFT = "the gateway that its client is connected to is shutting down";
