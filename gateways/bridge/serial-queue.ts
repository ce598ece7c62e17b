/** Runs one job at a time, in the order in which they were added. */
export class SerialQueue {
  readonly #waiting: ((done: () => void) => void)[] = [];
  #running = false;

  /** How many jobs have not started. */
  get waiting(): number {
    return this.#waiting.length;
  }

  /** @param job is passed the function to call when it is done */
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
