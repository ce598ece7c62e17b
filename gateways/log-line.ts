/** A line of the log as people read it. `gangway logs` and a gateway on a terminal show the same. */
import { type Colour, type Paint, plain } from "./colours.ts";
import { printable } from "./printable.ts";

/** A line of the log, as far as people are shown it. */
export interface LogRecord {
  readonly level: string;
  /** ISO 8601. */
  readonly time?: string;
  readonly service?: string;
  readonly msg: string;
  /** Why, in a few words or a sentence. */
  readonly why?: string;
  /** What a server wrote last, or where in our code an error came from. */
  readonly more?: string;
  /** What else is in the line, by name. */
  readonly rest: Readonly<Record<string, unknown>>;
}

/** The record in a line; undefined for a line that is not one of the log's. */
export function recordIn(line: string): LogRecord | undefined {
  try {
    return recordOf(JSON.parse(line) as Fields);
  } catch {
    return undefined;
  }
}

/**
 * A line of JSON as one for people: `12:04:05  warn   memory  server did not start: command not found: foo`, and below it,
 * indented, what a server wrote last. A line that is not JSON stays as it is.
 * @param paint @default - no colours
 */
export function lineForPeople(line: string, paint: Paint = plain): string {
  const record = recordIn(line);
  return record === undefined ? printable(line, { limit: LONGEST }) : forPeople(record, paint);
}

/** A record as people read it. */
export function forPeople({ level, time, service, msg, why, more, rest }: LogRecord, paint: Paint): string {
  const said = [msg, why].filter(Boolean).join(": ");
  const others = Object.entries(rest).map(([name, value]) => `${name}=${wordOf(value)}`);
  const parts = [
    time === undefined ? "" : paint("dim", clock(time)),
    paint(COLOURS[level] ?? "dim", level.padEnd(5)),
    service === undefined ? "" : paint("bold", service),
    said,
    others.length === 0 ? "" : paint("dim", others.join(" ")),
  ];
  const head = parts.filter(Boolean).join("  ");
  const below = more === undefined ? [] : more.trim().split("\n");
  return [head, ...below.map((text) => paint("dim", `          ${text}`))].join("\n");
}

/** How many characters of one text are shown. */
const LONGEST = 8_192;

const COLOURS: Readonly<Record<string, Colour>> = { warn: "yellow", error: "red", fatal: "red" };

interface Fields {
  readonly level?: unknown;
  readonly msg?: unknown;
  readonly [name: string]: unknown;
}

function recordOf(fields: Fields): LogRecord | undefined {
  const { level, msg, time, service, child, reason, error, err, lastStderr, stderr, ...rest } = fields;
  if (typeof level !== "string" || typeof msg !== "string") return undefined;
  const fault = err as { readonly message?: unknown; readonly stack?: unknown } | undefined;
  const from = /^(.*)\[(?:\d+|not started)\]$/.exec(text(child) ?? "")?.[1];
  const more = text(lastStderr) ?? text(stderr) ?? text(fault?.stack);
  return {
    level: printable(level),
    msg: shown(msg),
    ...some("time", text(time)),
    ...some("service", text(service) ?? from),
    ...some("why", text(reason) ?? text(error) ?? text(fault?.message)),
    ...some("more", more),
    rest,
  };
}

const shown = (value: string) => printable(value.replace(/\s*\n\s*/g, " "), { limit: LONGEST });

const text = (value: unknown): string | undefined =>
  typeof value === "string" && value !== "" ? printable(value, { limit: LONGEST, lines: true }) : undefined;

const some = <Name extends string>(name: Name, value: string | undefined) =>
  (value === undefined ? {} : { [name]: name === "more" ? value : shown(value) }) as { [name in Name]?: string };

const wordOf = (value: unknown): string => {
  const word = typeof value === "string" ? printable(value) : printable(JSON.stringify(value) ?? "");
  return /\s/.test(word) && typeof value === "string" ? JSON.stringify(word) : word;
};

/** The time of day, as it is here. */
function clock(time: string): string {
  const at = new Date(time);
  return Number.isNaN(at.getTime()) ? printable(time) : at.toTimeString().slice(0, 8);
}
