/** Requests that are another gateway's of the same service: sent on to it, or answered here when it is gone. */
import { endOfSubscription } from "../bridge/answers.ts";
import { GatewayError } from "../errors.ts";
import { audit, type Logger } from "../log.ts";
import type { Replica } from "../sessions/replicas/replica.ts";
import { Session, type Principal } from "../sessions/session.ts";
import type { Service } from "../sessions/service.ts";
import type { Exchange } from "./exchange.ts";
import { forward } from "./forward.ts";
import { signForward } from "./forwarded.ts";

/** How often a session is looked for: each time another gateway may have been quicker. */
const TRIES = 5;
/** After this many milliseconds a gateway that did not want a call is asked again, if it still executes. */
const SECOND_TRY = 500;
/** What a call may take beyond its time limit at the gateway that executes it, in milliseconds. */
const GRACE = 15_000;
/** Sessions that are remembered as logged. */
const MAX_LOGGED = 10_000;

/** A request that may be another gateway's. */
export interface Incoming {
  readonly exchange: Exchange;
  readonly service: Service;
  readonly principal: Principal;
  /** Its body; undefined = it has none. */
  readonly body?: Buffer;
  /** Whether its answer is a stream of news that ends only with the gateway, and not a call that the gateway's end waits for. */
  readonly listens: boolean;
}

const NO_BODY: Buffer = Buffer.alloc(0);

/** The other gateways of a service, as the requests see them. */
export class Replicas {
  readonly #log: Logger;
  readonly #logged = new Set<string>();

  constructor(log: Logger) {
    this.#log = log;
  }

  /**
   * The session of a request, when it is not in this gateway.
   * @returns the session, when it has been revived here; undefined when another gateway has answered the request
   * @throws GatewayError `session-not-found`, `owner-silent`, `not-owner`
   */
  async sessionOf(incoming: Incoming): Promise<Session | undefined> {
    const { exchange, service, principal } = incoming;
    const id = exchange.header("mcp-session-id")!;
    let gone: string | undefined;
    for (let tried = 0; tried < TRIES && !exchange.gone; tried++) {
      const place = service.sessions.locate(id, principal, gone);
      if (place instanceof Session) return place;
      this.#logOnce(id, { service: service.name, principal: principal.id, owner: place });
      if (await send(place, incoming)) return undefined;
      gone = place;
    }
    throw new GatewayError("owner-silent");
  }

  /**
   * Whether a call to a serial service is executed here. Waits while the gateway that executed ends.
   * @returns false when another gateway has answered the request
   * @throws GatewayError `owner-silent` when nobody executes in time, `not-owner`
   */
  async executes(incoming: Incoming): Promise<boolean> {
    const { exchange, service } = incoming;
    const { serialLock, options } = service.replica!;
    const deadline = performance.now() + options.requestTimeout;
    let gone = { address: "", until: 0 };
    for (let now = 0; now < deadline && !exchange.gone; now = performance.now()) {
      if (serialLock!.take()) return true;
      const { other } = serialLock!;
      if (other !== undefined && (other !== gone.address || now > gone.until)) {
        this.#logOnce(`serialLock ${other}`, { service: service.name, owner: other });
        if (await send(other, incoming)) return false;
        gone = { address: other, until: performance.now() + SECOND_TRY };
      } else if (exchange.forwarded) throw new GatewayError("not-owner");
      await service.wait(serialLock!.pause());
    }
    throw new GatewayError("owner-silent");
  }

  #logOnce(key: string, fields: { service: string; owner: string; principal?: string }): void {
    if (this.#logged.has(key)) return;
    if (this.#logged.size >= MAX_LOGGED) this.#logged.clear();
    this.#logged.add(key);
    if (fields.principal === undefined) this.#log.info(fields, "another gateway executes: calls are sent on to it");
    else audit(this.#log, "session-forwarded", { ...fields, session: key.slice(0, 6) });
  }
}

/** @returns whether the client has been answered */
async function send(
  owner: string,
  { exchange, service, principal, body = NO_BODY, listens }: Incoming,
): Promise<boolean> {
  if (exchange.forwarded) throw new GatewayError("not-owner"); // once is enough: no request goes round in circles
  const replica = service.replica!;
  const signed = signForward(replica.forwardKey, exchange, principal.id, body);
  const patience = listens ? 0 : replica.options.requestTimeout + GRACE;
  const sent = forward(exchange, { owner, body, patience, signature: signed });
  return listens ? untilEnded(exchange, replica, sent) : service.wait(sent);
}

/** A stream that is sent on ends in good order with this gateway; its client goes on at another. */
async function untilEnded({ res, requestId }: Exchange, replica: Replica, sent: Promise<boolean>): Promise<boolean> {
  const last = requestId === undefined ? "" : `data: ${endOfSubscription(requestId)}\n\n`;
  const end = () => void (res.headersSent && res.end(last, "latin1"));
  replica.streams.add(end);
  try {
    return await sent;
  } finally {
    replica.streams.delete(end);
  }
}
