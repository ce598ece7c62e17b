/** Reads HTTP/1.1 answers from a socket, one at a time (no pipelining), by length or in chunks. */

/** One whole answer. */
export interface Reply {
  readonly status: number;
  /** The status line and the headers, as they came. */
  readonly head: string;
  readonly body: Buffer;
}

const chunkedEnd = Buffer.from("0\r\n\r\n");

/** Collects the pieces of one answer after another. */
export class ReplyReader {
  #pieces: Buffer[] = [];
  #size = 0;
  #head = "";

  /** Takes a piece; returns the answer once it is complete. */
  push(piece: Buffer): Reply | undefined {
    this.#pieces.push(piece);
    this.#size += piece.length;
    if (this.#head === "" && !this.#readHead()) return undefined;
    const body = this.#readBody();
    if (body === undefined) return undefined;
    const reply = { status: Number(this.#head.slice(9, 12)), head: this.#head, body };
    this.reset();
    return reply;
  }

  reset(): void {
    this.#pieces = [];
    this.#size = 0;
    this.#head = "";
  }

  #readHead(): boolean {
    const all = this.#join();
    const end = all.indexOf("\r\n\r\n");
    if (end === -1) return false;
    this.#head = all.toString("latin1", 0, end + 4);
    return true;
  }

  #readBody(): Buffer | undefined {
    const start = this.#head.length;
    if (/\r\ntransfer-encoding: *chunked/i.test(this.#head)) {
      return this.#mayEndHere() ? decodeChunks(this.#join(), start) : undefined;
    }
    const length = Number(/\r\ncontent-length: *(\d+)/i.exec(this.#head)?.[1] ?? 0);
    return this.#size < start + length ? undefined : this.#join().subarray(start, start + length);
  }

  /** A cheap check, so that a large answer is put together once and not with each piece. */
  #mayEndHere(): boolean {
    const last = Buffer.concat(this.#pieces.slice(-chunkedEnd.length).map((piece) => piece.subarray(-5)));
    return last.subarray(-chunkedEnd.length).equals(chunkedEnd);
  }

  #join(): Buffer {
    const all = this.#pieces.length === 1 ? this.#pieces[0]! : Buffer.concat(this.#pieces);
    this.#pieces = [all];
    return all;
  }
}

/** The body without the frames of its chunks; undefined when the last one has not come yet. */
function decodeChunks(all: Buffer, start: number): Buffer | undefined {
  const parts: Buffer[] = [];
  for (let at = start; ;) {
    const lineEnd = all.indexOf("\r\n", at);
    const size = lineEnd === -1 ? NaN : Number.parseInt(all.toString("latin1", at, lineEnd), 16);
    if (size === 0) return parts.length === 1 ? parts[0]! : Buffer.concat(parts);
    const dataEnd = lineEnd + 2 + size;
    if (!(dataEnd + 2 <= all.length)) return undefined;
    parts.push(all.subarray(lineEnd + 2, dataEnd));
    at = dataEnd + 2;
  }
}
