/** Runs one job at a time, in the order in which they came. Touches nothing. */

export class SerialQueue {
  readonly #waiting: ((done: () => void) => void)[] = [];
  #running = false;

  get waiting(): number {
    return this.#waiting.length;
  }

  /** @param job is given the function that says that it is over */
  add(job: (done: () => void) => void): void {
    this.#waiting.push(job);
    if (!this.#running) this.#next();
  }

  #next(): void {
    const job = this.#waiting.shift();
    this.#running = job !== undefined;
    if (job) job(() => setImmediate(() => this.#next()));
  }
}
