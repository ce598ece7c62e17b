/** A client of `/ws`: its connection, and what it sends. */
import type { RawData, WebSocket } from "ws";
import { GatewayError, toGatewayError } from "../errors.ts";
import { errorAnswer, type Message } from "../jsonrpc.ts";
import type { Carrier, Stream } from "../sessions/stream.ts";
import { readMessages } from "./body.ts";
import type { AdmittedExchange } from "./exchange.ts";
import { FrameMemory } from "./frame-memory.ts";
import type { Beating } from "./heartbeat.ts";
import { ModernFrames } from "./modern-frames.ts";
import { OpenRequests } from "./open-requests.ts";
import type { Drainable } from "./open-streams.ts";
import { Outflow } from "./outflow.ts";
import { isModern, NO_HEADERS } from "./request-metadata.ts";
import { StreamClient, type ClientStream } from "./stream-client.ts";
import type { MessageTransportParts } from "./transport.ts";

/** Why a connection is closed: a code (RFC 6455, section 7.4.1) and the sentence for the client. */
const ENDINGS = {
  "session-ended": [1000, "the session has ended"],
  "going-away": [1001, "the gateway is shutting down: connect again"],
  binary: [1003, "send each JSON-RPC message as a text frame"],
  flood: [1008, "too many messages in spite of rate limits"],
  memory: [1013, "no memory for a message of this size at the moment"],
  "logged-out": [1008, "the login has ended: log in and connect again"],
  moved: [1012, "another gateway runs the calls now: connect again"],
} as const satisfies Record<string, readonly [code: number, reason: string]>;

/** How many messages in a row are refused before the connection is closed. */
const MOST_REFUSED = 100;

/** How many pings in a row may go unanswered. */
const MOST_MISSED = 3;

/** What a client is made of. */
export interface WebSocketClientParts extends MessageTransportParts {
  /** The request that became the connection. */
  readonly exchange: AdmittedExchange;
  /** The id that its session will have. */
  readonly id: string;
}

/** A client that is connected. */
export class WebSocketClient implements ClientStream, Carrier, Beating, Drainable {
  readonly #socket: WebSocket;
  readonly #parts: WebSocketClientParts;
  readonly #outflow: FrameOutflow;
  readonly #memory: FrameMemory;
  readonly #legacy: StreamClient;
  readonly #modern: ModernFrames;
  readonly #requests = new OpenRequests(() => this.close("going-away"));
  #ending = false;
  #refused = 0;
  #missed = 0;

