/** A server that cannot be reached for a while: it is being redeployed, the network is gone, the laptop has just woken up. */
import { setTimeout as sleep } from "node:timers/promises";
import { causeOf, shownUrl } from "../bridge/causes.ts";
import type { Patience } from "../bridge/upstream-patience.ts";
import { reasonOf, type NotSent } from "../bridge/upstream-request.ts";

/** What may be over by itself. Everything else, such as a certificate of another name, stays. */
const PASSING: ReadonlySet<string> = new Set(
  "ECONNREFUSED ECONNRESET ECONNABORTED ENOTFOUND EAI_AGAIN ENODATA ENETUNREACH ENETDOWN EHOSTUNREACH EHOSTDOWN ETIMEDOUT EADDRNOTAVAIL EPIPE".split(
    " ",
  ),
);

/** Milliseconds between two tries: the pause doubles from the first to the last. */
const PAUSE = { first: 250, last: 4_000 };

/** Tries each request again for a while, and tells once about each outage. */
export class Outages implements Patience {
  readonly #url: string;
  readonly #time: number;
  readonly #tell: (text: string) => void;
  #isDown = false;

  /** @param time milliseconds for which each request is tried */
  constructor(url: string, time: number, tell: (text: string) => void) {
    this.#url = url;
    this.#time = time;
    this.#tell = tell;
  }

  reached(): void {
    if (this.#isDown) this.#tell(`${shownUrl(this.#url)} answers again`);
    this.#isDown = false;
  }

  async again(error: NotSent, since: number, signal: AbortSignal): Promise<boolean> {
    if (!isPassing(error) || signal.aborted) return false;
    const passed = performance.now() - since;
    if (!this.#isDown) this.#begins(reasonOf(error.cause ?? error));
    if (passed >= this.#time) return false;
    const pause = Math.min(Math.max(PAUSE.first, passed), PAUSE.last, this.#time - passed);
    return sleep(pause, true, { signal }).catch(() => false);
  }

  #begins(reason: string): void {
    this.#isDown = true;
    const { what, remedy } = causeOf(reason);
    const seconds = this.#time / 1_000;
    this.#tell(`cannot reach ${shownUrl(this.#url)}: ${what}; trying again for ${seconds} s. ${remedy}`);
  }
}

/** No answer to the attempt to connect has no code: it may be a network that is gone. */
const isPassing = ({ message, cause }: NotSent) =>
  PASSING.has(reasonOf(cause ?? {})) || message.startsWith("no connection in");
