/** The last lines of a service's log, kept in memory for its page. */
import { streamOf, writingTo, type Logger, type LogStream } from "./log.ts";

/** How many lines are kept, and how many characters of each: a line of JSON is longer than what people read of it. */
const LINES = 50;
const LONGEST = 8_192;

/** The last lines of one log. */
export class Journal implements LogStream {
  readonly #lines: string[] = [];
  #target: LogStream | undefined;
  #written = 0;

  /** How many lines were ever written: whoever has seen as many has seen all. */
  get written(): number {
    return this.#written;
  }

  /** The last lines, of JSON, the oldest first. */
  get lines(): readonly string[] {
    const next = this.#written % LINES;
    return [...this.#lines.slice(next), ...this.#lines.slice(0, next)];
  }

  /** A log that writes as the given one does, at the level that it has, and here. */
  of(log: Logger): Logger {
    this.#target = streamOf(log);
    return writingTo(this, log);
  }

  write(line: string): void {
    this.keep(line);
    this.#target?.write(line);
  }

  writeSoon(line: string): void {
    this.keep(line);
    if (this.#target?.writeSoon) this.#target.writeSoon(line);
    else this.#target?.write(line);
  }

  /** Keeps a line that is written nowhere else. */
  keep(line: string): void {
    this.#lines[this.#written++ % LINES] = line.length > LONGEST ? line.slice(0, LONGEST) : line;
  }
}
