/** A client of `/sse`: its stream, the session that it has initialized, and its open calls. */
import { GatewayError, toGatewayError } from "../errors.ts";
import { errorAnswer, type Message } from "../jsonrpc.ts";
import type { Share } from "../memory-budget.ts";
import type { Principal } from "../principal.ts";
import type { Service } from "../sessions/service.ts";
import type { Session, SessionCaller } from "../sessions/session.ts";
import type { AuditedCall, CallAudit } from "./call-audit.ts";
import type { AdmittedExchange } from "./exchange.ts";
import type { Heartbeat } from "./heartbeat.ts";
import { openSession } from "./initialize.ts";
import { SseResponse } from "./sse-response.ts";

/** What a client is made of. */
export interface SseClientParts {
  /** The id that its session will have. */
  readonly id: string;
  /** The request whose answer is the stream. */
  readonly exchange: AdmittedExchange;
  readonly service: Service;
  readonly heartbeat: Heartbeat;
  readonly calls: CallAudit | undefined;
}

/** A client whose stream is open. */
export class SseClient {
  readonly principal: Principal;
  readonly #parts: SseClientParts;
  readonly #response: SseResponse;
  /** Resolves when the session is open; undefined before initialize. */
  #opening: Promise<Session | undefined> | undefined;
  #session: Session | undefined;

  constructor(parts: SseClientParts) {
    const { exchange, heartbeat } = parts;
    this.#parts = parts;
    this.principal = exchange.principal;
    this.#response = new SseResponse(exchange, heartbeat);
    exchange.res.once("close", () => void this.#end());
  }

  /** Tells it where to post. */
  sayEndpoint(uri: string): void {
    this.#response.endpoint(uri);
  }

  /** Takes a message that it has posted. Whatever answers it comes on the stream. */
  receive(message: Message): void {
    if (message.method === "initialize") return this.#initialize(message);
    if (this.#session) return this.#pass(message, this.#session);
    if (!this.#opening) return this.refuse(message, new GatewayError("invalid-request", { detail: FIRST }));
    void this.#opening.then((session) => session && this.#pass(message, session));
  }

  /** Answers a request with an error. */
  refuse({ kind, id }: Message, { code, message: reason }: GatewayError): void {
    if (kind === "request") this.#response.send(errorAnswer(id, code, reason));
  }

  #initialize(message: Message): void {
    const again =
      this.#opening && new GatewayError("invalid-request", { detail: "the session is initialized already" });
    if (again) return this.refuse(message, again);
    this.#opening = this.#open(message).catch((thrown: unknown) => {
      this.#opening = undefined;
      this.refuse(message, toGatewayError(thrown));
      return undefined;
    });
  }

  async #open(message: Message): Promise<Session | undefined> {
    const { service, exchange, id } = this.#parts;
    const opened = await openSession(service, message, exchange, { transport: "sse", id });
    if (opened === undefined) return undefined;
    if (!opened.session) this.#opening = undefined; // the server's refusal: the client may try again
    this.#response.send(opened.answer);
    this.#session = opened.session;
    if (this.#session) this.#response.carry(this.#session.standalone);
    return this.#session;
  }

  #pass(message: Message, session: Session): void {
    if (message.kind !== "request") return session.tell(message);
    const { calls, id, exchange } = this.#parts;
    const call = calls?.begin(message, { principal: this.principal, session: id });
    session.call(message, new StreamCaller(message, this.#response, exchange.share, call));
  }

  /** The session ends with the stream. */
  async #end(): Promise<void> {
    const session = this.#session ?? (await this.#opening);
    if (session) await this.#parts.service.sessions.close(session);
  }
}

const FIRST = "the first message of a session is initialize";

/** Waits for the answer of one request, which comes on the client's one stream. */
class StreamCaller implements SessionCaller {
  readonly streams = true;
  readonly memory: Share;
  readonly #request: Message;
  readonly #response: SseResponse;
  readonly #call: AuditedCall | undefined;

  constructor(request: Message, response: SseResponse, memory: Share, call: AuditedCall | undefined) {
    this.#request = request;
    this.#response = response;
    this.memory = memory;
    this.#call = call;
  }

  answer(text: string, received?: Message): void {
    this.#call?.answered(text, received);
    this.#response.send(text);
  }

  message(text: string): void {
    this.#response.send(text);
  }

  fail(error: GatewayError): void {
    this.#call?.failed(error);
    this.#response.send(errorAnswer(this.#request.id, error.code, error.message));
  }
}
