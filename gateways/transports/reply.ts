/**
 * The answer to a POST: plain JSON when the answer is the first message, and an event stream when another message comes
 * first or the client has waited for a heartbeat.
 */
import type { GatewayError } from "../errors.ts";
import { errorAnswer, readMessage, type Message, type Pieces } from "../jsonrpc.ts";
import type { Principal } from "../principal.ts";
import type { Session, SessionCaller } from "../sessions/session.ts";
import type { Stream } from "../sessions/stream.ts";
import type { Share } from "../memory-budget.ts";
import type { AuditedCall } from "./call-audit.ts";
import type { AdmittedExchange } from "./exchange.ts";
import type { Beating, Heartbeat } from "./heartbeat.ts";
import { SseResponse } from "./sse-response.ts";

/** The first revision whose clients understand an event without data (SEP-1699). */
const FIRST_WITH_PRIMING = "2025-11-25";

/** Answers the one request of a POST. */
export class Reply implements SessionCaller, Beating {
  protected readonly exchange: AdmittedExchange;
  readonly #session: Session;
  readonly #heartbeat: Heartbeat;
  protected stream: Stream | undefined;

  constructor(exchange: AdmittedExchange, session: Session, heartbeat: Heartbeat) {
    this.exchange = exchange;
    this.#session = session;
    this.#heartbeat = heartbeat;
    heartbeat.add(this);
  }

  get memory(): Share {
    return this.exchange.share;
  }

  get principal(): Principal {
    return this.exchange.principal;
  }

  get streams(): boolean {
    return this.stream !== undefined || (this.exchange.acceptsStream && !this.exchange.gone);
  }

  answer(text: string, received?: Message, pieces?: Pieces): void {
    this.exchange.call?.answered(text, received);
    if (this.stream === undefined && this.exchange.acceptsJson) this.finish(text, pieces);
    else {
      this.message(text);
      this.finish();
    }
  }

  message(text: string): void {
    if (this.streams) this.openStream().send(text);
  }

  fail(error: GatewayError): void {
    this.exchange.call?.failed(error);
    if (this.stream) return this.answer(errorAnswer(this.exchange.requestId, error.code, error.message, error.told));
    this.#heartbeat.delete(this);
    this.exchange.fail(error);
  }

  beat(): void {
    if (this.exchange.gone) this.#heartbeat.delete(this);
    else if (this.streams) this.openStream();
  }

  /** Ends the response. @param json the answer, when it is not on the stream @param pieces the same, if it is long */
  protected finish(json?: string, pieces?: Pieces): void {
    this.#heartbeat.delete(this);
    if (this.stream) this.#session.closeStream(this.stream);
    else if (json !== undefined) this.exchange.json(200, json, undefined, pieces);
  }

  protected openStream(): Stream {
    if (this.stream) return this.stream;
    this.#heartbeat.delete(this); // the response has a heartbeat of its own now
    const stream = this.#session.openStream();
    const response = new SseResponse(this.exchange, this.#heartbeat);
    if (this.#session.version >= FIRST_WITH_PRIMING) response.prime(stream.eventId(0));
    response.carry(stream);
    return (this.stream = stream);
  }
}

/** Answers a batch (MCP 2025-03-26): one array when nothing else comes first, otherwise each answer on the stream. */
export class BatchReply extends Reply {
  readonly #answers: string[] = [];
  #open: number;

  constructor(exchange: AdmittedExchange, session: Session, heartbeat: Heartbeat, requests: number) {
    super(exchange, session, heartbeat);
    this.#open = requests;
  }

  override answer(text: string): void {
    this.#open--;
    if (this.stream) this.stream.send(text);
    else this.#keep(text);
    if (this.#open > 0) return;
    if (!this.exchange.acceptsJson) this.openStream();
    const all = `[${this.#answers.join(",")}]`;
    this.exchange.memory.give(all.length); // it is counted as one answer from here on
    this.finish(all);
  }

  /** The caller for one request of the batch. */
  caller(id: string, call: AuditedCall | undefined): SessionCaller {
    const streams = () => this.streams;
    return {
      memory: this.memory,
      principal: this.principal,
      get streams() {
        return streams();
      },
      answer: (text, received) => {
        call?.answered(text, received);
        this.answer(text);
      },
      message: (text) => this.message(text),
      fail: (error) => {
        call?.failed(error);
        this.answer(errorAnswer(id, error.code, error.message, error.told));
      },
    };
  }

  /** An answer waits for the others. One for which there is no memory is replaced by an error: its call has run. */
  #keep(text: string): void {
    const { memory, gone } = this.exchange;
    if (gone) return; // nobody will read it
    if (memory.tryTake(text.length)) return void this.#answers.push(text);
    const { code, message } = memory.refusal("answer-dropped", text.length);
    this.#answers.push(errorAnswer(readMessage(text)?.id, code, message));
  }

  protected override openStream(): Stream {
    if (this.stream) return this.stream;
    const stream = super.openStream();
    for (const answer of this.#answers.splice(0)) stream.send(answer);
    return stream;
  }
}
