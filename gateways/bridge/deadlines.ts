/** How long a timer can be set for; one that is set for longer fires at once. */
const LONGEST = 2 ** 31 - 1;

/** Something that may take too long. */
export interface Timed {
  /** When its time is up (performance.now()), which may be put off; undefined = never. */
  deadline: number | undefined;
}

/**
 * Watches the deadlines of things that are open together with one timer: nearly all are over long before theirs, and a timer
 * for each would cost more than the rest of its books. The timer keeps no process alive.
 */
export class Deadlines<T extends Timed> {
  readonly #open: () => Iterable<T>;
  readonly #late: (one: T) => void;
  #timer: NodeJS.Timeout | undefined;
  /** When the timer fires. */
  #at = Infinity;

  /**
   * @param open what is open at the moment
   * @param late called with each whose time is up; it has to be over then, or its deadline another one
   */
  constructor(open: () => Iterable<T>, late: (one: T) => void) {
    this.#open = open;
    this.#late = late;
  }

  /** There is a new deadline. One that is put off need not be told. */
  watch(deadline: number, now: number): void {
    if (deadline >= this.#at) return;
    clearTimeout(this.#timer);
    this.#at = deadline;
    this.#timer = setTimeout(() => this.#look(performance.now()), Math.min(Math.ceil(deadline - now), LONGEST)).unref();
  }

  /** Nothing is open any more. */
  stop(): void {
    clearTimeout(this.#timer);
    this.#at = Infinity;
  }

  #look(now: number): void {
    this.stop();
    for (const one of this.#open()) if (one.deadline !== undefined && one.deadline <= now) this.#late(one);
    let next = Infinity;
    for (const { deadline = Infinity } of this.#open()) next = Math.min(next, deadline);
    if (next < Infinity) this.watch(next, now);
  }
}
