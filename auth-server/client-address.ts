/** Where a request comes from, as the proxies say that are believed. */
import type { IncomingMessage } from "node:http";
import { clientOf, TrustedProxies } from "../gateways/limits/trusted-proxies.ts";

/** The addresses of requests. Whoever needs one asks here: their headers are gone by then (server.ts). */
export class ClientAddresses {
  readonly #trusted: TrustedProxies;
  readonly #known = new WeakMap<IncomingMessage, string>();

  /** @param trusted addresses, ranges and host names */
  constructor(trusted: readonly string[]) {
    this.#trusted = new TrustedProxies(trusted);
  }

  /** Looks up the names among those that are believed. */
  ready(): Promise<void> {
    return this.#trusted.ready();
  }

  /** Notes the address of a request whose headers are still those that it came with. */
  note(req: IncomingMessage): void {
    this.#known.set(req, clientOf(req.socket.remoteAddress ?? "", req.headers, this.#trusted).address);
  }

  of(req: IncomingMessage): string {
    return this.#known.get(req) ?? "unknown";
  }
}
