/** The gateway's log: JSON lines, without payloads and secrets. What others said in them is printable. */
import { pino, type LogFn, type Logger } from "pino";
import type { LogLevel } from "./log-levels.ts";
import { told } from "./secrets.ts";

export type { Logger } from "pino";

/** Where lines go: a file descriptor, or a function that takes the text of one or more lines. */
export type LogTarget = 1 | 2 | ((lines: string) => void);

/**
 * The root logger. `info`, the default level, is for operators; single requests are logged at `debug`.
 * @param target 1 (stdout) where the log is all that the process writes, as in a container; 2 (stderr) beside words for people
 */
export function createLog(level: LogLevel, target: LogTarget): Logger {
  const options = {
    level,
    base: null,
    timestamp: pino.stdTimeFunctions.isoTime,
    formatters: { level: (label: string) => ({ level: label }) },
    hooks: { logMethod: tellAll },
  };
  return pino(options, new LineStream(target));
}

/** How many characters of one text are logged, and how deep an object is. */
const LONGEST = 8_192;
const DEEPEST = 4;

/** Every text of a line that anybody said is printable and without secrets, wherever it stands in the line. */
function tellAll(this: Logger, args: Parameters<LogFn>, method: LogFn): void {
  method.apply(this, args.map((arg: unknown) => toldIn(arg, DEEPEST)) as Parameters<LogFn>);
}

function toldIn(value: unknown, depth: number): unknown {
  if (typeof value === "string") return told(value, { limit: LONGEST, lines: true });
  if (typeof value !== "object" || value === null) return value;
  if (depth === 0) return "...";
  if (value instanceof Error) return toldIn(partsOf(value), depth);
  if (Array.isArray(value)) return value.slice(0, 100).map((one) => toldIn(one, depth - 1));
  // The name of a service is ours, and stays what people search for even if it is somebody's password.
  return Object.fromEntries(
    Object.entries(value).map(([key, own]) => [key, key === "service" ? own : member(key, own, depth)]),
  );
}

/** Nothing logs headers on purpose. That their tokens are left out is a safety net. */
const member = (key: string, value: unknown, depth: number) =>
  /^(authorization|cookie)$/i.test(key) ? "[redacted]" : toldIn(value, depth - 1);

function partsOf({ name, message, stack, cause, ...rest }: Error): object {
  return { type: name, message, stack, ...(cause !== undefined && { cause }), ...rest };
}

/** Milliseconds that lines of calls may wait to be written together, and how many characters. */
const WAIT = 100;
const WAITING = 65_536;

/** Writes lines in their order. Lines of calls wait a moment for others, as every write is a system call. */
class LineStream {
  readonly #write: (lines: string) => void;
  #waiting = "";
  #timer: NodeJS.Timeout | undefined;

  constructor(target: LogTarget) {
    const file = typeof target === "number" ? pino.destination({ dest: target, sync: true }) : undefined;
    this.#write = file ? (lines) => void file.write(lines) : (target as (lines: string) => void);
    if (file) process.on("exit", () => this.#flush());
  }

  write(line: string): void {
    this.#flush();
    this.#write(line);
  }

  /** Writes a line soon. */
  writeSoon(line: string): void {
    this.#waiting += line;
    if (this.#waiting.length > WAITING) this.#flush();
    else this.#timer ??= setTimeout(() => this.#flush(), WAIT).unref();
  }

  #flush(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    if (this.#waiting === "") return;
    const lines = this.#waiting;
    this.#waiting = "";
    this.#write(lines);
  }
}

/** Writes a line of JSON that somebody else has put together, in order with the others and within a tenth of a second. */
export function writeSoon(log: Logger, line: string): void {
  const stream = streamOf(log);
  if (stream.writeSoon) stream.writeSoon(line);
  else stream.write(line); // a log that a program around us has made
}

/** What a log writes to: lines of JSON. */
export interface LogStream {
  write(line: string): void;
  writeSoon?(line: string): void;
  /** Keeps a line in the journal alone (journal.ts). */
  keep?(line: string): void;
}

export const streamOf = (log: Logger) => (log as unknown as Record<symbol, LogStream>)[pino.symbols.streamSym]!;

/** The same log, at whatever level it has, which writes to another stream. */
export const writingTo = (stream: LogStream, log: Logger): Logger =>
  Object.create(log, { [pino.symbols.streamSym]: { value: stream } }) as Logger;

/** How many characters of what a server writes are kept for its page. */
const LONGEST_OUTPUT = 2_000;

/**
 * Logs at `debug` what a server has written, which is ready to be told. The journal of its service keeps it whatever the level:
 * it is what people look for first.
 */
export function logOutput(log: Logger, fields: { readonly stderr: string; readonly [field: string]: unknown }): void {
  if (log.isLevelEnabled("debug")) return log.debug(fields, OUTPUT);
  const stderr = fields.stderr.slice(0, LONGEST_OUTPUT);
  streamOf(log).keep?.(JSON.stringify({ level: "debug", time: new Date(), ...fields, stderr, msg: OUTPUT }));
}

const OUTPUT = "standard error";

/** What a line of the audit trail is about. */
export type AuditEvent =
  | "refused"
  | "login-lockout"
  | "cut"
  | "session-opened"
  | "session-revived"
  | "session-forwarded"
  | "session-closed"
  | "client"
  | "call";

/** The fields of a line of the audit trail. What others said of themselves is cut to this many characters. */
const LONGEST_FIELD = 200;

export interface AuditFields {
  readonly service?: string | undefined;
  readonly address?: string | undefined;
  readonly principal?: string | undefined;
  /** What people call the principal. */
  readonly name?: string | undefined;
  readonly reason?: string | undefined;
  readonly [field: string]: string | number | undefined;
}

/** Writes one line of the audit trail. Each contains AUTH, so that `grep AUTH` finds them all. */
export function audit(log: Logger, event: AuditEvent, fields: AuditFields): void {
  if (!log.isLevelEnabled("info")) return;
  const short = Object.entries(fields).map(([name, value]) => [
    name,
    typeof value === "string" ? told(value, { limit: LONGEST_FIELD }) : value,
  ]);
  log.info({ audit: event, ...Object.fromEntries(short), service: fields.service }, `AUTH ${event}`);
}
