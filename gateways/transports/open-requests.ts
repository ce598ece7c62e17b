/** The requests that a client has open on a connection that carries everything, and the connection's end after the last of them. */
export class OpenRequests {
  readonly #end: () => void;
  #open = 0;
  #draining = false;

  /** @param end ends the connection */
  constructor(end: () => void) {
    this.#end = end;
  }

  /** Whether no more are taken. */
  get draining(): boolean {
    return this.#draining;
  }

  /** A request has been taken. */
  begin(): void {
    this.#open++;
  }

  /** It has been answered. */
  over(): void {
    this.#open--;
    if (this.#draining && this.#open === 0) this.#end();
  }

  /** Ends the connection when all have been answered: at once if none is open. */
  drain(): void {
    if (this.#draining) return;
    this.#draining = true;
    if (this.#open === 0) this.#end();
  }
}
