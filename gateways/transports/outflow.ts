/** Text on its way to one client: written in pieces, as fast as the client reads, and counted until it has. */
import type { Writable } from "node:stream";
import type { Pieces } from "../jsonrpc.ts";
import type { Held } from "../memory-budget.ts";

/** Written at once. Small enough that even a slow client takes one in less than the time after which it is cut. */
const PIECE = 64 * 1024;

/** What an open request is counted with anyway, so that small answers need no counting. */
export const UNCOUNTED = 8 * 1024;

/** The text that one response, or one connection, still has to carry. */
export class Outflow {
  readonly #out: Writable;
  readonly #memory: Held;
  /** What the client is not ready for; of the first one a part may have been written. */
  readonly #queue: Buffer[] = [];
  #written = 0;
  /** Bytes in the queue that have not been written. */
  #queued = 0;
  #counted = 0;
  #ending = false;

  constructor(out: Writable, memory: Held) {
    this.#out = out;
    this.#memory = memory;
  }

  /** Sends a whole response, for which there is memory. */
  static send(pieces: Pieces, out: Writable, memory: Held): void {
    const outflow = new Outflow(out, memory);
    for (const piece of pieces) outflow.write(piece);
    outflow.end();
  }

  /** Bytes that the client has not taken. */
  get waiting(): number {
    return this.#queued + this.#out.writableLength;
  }

  /**
   * Sends a text (a string has one character a byte), now or when the client has taken what came before.
   * @returns false when there is no memory to keep it: it is not sent, and what follows would be of no use
   */
  write(text: string | Buffer): boolean {
    if (this.#queued === 0 && text.length <= PIECE && !this.#out.writableNeedDrain) {
      this.put(text, true, this.#taken);
      return this.#count();
    }
    this.#queued += text.length;
    if (!this.#count()) return false;
    // Not pieces of a string, which V8 would copy whole before the first of them.
    if (this.#queue.push(typeof text === "string" ? Buffer.from(text, "latin1") : text) === 1) this.#pump();
    return true;
  }

  /** Ends when everything has been written. */
  end(): void {
    this.#ending = true;
    if (this.#queued === 0) this.finish();
  }

  /** Writes a piece of a text. @param _isLast whether the text ends with it @param taken to be called when it has left */
  protected put(piece: string | Buffer, _isLast: boolean, taken: () => void): void {
    this.#out.write(piece, "latin1", taken);
  }

  /** Ends what it writes to. */
  protected finish(): void {
    this.#out.end();
  }

  readonly #taken = (): void => void this.#count();

  readonly #pump = (): void => {
    while (this.#queued > 0 && !this.#out.writableNeedDrain && !this.#out.destroyed) this.#writePiece();
    if (this.#queued > 0) this.#out.once("drain", this.#pump);
    else if (this.#ending) this.finish();
  };

  #writePiece(): void {
    const bytes = this.#queue[0] as Buffer;
    const piece = bytes.subarray(this.#written, this.#written + PIECE);
    this.#written += piece.length;
    this.#queued -= piece.length;
    const isLast = this.#written === bytes.length;
    if (isLast) {
      this.#queue.shift();
      this.#written = 0;
    }
    this.put(piece, isLast, this.#taken);
  }

  /** Counts what waits at the moment. A text is kept as a whole until its last piece has been written. */
  #count(): boolean {
    const waiting = Math.max(0, this.#queued + this.#written + this.#out.writableLength - UNCOUNTED);
    const more = waiting - this.#counted;
    if (more > 0 && !this.#memory.tryTake(more)) return false;
    if (more < 0) this.#memory.give(-more);
    this.#counted = waiting;
    return true;
  }
}
