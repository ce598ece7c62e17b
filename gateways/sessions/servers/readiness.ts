/**
 * Whether an upstream answers now. A process that ends is noticed at once, an upstream that goes away is not: nothing is
 * sent to it while nobody calls. So whoever asks for `/ready` has it asked.
 */
import { ErrorAnswer } from "../../bridge/answers.ts";
import type { Connection } from "../../bridge/connection.ts";
import { reasonOf } from "../../bridge/handshake.ts";
import { toGatewayError } from "../../errors.ts";

/** An answer counts for this many milliseconds, so that many probes cost the upstream no more than a few. */
const FRESH = 5_000;

/** Milliseconds for the answer to a ping. */
export const PING_TIME = 4_000;

/** Runs a measurement, one at a time and not again while the last is fresh. */
export class Readiness {
  readonly #measure: () => Promise<void>;
  #running: Promise<void> | undefined;
  #last = -Infinity;

  constructor(measure: () => Promise<void>) {
    this.#measure = measure;
  }

  measure(): Promise<void> {
    if (this.#running) return this.#running;
    if (performance.now() - this.#last < FRESH) return Promise.resolve();
    this.#running = this.#measure().finally(() => {
      this.#running = undefined;
      this.#last = performance.now();
    });
    return this.#running;
  }
}

/** What came of asking a server whether it is there. */
export interface Answered {
  /** Why it does not answer; undefined when it does. An error of its own is an answer too. */
  readonly reason: string | undefined;
  /** Whether it refuses to answer this: it may be a server of the other era by now. */
  readonly isRefusal: boolean;
}

/** Every legacy server answers `ping` (MCP 2025-11-25, Ping); the modern era has removed it. */
export async function ping(connection: Connection): Promise<Answered> {
  try {
    await connection.ask("ping", {}, PING_TIME);
    return { reason: undefined, isRefusal: false };
  } catch (error) {
    const isRefusal = error instanceof ErrorAnswer;
    return { reason: isRefusal ? undefined : reasonOf(toGatewayError(error)), isRefusal };
  }
}
