/**
 * The last events of a session's SSE streams, kept so that a client that lost its connection can resume
 * (MCP 2025-11-25, Transports, "Resumability and Redelivery"). The oldest are dropped first.
 */
import { GatewayError } from "../errors.ts";
import { errorAnswer, readMessage } from "../jsonrpc.ts";

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

/** The last 1,000 events of a session, or fewer: 1 MiB at most. */
export class EventStore {
  #events: StoredEvent[] = [];
  /** The index of the first event that is kept; the array is cut only now and then. */
  #first = 0;
  #bytes = 0;
  #lastNumber: number;

  /** @param countFrom the number before that of the first event */
  constructor(countFrom = 0) {
    this.#lastNumber = countFrom;
  }

  /** Keeps an event and gives its number, which grows over all streams of the session. */
  append(stream: number, text: string): number {
    const number = ++this.#lastNumber;
    const kept = text.length > MAX_BYTES ? standIn(text) : text;
    this.#events.push({ number, stream, text: kept });
    this.#bytes += kept.length;
    while (this.#events.length - this.#first > MAX_EVENTS || this.#bytes > MAX_BYTES) this.#dropOldest();
    return number;
  }

  /** The kept events of a stream that came after a number. */
  after(stream: number, number: number): readonly StoredEvent[] {
    return this.#events
      .slice(this.#first)
      .filter((event) => event.stream === stream && event.number > number && event.text !== "");
  }

  get size(): number {
    return this.#events.length - this.#first;
  }

  #dropOldest(): void {
    this.#bytes -= (this.#events[this.#first] as StoredEvent).text.length;
    this.#events[this.#first++] = DROPPED; // frees its text now, and its place later
    if (this.#first < 256 && this.#first < this.#events.length) return;
    this.#events = this.#events.slice(this.#first);
    this.#first = 0;
  }
}

/** What is kept instead of a message that is too large: for an answer an error, so that its caller does not wait for ever. */
function standIn(text: string): string {
  const message = readMessage(text);
  const error = new GatewayError("answer-not-kept", { bytes: text.length });
  return message?.kind === "response" ? errorAnswer(message.id, error.code, error.message) : "";
}
