/** Follows the frames of a WebSocket in what comes (RFC 6455, section 5.2): how much of a message that is not whole has come. */

/** Bits of the first two bytes of a frame. */
const FIN = 0x80;
const CONTROL = 0x08;
const MASKED = 0x80;
const LENGTH = 0x7f;

/** Lengths that say that the real one follows, in 2 or in 8 bytes. */
const LENGTH_16 = 126;
const LENGTH_64 = 127;

const LONGEST_HEAD = 14;

/** The message that is coming. What is against the protocol is for the library to find. */
export class FrameProgress {
  /** Bytes that have come of it, without the heads of its frames. */
  bytes = 0;
  /** Its frames that have begun to come; 0 = there is no such message. */
  frames = 0;
  /** In how many pieces it has come. */
  pieces = 0;
  readonly #head = Buffer.alloc(LONGEST_HEAD);
  /** How many bytes of the frame's head have come, and how many it has, as far as that is known. */
  #filled = 0;
  #length = 2;
  /** Bytes of the frame's content that have not come. */
  #left = 0;

  /** Takes what has come. */
  read(chunk: Buffer): void {
    if (this.frames > 0) this.pieces++;
    for (let at = 0; at < chunk.length;) {
      at = this.#filled < this.#length ? this.#readHead(chunk, at) : this.#skipContent(chunk, at);
      if (this.#filled === this.#length && this.#left === 0) this.#endFrame();
    }
  }

  #readHead(chunk: Buffer, from: number): number {
    let at = from;
    while (at < chunk.length && this.#filled < this.#length) {
      this.#head[this.#filled++] = chunk[at++] as number;
      if (this.#filled === 2) this.#length = headLength(this.#head[1] as number);
    }
    if (this.#filled === this.#length) this.#beginFrame();
    return at;
  }

  #beginFrame(): void {
    this.#left = contentLength(this.#head);
    if (this.#isControl) return;
    this.frames++;
    this.pieces ||= 1;
  }

  #skipContent(chunk: Buffer, at: number): number {
    const come = Math.min(this.#left, chunk.length - at);
    this.#left -= come;
    if (!this.#isControl) this.bytes += come;
    return at + come;
  }

  #endFrame(): void {
    this.#filled = 0;
    this.#length = 2;
    if (this.#isControl || ((this.#head[0] as number) & FIN) === 0) return;
    this.bytes = this.frames = this.pieces = 0;
  }

  /** Whether the frame is one that the protocol sends for itself, also between those of a message. */
  get #isControl(): boolean {
    return ((this.#head[0] as number) & CONTROL) !== 0;
  }
}

function headLength(second: number): number {
  const length = second & LENGTH;
  const more = length === LENGTH_16 ? 2 : length === LENGTH_64 ? 8 : 0;
  return 2 + more + ((second & MASKED) === 0 ? 0 : 4);
}

function contentLength(head: Buffer): number {
  const length = (head[1] as number) & LENGTH;
  if (length === LENGTH_16) return head.readUInt16BE(2);
  return length === LENGTH_64 ? Number(head.readBigUInt64BE(2)) : length;
}
