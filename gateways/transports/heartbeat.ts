/** One timer that keeps all open responses of a gateway alive, however many there are. */

/** Something that has to show from time to time that it is alive. */
export interface Beating {
  beat(): void;
}

/** Calls each member at most `interval` after it joined and then every half `interval`. */
export class Heartbeat {
  readonly #timer: NodeJS.Timeout;
  #young = new Set<Beating>();
  readonly #grown = new Set<Beating>();

  /** @param interval milliseconds */
  constructor(interval: number) {
    this.#timer = setInterval(() => this.#beat(), interval / 2);
    this.#timer.unref();
  }

  add(member: Beating): void {
    this.#young.add(member);
  }

  delete(member: Beating): void {
    if (!this.#young.delete(member)) this.#grown.delete(member);
  }

  stop(): void {
    clearInterval(this.#timer);
  }

  /** Who joined since the last beat is spared this one: a quick answer needs none. */
  #beat(): void {
    for (const member of this.#grown) member.beat();
    for (const member of this.#young) this.#grown.add(member);
    this.#young = new Set();
  }
}
