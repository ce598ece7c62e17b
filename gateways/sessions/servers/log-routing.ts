/**
 * Whom the log messages of a shared modern server are for. A message says not which request it is about, so it is somebody's
 * only while nobody else can be meant: it may tell what another principal is up to.
 */
import type { Caller, Settled } from "../../bridge/connection.ts";
import { stringIn, type Message } from "../../jsonrpc.ts";
import { isWanted } from "./modern-contract.ts";

/** For so long a server may go on with a call that was cancelled, and tell of it. In milliseconds. */
const LINGERING = 300_000;

interface Wanted {
  readonly level: string;
  /** The principal's id. */
  readonly owner: string;
}

/** The open calls that want log messages. */
export class LogMessages {
  readonly #wanted = new Map<Caller, Wanted>();
  /** Until when calls of a principal that got no answer may still be worked at (performance.now()). */
  readonly #lingering = new Map<string, number>();

  /** A call that wants messages of a level and above. @returns to be called when it is over */
  add(caller: Caller, level: string | undefined, owner: string): Settled {
    if (level === undefined) return () => {};
    this.#wanted.set(caller, { level, owner });
    return (answered) => {
      this.#wanted.delete(caller);
      if (answered === undefined) this.#lingering.set(owner, performance.now() + LINGERING);
    };
  }

  /** The server is a new one, which works at nothing yet. */
  reset(): void {
    this.#lingering.clear();
  }

  /** @returns whether somebody was told */
  pass({ text, params }: Message): boolean {
    const [only, another] = this.#wanted;
    if (!only || another) return false;
    const [caller, { level, owner }] = only;
    if (this.#othersLinger(owner) || !isWanted(stringIn(text, params, "level") ?? "", level)) return false;
    caller.message(text);
    return true;
  }

  #othersLinger(owner: string): boolean {
    const now = performance.now();
    for (const [other, until] of this.#lingering) {
      if (until < now) this.#lingering.delete(other);
      else if (other !== owner) return true;
    }
    return false;
  }
}
