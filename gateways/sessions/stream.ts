/** One stream of messages to a client, which outlives the connection that carries it. */
import type { EventStore } from "./event-store.ts";

/** What carries a stream at the moment: an open response. */
export interface Carrier {
  /** @param id the event's id, to be given back in Last-Event-ID */
  event(id: string, text: string): void;
  end(): void;
}

/** Messages on their way to a client: numbered, kept, and carried by the response that is open at the moment. */
export class Stream {
  readonly number: number;
  readonly #store: EventStore;
  #carrier: Carrier | undefined;
  #delivered = 0;

  constructor(number: number, store: EventStore) {
    this.number = number;
    this.#store = store;
  }

  get attached(): boolean {
    return this.#carrier !== undefined;
  }

  /** Sends a message, or keeps it for the next carrier. */
  send(text: string): void {
    this.#deliver(this.#store.append(this.number, text), text);
  }

  /** Continues the stream on this carrier, with all events after `after` (default: the last one delivered). The carrier before it ends. */
  attach(carrier: Carrier, after = this.#delivered): void {
    this.#carrier?.end();
    this.#carrier = carrier;
    for (const { number, text } of this.#store.after(this.number, after)) this.#deliver(number, text);
  }

  /** The carrier is gone; messages wait for the next. Has no effect when it has been replaced already. */
  detach(carrier: Carrier): void {
    if (this.#carrier === carrier) this.#carrier = undefined;
  }

  end(): void {
    this.#carrier?.end();
    this.#carrier = undefined;
  }

  /** The id of an event: its stream and its number. */
  eventId(number: number): string {
    return `${this.number}-${number}`;
  }

  #deliver(number: number, text: string): void {
    if (!this.#carrier) return;
    this.#delivered = number;
    this.#carrier.event(this.eventId(number), text);
  }
}

/** Reads an event id. @returns undefined when it is not one of ours */
export function readEventId(id: string): { stream: number; number: number } | undefined {
  const parts = /^(\d{1,15})-(\d{1,15})$/.exec(id);
  return parts ? { stream: Number(parts[1]), number: Number(parts[2]) } : undefined;
}
