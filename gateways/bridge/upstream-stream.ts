import { setTimeout as sleep } from "node:timers/promises";
import type { EventSourceMessage } from "eventsource-parser";
import type { UpstreamResponse } from "./upstream-request.ts";
import { messagesIn, readEvents, TooLong, type ReadLimits } from "./upstream-response.ts";

/** Milliseconds before a stream is reopened: unless the upstream says otherwise, and whatever it says. */
const RETRY = { default: 1_000, min: 100 };

/** The pause doubles while no event comes, up to this many milliseconds. */
const MAX_PAUSE = 30_000;

/** An event id that is fit for a header, and not excessively long. */
const EVENT_ID = /^[\x20-\x7e\x80-\xff]{1,1024}$/;

/**
 * A stream of events that may span several responses: when one breaks off, the next resumes it.
 * @see MCP 2025-11-25, Transports, "Resumability and Redelivery" and "Sending Messages to the Server", item 6
 */
export class UpstreamStream {
  /** How often in a row it has ended without an event. */
  emptyReads = 0;
  /** Whether the upstream has ever opened it. */
  opened = false;
  readonly #limits: ReadLimits;
  readonly #onMessage: (text: string) => void;
  #lastId: string | undefined;
  #retry = RETRY.default;

  /** @param limits of one event */
  constructor(limits: ReadLimits, onMessage: (text: string) => void) {
    this.#limits = limits;
    this.#onMessage = onMessage;
  }

  /** Whether the upstream can resume it where it broke off. */
  get resumable(): boolean {
    return this.#lastId !== undefined;
  }

  /** The headers that open or resume it. */
  get headers(): Record<string, string> {
    return { accept: "text/event-stream", ...(this.#lastId !== undefined && { "last-event-id": this.#lastId }) };
  }

  /** Reads one response to the end. @throws when it breaks off, or an event is too long */
  async read(response: UpstreamResponse): Promise<void> {
    this.opened = true;
    const onRetry = (milliseconds: number) => void (this.#retry = milliseconds);
    try {
      await readEvents(response, this.#limits, { onRetry, onEvent: (event) => this.#take(event) });
    } catch (error) {
      if (error instanceof TooLong) this.#lastId = undefined; // resuming would bring the same event again
      throw error;
    }
  }

  /** Waits until the stream may be reopened. @throws when the signal aborts */
  async pause(signal: AbortSignal): Promise<void> {
    const least = Math.min(Math.max(this.#retry, RETRY.min), 2 ** 31 - 1);
    const pause = Math.max(least, Math.min(least * 2 ** this.emptyReads++, MAX_PAUSE));
    await sleep(pause, undefined, { signal, ref: false });
  }

  #take({ id, data }: EventSourceMessage): void {
    this.emptyReads = 0;
    if (id !== undefined) this.#lastId = EVENT_ID.test(id) ? id : undefined;
    for (const text of messagesIn(data)) this.#onMessage(text);
  }
}
