/** A stream of events over all the responses that carry it: where one breaks off, the next goes on. Knows nothing of who calls. */
import { setTimeout as sleep } from "node:timers/promises";
import type { EventSourceMessage } from "eventsource-parser";
import type { UpstreamResponse } from "./upstream-request.ts";
import { messagesIn, readEvents, TooLong } from "./upstream-response.ts";

/** Milliseconds before a stream is opened again when the upstream has not said how many, and what is never gone below. */
const RETRY = { usual: 1_000, least: 100 };

/** The pause doubles while no event comes, up to this many milliseconds. */
const LONGEST_PAUSE = 30_000;

/** What can be a header, and is not meant to exhaust anybody. */
const EVENT_ID = /^[\x20-\x7e\x80-\xff]{1,1024}$/;

/** @see MCP 2025-11-25, Transports, "Resumability and Redelivery" and "Sending Messages to the Server", item 6 */
export class UpstreamStream {
  /** How often it has ended in a row without an event. */
  fruitless = 0;
  /** Whether the upstream has ever opened it. */
  opened = false;
  readonly #limit: number;
  readonly #onMessage: (text: string) => void;
  #lastId: string | undefined;
  #retry = RETRY.usual;

  /** @param limit bytes of the longest event */
  constructor(limit: number, onMessage: (text: string) => void) {
    this.#limit = limit;
    this.#onMessage = onMessage;
  }

  /** Whether the upstream can be asked to go on where it broke off. */
  get resumable(): boolean {
    return this.#lastId !== undefined;
  }

  /** With these it is opened. */
  get headers(): Record<string, string> {
    return { accept: "text/event-stream", ...(this.#lastId !== undefined && { "last-event-id": this.#lastId }) };
  }

  /** Reads one of its responses to the end. @throws when that breaks off, or an event is too long */
  async read(response: UpstreamResponse): Promise<void> {
    this.opened = true;
    const onRetry = (milliseconds: number) => void (this.#retry = milliseconds);
    try {
      await readEvents(response, this.#limit, { onRetry, onEvent: (event) => this.#take(event) });
    } catch (error) {
      if (error instanceof TooLong) this.#lastId = undefined; // it would come again
      throw error;
    }
  }

  /** Waits until it may be opened again. @throws when the signal aborts */
  async pause(signal: AbortSignal): Promise<void> {
    const least = Math.min(Math.max(this.#retry, RETRY.least), 2 ** 31 - 1);
    const pause = Math.max(least, Math.min(least * 2 ** this.fruitless++, LONGEST_PAUSE));
    await sleep(pause, undefined, { signal, ref: false });
  }

  #take({ id, data }: EventSourceMessage): void {
    this.fruitless = 0;
    if (id !== undefined) this.#lastId = EVENT_ID.test(id) ? id : undefined;
    for (const text of messagesIn(data)) this.#onMessage(text);
  }
}
