/**
 * Whom the log messages of a shared modern server are for. A message does not say which request it is about, and it may
 * reveal what another principal is doing. So it reaches a caller only while nobody else can be meant.
 */
import type { Caller, Settled } from "../../bridge/connection.ts";
import { LOG_LEVELS } from "../../bridge/versions.ts";
import { stringIn, type Message } from "../../jsonrpc.ts";

/** Milliseconds for which a server may go on working at a cancelled call, and log about it. */
const CANCELLED_CALL_TIME = 300_000;

interface Wanted {
  readonly level: string;
  /** The principal's id. */
  readonly principal: string;
}

/** Whether a log message is severe enough for a caller that wants `level` and above. */
export const isWanted = (severity: string, level: string): boolean =>
  LOG_LEVELS.indexOf(severity) >= LOG_LEVELS.indexOf(level);

/** The open calls that want log messages. */
export class LogRouting {
  readonly #wanted = new Map<Caller, Wanted>();
  /** Until when a principal's cancelled calls may still be worked at (performance.now()). */
  readonly #lingering = new Map<string, number>();

  /**
   * A call that wants messages of a level and above; undefined = none.
   * @param principal the id of whose call it is
   * @returns to be called when the call is over
   */
  add(caller: Caller, level: string | undefined, principal: string): Settled {
    if (level === undefined) return () => {};
    this.#wanted.set(caller, { level, principal });
    return (answered) => {
      this.#wanted.delete(caller);
      if (answered === undefined) this.#lingering.set(principal, performance.now() + CANCELLED_CALL_TIME);
    };
  }

  /** The server is a new one, which works at nothing yet. */
  reset(): void {
    this.#lingering.clear();
  }

  /** @returns whether the message reached a caller */
  pass({ text, params }: Message): boolean {
    const [only, another] = this.#wanted;
    if (!only || another) return false;
    const [caller, { level, principal }] = only;
    if (this.#othersLinger(principal) || !isWanted(stringIn(text, params, "level") ?? "", level)) return false;
    caller.message(text);
    return true;
  }

  #othersLinger(principal: string): boolean {
    const now = performance.now();
    for (const [other, until] of this.#lingering) {
      if (until < now) this.#lingering.delete(other);
      else if (other !== principal) return true;
    }
    return false;
  }
}
