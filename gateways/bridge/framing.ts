const LINE_FEED = 0x0a;
const CARRIAGE_RETURN = 0x0d;

/** Pieces of a line of fewer bytes are copied together, into so many. */
const SMALL = 1_024;
const COLLECTED = 16 * 1_024;
const NONE = Buffer.alloc(0);

/**
 * Cuts a byte stream into lines, which may end in any way (CR, LF or both); empty ones are left out. A line is a latin1
 * string (one character a byte, see jsonrpc.ts) without its line break. Takes time linear in the bytes, even for a line in many chunks. A character split over two chunks survives, because
 * only whole lines are decoded.
 */
export class LineReader {
  readonly #onLine: (line: string, bytes?: Buffer) => void;
  readonly #onOverflow: () => void;
  readonly #maxBytes: number;
  #parts: Buffer[] = [];
  /** Where small pieces are copied together: each would cost a hundred times its bytes by itself. */
  #small: Buffer = NONE;
  /** How much of that is used, and where the last part of the line begins in it. */
  #used = 0;
  #begun = 0;
  #size = 0;

  /**
   * @param maxBytes the longest line that is passed on
   * @param onLine called with a line, and with its bytes when they are its own: when it came in several chunks
   * @param onOverflow called instead of a longer line
   */
  constructor(maxBytes: number, onLine: (line: string, bytes?: Buffer) => void, onOverflow: () => void) {
    this.#maxBytes = maxBytes;
    this.#onLine = onLine;
    this.#onOverflow = onOverflow;
  }

  /** Bytes of the line that has begun and not ended. */
  get pending(): number {
    return this.#size;
  }

  /** The beginning of that line, up to so many characters. */
  begun(characters: number): string {
    return Buffer.concat(this.#parts).toString("latin1", 0, Math.min(this.#size, characters));
  }

  push(chunk: Buffer): void {
    let start = 0;
    let feed = chunk.indexOf(LINE_FEED);
    let back = chunk.indexOf(CARRIAGE_RETURN);
    while (feed >= 0 || back >= 0) {
      const end = back < 0 || (feed >= 0 && feed < back) ? feed : back;
      this.#emit(chunk, start, end);
      start = end + 1;
      if (end === feed) feed = chunk.indexOf(LINE_FEED, start);
      else back = chunk.indexOf(CARRIAGE_RETURN, start);
    }
    if (start === chunk.length) return;
    this.#keep(start === 0 ? chunk : chunk.subarray(start));
    if (this.#size > this.#maxBytes) this.#overflow();
  }

  #emit(chunk: Buffer, start: number, end: number): void {
    const size = this.#size + end - start;
    if (size === 0) return;
    if (size > this.#maxBytes) return this.#overflow();
    if (this.#parts.length === 0) return this.#onLine(chunk.toString("latin1", start, end));
    const line = Buffer.concat([...this.#parts, chunk.subarray(start, end)]);
    this.#forget();
    this.#onLine(line.toString("latin1"), line);
  }

  #overflow(): void {
    this.#forget();
    this.#onOverflow();
  }

  #forget(): void {
    this.#parts = [];
    this.#small = NONE;
    this.#begun = this.#used = this.#size = 0;
  }

  /** Keeps a piece of a line. A server may write every byte by itself: small pieces are copied together. */
  #keep(piece: Buffer): void {
    this.#size += piece.length;
    if (this.#parts.length === 0 || piece.length >= SMALL) {
      this.#parts.push(piece);
      this.#begun = this.#used;
      return;
    }
    if (this.#used + piece.length > this.#small.length) {
      this.#small = Buffer.allocUnsafeSlow(COLLECTED);
      this.#begun = this.#used = 0;
    }
    if (this.#begun < this.#used) this.#parts.pop(); // it comes again, and is longer
    this.#used += piece.copy(this.#small, this.#used);
    this.#parts.push(this.#small.subarray(this.#begun, this.#used));
  }
}
