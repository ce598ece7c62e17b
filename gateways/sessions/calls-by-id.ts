/** Open calls by the id that their client gave them, of which it may use one twice. */

/** Calls that are open. */
export class CallsById<Call> {
  readonly #latest = new Map<string, Call>();
  /** Those whose id has been used again: nobody can name them any more, but they are open. */
  #older: Set<Call> | undefined;

  add(id: string, call: Call): void {
    const before = this.#latest.get(id);
    if (before !== undefined) (this.#older ??= new Set()).add(before);
    this.#latest.set(id, call);
  }

  /** The later of those with this id. */
  get(id: string): Call | undefined {
    return this.#latest.get(id);
  }

  delete(id: string, call: Call): void {
    if (this.#latest.get(id) === call) this.#latest.delete(id);
    else this.#older?.delete(call);
  }

  /** All that are open, also those with the same id. */
  all(): Call[] {
    return [...(this.#older ?? []), ...this.#latest.values()];
  }
}
