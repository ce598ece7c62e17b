/**
 * A client that gets everything on one stream, as those of `/sse` and `/ws` do: the session that it has initialized, and its
 * open calls.
 */
import { GatewayError, toGatewayError } from "../errors.ts";
import { errorAnswer, type Message } from "../jsonrpc.ts";
import type { Share } from "../memory-budget.ts";
import type { Principal } from "../principal.ts";
import type { Service } from "../sessions/service.ts";
import type { ClientTransport, Session, SessionCaller } from "../sessions/session.ts";
import type { Stream } from "../sessions/stream.ts";
import type { AuditedCall, CallAudit } from "./call-audit.ts";
import type { AdmittedExchange } from "./exchange.ts";
import { openSession } from "./initialize.ts";
import type { OpenRequests } from "./open-requests.ts";

/** The stream of one client. */
export interface ClientStream {
  /** Sends a message. */
  send(text: string): void;
  /** Sends whatever is on a session's stream, until either ends. */
  carry(stream: Stream): void;
}

/** What a client is made of. */
export interface StreamClientParts {
  /** The id that its session will have. */
  readonly id: string;
  /** The request that has opened the stream. The client is gone when its response closes. */
  readonly exchange: AdmittedExchange;
  readonly stream: ClientStream;
  readonly transport: ClientTransport;
  readonly service: Service;
  readonly calls: CallAudit;
  /** Its requests that have not been answered, whichever way they came. */
  readonly requests: OpenRequests;
}

/** A client whose stream is open. Its session ends with the stream. */
export class StreamClient {
  readonly #parts: StreamClientParts;
  /** Resolves when the session is open; undefined before initialize. */
  #opening: Promise<Session | undefined> | undefined;
  #session: Session | undefined;
  /** With what its token opens, as its last message has shown. */
  #principal: Principal;

  constructor(parts: StreamClientParts) {
    this.#parts = parts;
    this.#principal = parts.exchange.principal;
    parts.exchange.onceGone(() => void this.#end());
  }

  /** Its stream goes on with the token that its latest message has shown. */
  renew(principal: Principal): void {
    this.#parts.exchange.renew(principal);
  }

  /** The id of its principal. */
  get principal(): string {
    return this.#principal.id;
  }

  /**
   * Takes messages that it has sent. Whatever answers them comes on the stream.
   * @param principal who has sent them, with the token that came with them @default who has opened the stream
   * @throws GatewayError `memory-exhausted`: none was taken
   */
  receive(messages: readonly Message[], principal = this.#principal): void {
    this.#principal = principal;
    this.#session?.usedBy(principal);
    const held = this.#session ? undefined : this.#parts.exchange.share.hold(bytesOf(messages));
    for (const message of messages) this.#receive(message, principal);
    if (held) void Promise.resolve(this.#opening).then(() => held.end());
  }

  /** Fails every request that is open. */
  giveUp(reason: GatewayError): void {
    this.#session?.endCalls(reason);
  }

  #receive(message: Message, principal: Principal): void {
    if (this.#parts.requests.draining && message.kind === "request")
      return this.refuse(message, new GatewayError("shutting-down"));
    if (message.method === "initialize") return this.#initialize(message);
    if (this.#session) return this.#pass(message, this.#session, principal);
    if (!this.#opening) return this.refuse(message, new GatewayError("invalid-request", { detail: FIRST }));
    this.#parts.requests.begin();
    void this.#passWhenOpen(message, this.#opening, principal);
  }

  async #passWhenOpen(message: Message, opening: Promise<Session | undefined>, principal: Principal): Promise<void> {
    const session = await opening;
    if (session) this.#pass(message, session, principal);
    else this.refuse(message, new GatewayError("invalid-request", { detail: FIRST }));
    this.#parts.requests.over();
  }

  /** Answers a request with an error. */
  refuse({ kind, id }: Message, { code, message: reason }: GatewayError): void {
    if (kind === "request") this.#parts.stream.send(errorAnswer(id, code, reason));
  }

  #initialize(message: Message): void {
    const again =
      this.#opening && new GatewayError("invalid-request", { detail: "the session is initialized already" });
    if (again) return this.refuse(message, again);
    const { calls, id, requests } = this.#parts;
    const call = calls.begin(message, { principal: this.#principal, session: id });
    requests.begin();
    this.#opening = this.#open(message, call)
      .catch((thrown: unknown) => {
        const error = toGatewayError(thrown);
        this.#opening = undefined;
        call?.failed(error);
        this.refuse(message, error);
        return undefined;
      })
      .finally(() => requests.over());
  }

  async #open(message: Message, call: AuditedCall | undefined): Promise<Session | undefined> {
    const { service, exchange, id, stream, transport } = this.#parts;
    const opened = await openSession(service, message, exchange, { transport, id });
    if (opened === undefined) return undefined;
    if (!opened.session) this.#opening = undefined; // the server's refusal: the client may try again
    call?.answered(opened.answer);
    stream.send(opened.answer);
    this.#session = opened.session;
    if (this.#session) stream.carry(this.#session.standalone);
    return this.#session;
  }

  #pass(message: Message, session: Session, principal: Principal): void {
    if (message.kind !== "request") return session.tell(message);
    const { calls, id, requests } = this.#parts;
    const call = calls.begin(message, { principal, session: id });
    requests.begin();
    session.call(message, new StreamCaller(message, this.#parts, principal, call));
  }

  async #end(): Promise<void> {
    const session = this.#session ?? (await this.#opening);
    if (session) await this.#parts.service.sessions.close(session);
  }
}

/** What messages cost while they wait for their session to open. */
const bytesOf = (messages: readonly Message[]) =>
  messages.reduce((sum, { text }) => sum + text.length + WAITING_BYTES, 0);

/** What each costs besides its text. */
const WAITING_BYTES = 1024;

const FIRST = "the first message of a session is initialize";

/** Waits for the answer of one request, which comes on the client's one stream. */
class StreamCaller implements SessionCaller {
  readonly streams = true;
  readonly memory: Share;
  readonly principal: Principal;
  readonly #request: Message;
  readonly #stream: ClientStream;
  readonly #requests: OpenRequests;
  readonly #call: AuditedCall | undefined;

  constructor(
    request: Message,
    { stream, requests, exchange }: Pick<StreamClientParts, "stream" | "requests" | "exchange">,
    principal: Principal,
    call: AuditedCall | undefined,
  ) {
    this.#request = request;
    this.#stream = stream;
    this.#requests = requests;
    this.memory = exchange.share;
    this.principal = principal;
    this.#call = call;
  }

  answer(text: string, received?: Message): void {
    this.#call?.answered(text, received);
    this.#stream.send(text);
    this.#requests.over();
  }

  message(text: string): void {
    this.#stream.send(text);
  }

  fail(error: GatewayError): void {
    this.#call?.failed(error);
    this.#stream.send(errorAnswer(this.#request.id, error.code, error.message, error.told));
    this.#requests.over();
  }
}
