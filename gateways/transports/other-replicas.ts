/** Requests that belong to another gateway of the service: forwarded to it, or answered here when it is gone. */
import { setTimeout as sleep } from "node:timers/promises";
import { endOfSubscription } from "../bridge/answers.ts";
import { GatewayError } from "../errors.ts";
import { audit, type Logger } from "../log.ts";
import { named } from "../principal.ts";
import type { ExecutionLock } from "../sessions/replicas/serial-lock.ts";
import type { Replica } from "../sessions/replicas/replica.ts";
import type { Service } from "../sessions/service.ts";
import { Session } from "../sessions/session.ts";
import type { AdmittedExchange, Exchange } from "./exchange.ts";
import { askToDrain, type Carried } from "./drain-request.ts";
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
  /** Whether the answers of calls come on that stream, as on /sse and /ws: the gateway waits for those. @default false */
  readonly carriesCalls?: boolean;
}

/** A connection that carries calls, taken through to another gateway. */
interface Carrying extends Carried {
  /** Resolves when it is over. */
  readonly over: Promise<unknown>;
}

const NO_BODY: Buffer = Buffer.alloc(0);
/** How much of the time that is left the other gateway keeps for telling a client that its calls are over, and at most. */
const TELLING_PART = 1 / 4;
const TELLING_TIME = 1_000;

/** The other gateways of a service. */
export class OtherReplicas {
  readonly #service: Service;
  readonly #log: Logger;
  readonly #logged = new Set<string>();
  readonly #carrying = new Set<Carrying>();
  /** When this gateway ends (performance.now()); undefined = not yet. */
  #deadline: number | undefined;

  constructor(service: Service, log: Logger) {
    this.#service = service;
    this.#log = log;
  }

  /** Whether the service is serial and this gateway does not hold its lock. */
  get lacksLock(): boolean {
    return this.#service.lock?.held === false;
  }

  /**
   * This gateway ends: what others carry for its clients is over when their open calls have been answered.
   * @param deadline when it does not wait any longer (performance.now())
   */
  drain(deadline: number): void {
    this.#deadline = deadline;
    for (const one of this.#carrying) this.#drainOne(one, deadline);
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
    await this.#service.awake(); // a session of another gateway may be the first thing that needs the server
    let gone: string | undefined;
    for (let tried = 0; tried < TRIES && !exchange.gone; tried++) {
      const place = await this.#service.sessions.locate(id, principal, gone);
      if (place instanceof Session) return place;
      this.#logOnce(id, { service: this.#service.name, ...named(principal), owner: place });
      if (await this.#send(place, incoming)) return undefined;
      gone = place;
    }
    throw new GatewayError("owner-silent");
  }

  /**
   * Decides whether a call to a serial service is executed here. Waits while the gateway that executed ends.
   * @returns false when another gateway has answered the request
   * @throws GatewayError `owner-silent` when no gateway executes in time, `not-owner`, `shutting-down`
   */
  async isExecutedHere(incoming: Incoming): Promise<boolean> {
    const { exchange } = incoming;
    const lock = this.#service.lock as ExecutionLock;
    const deadline = performance.now() + this.#replica.options.requestTimeout;
    let gone = { address: "", until: 0 };
    for (let now = 0; now < deadline && !exchange.gone; now = performance.now()) {
      if (await lock.take()) return true;
      const other = await lock.otherHolder();
      if (other !== undefined && (other !== gone.address || now > gone.until)) {
        this.#logOnce(`serial lock ${other}`, { service: this.#service.name, owner: other });
        if (await this.#send(other, incoming)) return false;
        gone = { address: other, until: performance.now() + SECOND_TRY };
      } else if (exchange.forwarded) throw new GatewayError("not-owner");
      await this.#service.wait(this.#unlessEnding(lock.pause()));
    }
    throw new GatewayError("owner-silent");
  }

  /** @returns whether the client has been answered */
  async #send(owner: string, { exchange, body = NO_BODY, listens, carriesCalls }: Incoming): Promise<boolean> {
    if (exchange.forwarded) throw new GatewayError("not-owner"); // once is enough: no request goes round in circles
    const { forwardKey, options } = this.#replica;
    const { principal } = exchange;
    const signature = signForward(exchange, { key: forwardKey, audience: owner, principal, body });
    const carried = { exchange, owner, signature, principal };
    if (exchange.handshake) return this.#carry(carried, tunnel(exchange, owner, signature));
    if (!listens) {
      const idleTimeout = options.requestTimeout + GRACE;
      return this.#service.wait(
        this.#untilEnding((ending) => forward(exchange, { owner, body, idleTimeout, signature, ending })),
      );
    }
    const sent = this.#untilEnded(exchange, forward(exchange, { owner, body, idleTimeout: 0, signature }));
    return carriesCalls ? this.#carry(carried, sent) : sent;
  }

  /** Remembers a connection that carries calls until it is over. */
  async #carry(carried: Carried, over: Promise<boolean>): Promise<boolean> {
    const carrying = { ...carried, over };
    this.#carrying.add(carrying);
    if (this.#deadline !== undefined) this.#drainOne(carrying, this.#deadline);
    try {
      return await over;
    } finally {
      this.#carrying.delete(carrying);
    }
  }

  /** Asks until the other gateway has heard: the connection may not have come there yet. */
  #drainOne(carrying: Carrying, deadline: number): void {
    const { forwardKey } = this.#replica;
    const ask = async () => {
      for (let now = performance.now(); now < deadline && this.#carrying.has(carrying); now = performance.now()) {
        const left = deadline - now;
        if (await askToDrain(carrying, forwardKey, left - Math.min(TELLING_TIME, left * TELLING_PART))) return;
        await sleep(SECOND_TRY);
      }
    };
    void ask();
    void this.#service.wait(carrying.over.catch(() => {}));
  }

  /** A forwarded stream ends in good order with this gateway; its client reconnects to another one. */
  async #untilEnded({ res, requestId }: Exchange, sent: Promise<boolean>): Promise<boolean> {
    const last = requestId === undefined ? "" : `event: message\ndata: ${endOfSubscription(requestId)}\n\n`;
    return this.#endingWith(() => void (res.headersSent && res.end(last, "latin1")), sent);
  }

  /** A forwarded call is given up with this gateway. */
  #untilEnding<T>(send: (ending: AbortSignal) => Promise<T>): Promise<T> {
    const ending = new AbortController();
    return this.#endingWith(() => ending.abort(), send(ending.signal));
  }

  /** @throws GatewayError `shutting-down` when this gateway ends first */
  #unlessEnding<T>(waiting: Promise<T>): Promise<T> {
    const ended = new Promise<never>(
      (_, reject) => void this.#endingWith(() => reject(new GatewayError("shutting-down")), waiting),
    );
    return Promise.race([waiting, ended]);
  }

  /** @param end called when this gateway ends before the promise has settled */
  async #endingWith<T>(end: () => void, promise: Promise<T>): Promise<T> {
    const { forwarded } = this.#replica;
    forwarded.add(end);
    try {
      return await promise;
    } finally {
      forwarded.delete(end);
    }
  }

  get #replica(): Replica {
    return this.#service.replica!;
  }

  #logOnce(key: string, fields: { service: string; owner: string; principal?: string; name?: string }): void {
    if (this.#logged.has(key)) return;
    if (this.#logged.size >= MAX_LOGGED) this.#logged.clear();
    this.#logged.add(key);
    if (fields.principal === undefined) this.#log.info(fields, "another gateway executes: calls are forwarded to it");
    else audit(this.#log, "session-forwarded", { ...fields, session: key.slice(0, 6) });
  }
}
