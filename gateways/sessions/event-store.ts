/**
 * The last events of a session's SSE streams, kept so that a client that lost its connection can resume
 * (MCP 2025-11-25, Transports, "Resumability and Redelivery"). The oldest are dropped first.
 */
import { GatewayError } from "../errors.ts";
import { errorAnswer, readMessage } from "../jsonrpc.ts";
import type { Held } from "../memory-budget.ts";

interface StoredEvent {
  readonly number: number;
  readonly stream: number;
  readonly text: string;
}

const DROPPED: StoredEvent = { number: 0, stream: -1, text: "" };

/** How many events of one session are kept. */
const MAX_EVENTS = 1_000;
/** And how many bytes of them. */
const MAX_BYTES = 1024 * 1024;

/** What an event costs besides its text. */
const EVENT_BYTES = 64;

/** The last 1,000 events of a session, or fewer: 1 MiB at most, and less when memory is short. */
export class EventStore {
  #events: StoredEvent[] = [];
  /** The index of the first event that is kept; the array is cut only now and then. */
  #first = 0;
  #bytes = 0;
  #lastNumber: number;
  readonly #memory: Held | undefined;

  /**
   * @param countFrom the number before that of the first event
   * @param memory where the kept events are counted. @default - nowhere
   */
  constructor(countFrom = 0, memory?: Held) {
    this.#lastNumber = countFrom;
    this.#memory = memory;
  }

  /** Keeps an event and gives its number, which grows over all streams of the session. */
  append(stream: number, text: string): number {
    const number = ++this.#lastNumber;
    const kept = text.length <= MAX_BYTES && this.#hasRoomFor(text) ? text : this.#standIn(text);
    if (kept === undefined) return number;
    this.#events.push({ number, stream, text: kept });
    this.#bytes += kept.length;
    while (this.size > MAX_EVENTS || this.#bytes > MAX_BYTES) this.#dropOldest();
    return number;
  }

  /** Forgets everything. */
  end(): void {
    this.#memory?.end();
    this.#events = [];
    this.#first = 0;
    this.#bytes = 0;
  }

  /** The kept events of a stream that came after a number. */
  after(stream: number, number: number): readonly StoredEvent[] {
    return this.#events.slice(this.#first).filter((event) => event.stream === stream && event.number > number);
  }

  get size(): number {
    return this.#events.length - this.#first;
  }

  /** Counts an event; older ones make room for it. Events may use what nothing else needs: half of a share. */
  #hasRoomFor({ length }: string): boolean {
    if (!this.#memory) return true;
    while (!this.#memory.tryTakeSpare(length + EVENT_BYTES)) {
      if (this.size === 0) return false;
      this.#dropOldest();
    }
    return true;
  }

  /** What is kept instead of a message: for an answer an error, so that its caller does not wait for ever. */
  #standIn(text: string): string | undefined {
    const message = readMessage(text);
    if (message?.kind !== "response") return undefined;
    const { code, message: reason } = new GatewayError("answer-not-kept", { bytes: text.length });
    const error = errorAnswer(message.id, code, reason);
    return (this.#memory?.tryTake(error.length + EVENT_BYTES) ?? true) ? error : undefined;
  }

  #dropOldest(): void {
    const { length } = (this.#events[this.#first] as StoredEvent).text;
    this.#bytes -= length;
    this.#memory?.give(length + EVENT_BYTES);
    this.#events[this.#first++] = DROPPED; // frees its text now, and its place later
    if (this.#first < 256 && this.#first < this.#events.length) return;
    this.#events = this.#events.slice(this.#first);
    this.#first = 0;
  }
}
