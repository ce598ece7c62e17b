/** Reads what a runner says of its processes. It runs beside the server, which may have taken its place: nothing is believed. */

/** One thing that it says. */
export type Report =
  | { readonly id: number; readonly kind: "started"; readonly pid: number }
  | { readonly id: number; readonly kind: "failed"; readonly reason: string }
  | { readonly id: number; readonly kind: "exit"; readonly code: number; readonly signal: number }
  | { readonly id: number; readonly kind: "err"; readonly bytes: Buffer };

/** Characters of a line, and bytes of standard error in one report. */
const LONGEST_LINE = 512;
const MOST_BYTES = 65_536;

/** Puts the pieces of a stream together. */
export class RunnerReports {
  readonly #report: (report: Report) => void;
  #rest: Buffer = Buffer.alloc(0);

  constructor(report: (report: Report) => void) {
    this.#report = report;
  }

  /** @returns false when what comes is not from a runner */
  push(chunk: Buffer): boolean {
    this.#rest = this.#rest.length === 0 ? chunk : Buffer.concat([this.#rest, chunk]);
    for (;;) {
      const end = this.#rest.indexOf(10);
      if (end < 0) return this.#rest.length <= LONGEST_LINE;
      const read = end > LONGEST_LINE ? undefined : readLine(this.#rest.toString("latin1", 0, end));
      if (read === undefined) return false;
      const { report, bytes = 0 } = read;
      const whole = end + 1 + bytes;
      if (this.#rest.length < whole) return true;
      this.#report(report ?? { id: read.id, kind: "err", bytes: this.#rest.subarray(end + 1, whole) });
      this.#rest = this.#rest.subarray(whole);
    }
  }
}

interface Read {
  readonly id: number;
  /** undefined = it is standard error, which follows. */
  readonly report?: Report;
  readonly bytes?: number;
}

function readLine(line: string): Read | undefined {
  const [, digits = "", kind, rest = ""] = /^(\d{1,9}) (started|failed|exit|err) (.*)$/.exec(line) ?? [];
  const id = Number(digits);
  if (kind === "failed") return { id, report: { id, kind, reason: rest } };
  const [first = NaN, second = NaN] = /^\d{1,9}( \d{1,3})?$/.test(rest) ? rest.split(" ").map(Number) : [];
  if (kind === "started" && first > 0) return { id, report: { id, kind, pid: first } };
  if (kind === "exit" && second >= 0) return { id, report: { id, kind, code: first, signal: second } };
  if (kind === "err" && first <= MOST_BYTES) return { id, bytes: first };
  return undefined;
}
