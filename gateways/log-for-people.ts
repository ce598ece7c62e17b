/** The log of a gateway that a person has started in a terminal: a line a failure, told once. */
import type { Paint } from "./colours.ts";
import { forPeople, type LogRecord, recordIn } from "./log-line.ts";
import { logLevels, type LogLevel } from "./log-levels.ts";

/** Milliseconds in which the same failure is not told again, and after which a server that starts may have its say. */
const SAME = 600_000;
const SLOW = 5_000;

/** How many failures are remembered. */
const MOST = 200;

/** What the line about a service tells already, once it has settled. */
const STARTS = new Set(["server did not start", "server ended by itself"]);

/** How the log is shown. */
export interface Options {
  readonly write: (text: string) => void;
  readonly paint: Paint;
  /** The quietest level that is shown. */
  readonly level: LogLevel;
  /** @default performance.now */
  readonly now?: () => number;
}

/** Takes the log's lines of JSON, and writes those that a person wants to read. */
export class LogForPeople {
  readonly #options: Options;
  readonly #now: () => number;
  /** When each failure was told. */
  readonly #told = new Map<string, number>();
  /** Services that have not settled, since when they start, and what they have written to stderr and was not shown. */
  readonly #starting = new Map<string, { readonly since: number; waiting: string[] }>();

  constructor(options: Options) {
    this.#options = options;
    this.#now = options.now ?? (() => performance.now());
  }

  /** What it takes: one or more lines. */
  readonly take = (lines: string): void => {
    for (const line of lines.trimEnd().split("\n")) {
      const record = recordIn(line);
      if (record === undefined) this.#options.write(`${line}\n`);
      else this.#takeRecord(record);
    }
  };

  /** From now on the service starts: what goes wrong is told by whoever says how that ended. */
  starts(service: string): void {
    this.#starting.set(service, { since: this.#now(), waiting: [] });
  }

  settled(service: string): void {
    this.#starting.delete(service);
  }

  #takeRecord(record: LogRecord): void {
    const { service = "", level, msg, more } = record;
    const starting = this.#starting.get(service);
    if (starting && msg === "standard error") this.#heard(service, starting, more ?? "");
    if (!isShown(level, this.#options.level) || this.#isKnown(record)) return;
    if (starting && STARTS.has(msg)) return;
    this.#options.write(`${forPeople(record, this.#options.paint)}\n`);
  }

  /** What a server writes while it starts is shown when that takes long: it may be installing itself, or wait for something. */
  #heard(service: string, starting: { readonly since: number; waiting: string[] }, text: string): void {
    starting.waiting.push(...text.split("\n"));
    if (this.#now() - starting.since < SLOW) starting.waiting = starting.waiting.slice(-10);
    else this.showWaiting(service);
  }

  /** Shows what a server that starts has written so far. */
  showWaiting(service: string): void {
    const starting = this.#starting.get(service);
    if (starting === undefined || starting.waiting.length === 0) return;
    const { write, paint } = this.#options;
    for (const line of starting.waiting.splice(0)) write(`${paint("dim", `  ${service} | ${line}`)}\n`);
  }

  /** Whether the same has been told a moment ago. */
  #isKnown({ service, level, msg, why }: LogRecord): boolean {
    if (level !== "warn" && level !== "error") return false;
    const key = [service, msg, why].join("\0");
    const now = this.#now();
    const before = this.#told.get(key);
    if (before !== undefined && now - before < SAME) return true;
    if (this.#told.size >= MOST) this.#told.clear();
    this.#told.set(key, now);
    return false;
  }
}

const isShown = (level: string, least: LogLevel) => {
  const at = (logLevels as readonly string[]).indexOf(level);
  return at < 0 ? least !== "silent" : at >= logLevels.indexOf(least) && least !== "silent";
};
