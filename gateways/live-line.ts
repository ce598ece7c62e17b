/** The last line of a terminal: what is going on, and for how long. It gives way to whatever else is written. */
import { printable } from "./printable.ts";

/** What a terminal is to us. */
export interface Terminal {
  readonly isTTY?: boolean;
  readonly columns?: number;
  write(text: string): unknown;
}

const FRAMES = ["⠋", "⠙", "⠹", "⠸", "⠼", "⠴", "⠦", "⠧", "⠇", "⠏"];

/** Milliseconds between two frames, and those in which nobody asks how long it takes. */
const FRAME = 100;
const SHORT = 1_000;

/** Back to the start of the line, and erase it (ECMA-48, EL). */
const ERASE = "\r\u001b[2K";

/** The line of one terminal. Elsewhere it shows nothing. */
export class LiveLine {
  readonly #terminal: Terminal;
  #timer: NodeJS.Timeout | undefined;
  #isDrawn = false;

  constructor(terminal: Terminal) {
    this.#terminal = terminal;
  }

  get isShown(): boolean {
    return this.#terminal.isTTY === true && process.env["TERM"] !== "dumb"; // which erases no line
  }

  /** Shows a title, which may change, until `hide`. */
  show(title: () => string): void {
    if (!this.isShown) return;
    this.hide();
    const since = performance.now();
    let frame = 0;
    const draw = () => {
      const took = performance.now() - since;
      const time = took < SHORT ? "" : ` (${Math.floor(took / 1_000)} s)`;
      const room = (this.#terminal.columns || 80) - time.length - 5;
      const text = printable(title()).slice(0, Math.max(0, room));
      this.#terminal.write(`${ERASE}  ${FRAMES[frame++ % FRAMES.length]} ${text}${time}`);
      this.#isDrawn = true;
    };
    this.#timer = setInterval(draw, FRAME).unref();
    draw();
  }

  /** Erases it, so that something else can be written; it comes again below that. */
  clear(): void {
    if (this.#isDrawn) this.#terminal.write(ERASE);
    this.#isDrawn = false;
  }

  hide(): void {
    clearInterval(this.#timer);
    this.clear();
  }
}

/** The line of this process. It is on stderr, so that what a program reads on stdout stays clean. */
export const liveLine = new LiveLine(process.stderr);

/** How long something took: `0.4 s`, `12 s`, `2 min 5 s`. @param took milliseconds */
export function elapsed(took: number): string {
  const seconds = took / 1_000;
  if (seconds < 9.95) return `${seconds.toFixed(1)} s`;
  const whole = Math.round(seconds);
  return whole < 120 ? `${whole} s` : `${Math.floor(whole / 60)} min ${whole % 60} s`;
}
