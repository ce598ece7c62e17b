/** The requests of a modern client on a connection that carries everything, as `/ws` does. */
import { endOfSubscription } from "../bridge/answers.ts";
import { LISTEN } from "../bridge/versions.ts";
import { GatewayError } from "../errors.ts";
import { errorAnswer, written, type Message } from "../jsonrpc.ts";
import type { Held, Share } from "../memory-budget.ts";
import type { Principal } from "../principal.ts";
import { CallsById } from "../sessions/calls-by-id.ts";
import type { AuditedCall, CallAudit } from "./call-audit.ts";
import type { AdmittedExchange } from "./exchange.ts";
import type { OpenRequests } from "./open-requests.ts";
import type { ModernReplier, ModernRequest, ModernRequests, Passing } from "./modern-requests.ts";
import type { ClientStream } from "./stream-client.ts";

/** What it is made of. */
export interface ModernFramesParts {
  /** The request that has opened the connection. */
  readonly exchange: AdmittedExchange;
  readonly stream: ClientStream;
  readonly modern: ModernRequests;
  readonly calls: CallAudit;
  /** Its requests that have not been answered, without subscriptions. */
  readonly requests: OpenRequests;
}

/** The modern requests that are open on one connection. */
export class ModernFrames {
  readonly #parts: ModernFramesParts;
  /** By the id that its client gave it. */
  readonly #open = new CallsById<OpenFrame>();

  constructor(parts: ModernFramesParts) {
    this.#parts = parts;
    parts.exchange.onceGone(() => {
      for (const { cancel } of this.#open.all()) cancel();
    });
  }

  /** Takes a message. @throws GatewayError for one that is not passed on */
  receive(message: Message): void {
    const { exchange, modern } = this.#parts;
    const request = modern.admit(message, exchange, undefined);
    if (request && this.#parts.requests.draining) throw new GatewayError("shutting-down");
    if (request) this.#pass(request);
  }

  /** Ends subscriptions in good order: no request of the client's is open with them. */
  endSubscriptions(): void {
    for (const { reply, cancel } of this.#open.all()) {
      if (!reply.listens) continue;
      reply.endsGracefully = true;
      cancel();
    }
  }

  /** Fails every request that is open. */
  giveUp(reason: GatewayError): void {
    for (const { cancel } of this.#open.all()) cancel(reason);
  }

  #pass(request: ModernRequest): void {
    const { modern } = this.#parts;
    const id = request.message.id as string;
    const reply = new FrameReply(request, this.#parts, () => this.#open.delete(id, open));
    const open: OpenFrame = { reply, cancel: modern.pass(request.message, reply, undefined).cancel };
    if (!reply.over) this.#open.add(id, open);
  }

  /** A client cancels on a connection as on a pipe (MCP 2026-07-28, Cancellation). @returns whether it is a request of these */
  cancels({ text, params, method }: Message): boolean {
    if (method !== "notifications/cancelled") return false;
    const open = this.#open.get(written(text, params, "requestId") ?? "");
    open?.cancel();
    return open !== undefined;
  }
}

/** A request that has not been answered. */
interface OpenFrame {
  readonly reply: FrameReply;
  /** Cancels it at its server; has no effect on one that has been answered. */
  readonly cancel: Passing["cancel"];
}

/** Answers one request. */
class FrameReply implements ModernReplier {
  readonly principal: Principal;
  readonly address: string;
  readonly logLevel: string | undefined;
  readonly memory: Share;
  readonly held: Held;
  readonly #request: ModernRequest;
  readonly #stream: ClientStream;
  readonly #call: AuditedCall | undefined;
  readonly #requests: OpenRequests;
  readonly #ended: () => void;
  /** Whether its subscription ends with a result, and not with an error. */
  endsGracefully = false;
  #over = false;

  /** @param ended called when it has been answered @throws GatewayError `too-many-open-requests`, `memory-exhausted` */
  constructor(request: ModernRequest, { exchange, stream, calls, requests }: ModernFramesParts, ended: () => void) {
    this.#request = request;
    this.#stream = stream;
    this.#requests = requests;
    this.#ended = ended;
    this.principal = exchange.principal;
    this.address = exchange.address;
    this.logLevel = request.metadata.logLevel;
    this.memory = exchange.share;
    this.held = openRequest(exchange.share, request.message.text.length); // it may wait until a server is up
    this.#call = calls.begin(request.message, { principal: exchange.principal, session: undefined });
    if (!this.listens) requests.begin();
  }

  /** Whether it is open until its client or its server ends it. */
  get listens(): boolean {
    return this.#request.message.method === LISTEN;
  }

  get over(): boolean {
    return this.#over;
  }

  answer(answer: string, received?: Message): void {
    if (this.#over) return;
    this.#call?.answered(answer, received);
    this.#finish(this.#request.rewrite?.(answer) ?? answer);
  }

  message(text: string): void {
    if (!this.#over) this.#stream.send(text);
  }

  fail(error: GatewayError): void {
    if (this.#over) return;
    if (this.endsGracefully) return this.#finish(endOfSubscription(this.#request.message.id as string));
    this.#call?.failed(error);
    const data = { error: error.name, ...error.data };
    this.#finish(errorAnswer(this.#request.message.id, error.modernCode, error.message, data));
  }

  #finish(text: string): void {
    this.#over = true;
    this.held.end();
    this.#stream.send(text);
    this.#ended();
    if (!this.listens) this.#requests.over();
  }
}

/** @throws GatewayError `too-many-open-requests`, `memory-exhausted`; nothing is held then */
function openRequest(share: Share, bytes: number): Held {
  const held = share.openRequest();
  if (held.tryTake(bytes)) return held;
  held.end();
  throw share.refusal("memory-exhausted", bytes);
}
