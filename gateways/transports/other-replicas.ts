/** Requests that belong to another gateway of the service: forwarded to it, or answered here when it is gone. */
import { endOfSubscription } from "../bridge/answers.ts";
import { GatewayError } from "../errors.ts";
import { audit, type Logger } from "../log.ts";
import type { Replica } from "../sessions/replicas/replica.ts";
import type { Service } from "../sessions/service.ts";
import { Session } from "../sessions/session.ts";
import type { AdmittedExchange, Exchange } from "./exchange.ts";
import { forward } from "./forward.ts";
import { signForward } from "./forward-signature.ts";
import { tunnel } from "./tunnel.ts";

/** How often a session is looked for: each time another gateway may have been quicker. */
const TRIES = 5;
/** Milliseconds after which a gateway that refused a call is asked again, if it still executes. */
const SECOND_TRY = 500;
/** Milliseconds that a call may take beyond its time limit at the gateway that executes it. */
const GRACE = 15_000;
/** How many sessions are remembered as logged. */
const MAX_LOGGED = 10_000;

/** A request that may belong to another gateway. */
export interface Incoming {
  readonly exchange: AdmittedExchange;
  /** Its body; undefined = it has none. */
  readonly body?: Buffer;
  /** Whether its answer is a stream that ends only with the gateway, and not a call that the gateway waits for before it ends. */
  readonly listens: boolean;
}

const NO_BODY: Buffer = Buffer.alloc(0);

/** The other gateways of a service. */
export class OtherReplicas {
  readonly #service: Service;
  readonly #log: Logger;
  readonly #logged = new Set<string>();

  constructor(service: Service, log: Logger) {
    this.#service = service;
    this.#log = log;
  }

  /** Whether the service is serial and this gateway does not hold its lock. */
  get lacksLock(): boolean {
    return this.#service.replica?.serialLock?.held === false;
  }

  /**
   * Finds the session of a request that is not in this gateway.
   * @returns the session, when it has been revived here; undefined when another gateway has answered the request
   * @throws GatewayError `session-not-found`, `owner-silent`, `not-owner`
   */
  async sessionOf(incoming: Incoming): Promise<Session | undefined> {
    const { exchange } = incoming;
    const { principal } = exchange;
    const id = exchange.session!;
    let gone: string | undefined;
    for (let tried = 0; tried < TRIES && !exchange.gone; tried++) {
      const place = await this.#service.sessions.locate(id, principal, gone);
      if (place instanceof Session) return place;
      this.#logOnce(id, { service: this.#service.name, principal: principal.id, owner: place });
      if (await this.#send(place, incoming)) return undefined;
      gone = place;
    }
    throw new GatewayError("owner-silent");
  }

  /**
   * Decides whether a call to a serial service is executed here. Waits while the gateway that executed ends.
   * @returns false when another gateway has answered the request
   * @throws GatewayError `owner-silent` when no gateway executes in time, `not-owner`
   */
  async isExecutedHere(incoming: Incoming): Promise<boolean> {
    const { exchange } = incoming;
    const { serialLock, options } = this.#replica;
    const deadline = performance.now() + options.requestTimeout;
    let gone = { address: "", until: 0 };
    for (let now = 0; now < deadline && !exchange.gone; now = performance.now()) {
      if (await serialLock!.take()) return true;
      const other = await serialLock!.otherHolder();
      if (other !== undefined && (other !== gone.address || now > gone.until)) {
        this.#logOnce(`serial lock ${other}`, { service: this.#service.name, owner: other });
        if (await this.#send(other, incoming)) return false;
        gone = { address: other, until: performance.now() + SECOND_TRY };
      } else if (exchange.forwarded) throw new GatewayError("not-owner");
      await this.#service.wait(serialLock!.pause());
    }
    throw new GatewayError("owner-silent");
  }

  /** @returns whether the client has been answered */
  async #send(owner: string, { exchange, body = NO_BODY, listens }: Incoming): Promise<boolean> {
    if (exchange.forwarded) throw new GatewayError("not-owner"); // once is enough: no request goes round in circles
    const { forwardKey, options } = this.#replica;
    const signature = signForward(exchange, {
      key: forwardKey,
      audience: owner,
      principal: exchange.principal.id,
      body,
    });
    if (exchange.handshake) return tunnel(exchange, owner, signature);
    const idleTimeout = listens ? 0 : options.requestTimeout + GRACE;
    const sent = forward(exchange, { owner, body, idleTimeout, signature });
    return listens ? this.#untilEnded(exchange, sent) : this.#service.wait(sent);
  }

  /** A forwarded stream ends in good order with this gateway; its client reconnects to another one. */
  async #untilEnded({ res, requestId }: Exchange, sent: Promise<boolean>): Promise<boolean> {
    const { streams } = this.#replica;
    const last = requestId === undefined ? "" : `event: message\ndata: ${endOfSubscription(requestId)}\n\n`;
    const end = () => void (res.headersSent && res.end(last, "latin1"));
    streams.add(end);
    try {
      return await sent;
    } finally {
      streams.delete(end);
    }
  }

  get #replica(): Replica {
    return this.#service.replica!;
  }

  #logOnce(key: string, fields: { service: string; owner: string; principal?: string }): void {
    if (this.#logged.has(key)) return;
    if (this.#logged.size >= MAX_LOGGED) this.#logged.clear();
    this.#logged.add(key);
    if (fields.principal === undefined) this.#log.info(fields, "another gateway executes: calls are forwarded to it");
    else audit(this.#log, "session-forwarded", { ...fields, session: key.slice(0, 6) });
  }
}
