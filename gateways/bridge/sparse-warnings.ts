import type { Logger } from "../log.ts";

/** Milliseconds between two lines that say the same. */
const INTERVAL = 10_000;

/** Warnings that a server can cause as often as it likes: of each kind a line every ten seconds, so that no log is washed out. */
export class SparseWarnings {
  readonly #log: Logger;
  readonly #kinds = new Map<string, { readonly at: number; untold: number }>();

  constructor(log: Logger) {
    this.#log = log;
  }

  /** @param what the kind, which is also the text; there are few */
  warn(fields: object, what: string, now = performance.now()): void {
    const last = this.#kinds.get(what);
    if (last && now - last.at < INTERVAL) return void last.untold++;
    this.#kinds.set(what, { at: now, untold: 0 });
    this.#log.warn({ ...fields, ...(last && last.untold > 0 && { more: last.untold }) }, what);
  }
}