  constructor(socket: WebSocket, parts: WebSocketClientParts) {
    const { exchange, heartbeat } = parts;
    this.#socket = socket;
    this.#parts = parts;
    this.#outflow = new FrameOutflow(socket, exchange);
    const own = { ...parts, stream: this, requests: this.#requests };
    this.#legacy = new StreamClient({ ...own, transport: "ws" });
    this.#modern = new ModernFrames(own);
    this.#memory = new FrameMemory(socket, exchange, () => this.#full());
    socket.on("message", (data, isBinary) => this.#receive(data, isBinary));
    socket.on("ping", () => void this.#countOne()); // the library has answered it
    socket.on("pong", () => this.#pong());
    socket.on("error", () => {}); // a frame against the protocol: the library closes the connection with its code
    exchange.onceGone(() => heartbeat.delete(this));
    exchange.endsBy(() => this.close("logged-out"));
    heartbeat.add(this);
  }

  drain(): void {
    this.#modern.endSubscriptions();
    this.#requests.drain();
  }

  giveUp(reason: GatewayError): void {
    this.#modern.giveUp(reason);
    this.#legacy.giveUp(reason);
  }

  /** Closes the connection when the client has taken what waits for it. */
  close(ending: keyof typeof ENDINGS): void {
    if (this.#ending) return;
    this.#ending = true;
    const [code, reason] = ENDINGS[ending];
    this.#outflow.close(code, reason);
  }

  send(text: string): void {
    if (!this.#ending && this.#socket.readyState === this.#socket.OPEN && !this.#outflow.write(text)) this.#full();
  }

  carry(stream: Stream): void {
    this.#parts.exchange.onceGone(() => stream.detach(this));
    stream.attach(this);
  }

  /** A connection cannot be resumed, so an event needs no id. */
  event(_id: string, text: string): void {
    this.send(text);
  }

  /** Its session has ended. */
  end(): void {
    this.close(this.#requests.draining ? "going-away" : "session-ended");
  }

  /** A client whose machine sleeps or has lost its network answers no ping. */
  beat(): void {
    if (this.#outflow.waiting > 0) return; // what waits is cut off when the client takes nothing of it
    if (++this.#missed > MOST_MISSED) return this.#parts.exchange.cut(`no answer to ${MOST_MISSED} pings`);
    this.#socket.ping();
  }

  /** There is no memory for more: a client that does not read is not waited for. */
  #full(): void {
    const { waiting } = this.#outflow;
    if (waiting === 0) return this.close("memory");
    this.#parts.exchange.cut(`slow reader: ${waiting} bytes wait for it, and there is no memory for more`);
  }

  #pong(): void {
    if (this.#missed === 0) this.#countOne(); // it answers nothing
    this.#missed = 0;
  }

  #receive(data: RawData, isBinary: boolean): void {
    this.#memory.complete();
    const bytes = data as Buffer; // which is what the library makes of a message unless it is told otherwise
    if (this.#ending) return;
    if (isBinary) return this.close("binary");
    if (this.#parts.replicas.lacksLock) return this.close("moved");
    this.#take(bytes);
  }

  /** Whatever comes is counted, before it costs anything. One that is refused is read all the same, for the id in its answer. */
  #take(bytes: Buffer): void {
    const refusal = this.#countOne();
    let message: Message | undefined;
    try {
      if (isPing(bytes)) return this.#answerPing(refusal);
      message = oneMessage(bytes);
      this.#admit(message, refusal);
      this.#pass(this.#parts.calls.traced(message));
    } catch (thrown) {
      this.#refuse(message, toGatewayError(thrown));
    }
  }

  #answerPing(refusal: GatewayError | undefined): void {
    if (refusal) throw refusal;
    this.send('{"type":"pong"}');
  }

  #pass(message: Message): void {
    if (this.#modern.cancels(message)) return;
    if (isModern(message, NO_HEADERS)) this.#modern.receive(message);
    else this.#legacy.receive([message]);
  }

  /** Counts what has come against the rate. @returns why it is refused */
  #countOne(): GatewayError | undefined {
    const { limits, exchange } = this.#parts;
    try {
      limits.admitRequest(exchange.client, exchange.principal.id, "call");
      this.#refused = 0;
      return undefined;
    } catch (thrown) {
      if (++this.#refused > MOST_REFUSED) this.close("flood");
      return toGatewayError(thrown);
    }
  }

  /** @throws GatewayError `rate-limited` */
  #admit(message: Message, refusal: GatewayError | undefined): void {
    if (refusal) throw refusal;
    const { limits, exchange } = this.#parts;
    if (message.method === "initialize") limits.admitSession(exchange.client, exchange.principal.id);
  }

  #refuse(message: Message | undefined, error: GatewayError): void {
    const { message: reason, name, data, retryAfter } = error;
    this.#parts.calls.refused(error, performance.now());
    if (message && message.kind !== "request") return;
    const wait = retryAfter === undefined ? {} : { retryAfter: Math.max(1, Math.ceil(retryAfter)) };
    const code = message && isModern(message, NO_HEADERS) ? error.modernCode : error.code;
    this.send(errorAnswer(message?.id ?? error.answers, code, reason, { error: name, ...wait, ...data }));
  }
}

/** @throws GatewayError `parse-error`, `too-deep`, `invalid-request` */
function oneMessage(bytes: Buffer): Message {
  const { batch, messages } = readMessages(bytes);
  const detail = "A frame holds one message.";
  if (batch) throw new GatewayError("batch-not-supported", { detail });
  return messages[0] as Message;
}

const LONGEST_PING = 64;

/** What people type who try whether a WebSocket works, and some clients send to keep it open: `{"type": "ping"}`. */
const isPing = (bytes: Buffer) =>
  bytes.length <= LONGEST_PING && /^\s*\{\s*"type"\s*:\s*"ping"\s*\}\s*$/.test(bytes.toString("latin1"));

/** Messages on their way to the client, long ones in several frames. */
class FrameOutflow extends Outflow {
  readonly #socket: WebSocket;
  #last: readonly [code?: number, reason?: string] = [];

  constructor(socket: WebSocket, { req, memory }: AdmittedExchange) {
    super(req.socket, memory);
    this.#socket = socket;
  }

  /** Ends with a code and a reason, when everything has been written. */
  close(code: number, reason: string): void {
    this.#last = [code, reason];
    this.end();
  }

  protected override finish(): void {
    this.#socket.close(...this.#last);
  }

  protected override put(piece: string | Buffer, isLast: boolean, taken: () => void): void {
    const bytes = typeof piece === "string" ? Buffer.from(piece, "latin1") : piece;
    this.#socket.send(bytes, { binary: false, compress: false, fin: isLast }, taken);
  }
}
