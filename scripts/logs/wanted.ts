/** Which lines of a log are wanted. */
import { WrongUse } from "../kit/arguments.ts";
import { jsonIn } from "../kit/json.ts";

/** What was asked for. */
export interface Wanted {
  /** Of these services; none = of all. */
  readonly services: readonly string[];
  /** How many of the last ones to begin with. */
  readonly last: number;
  /** Whether to go on as lines are written. */
  readonly follow: boolean;
  /** Only what is not older. @default - however old */
  readonly since?: Since | undefined;
  /** Whether a line is wanted for what is in it. */
  readonly matches: (line: string) => boolean;
}

/** A point in time. */
export interface Since {
  readonly time: Date;
  /** As `docker logs --since` takes it. What is relative goes by the clock of the engine. */
  readonly forDocker: string;
}

const UNITS: Readonly<Record<string, number>> = { s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 };

/** Reads `15m`, `2h`, `3d`, or a time as in 2026-11-30T08:00. @throws WrongUse */
export function readSince(text: string, now = new Date()): Since {
  const [, count, unit = ""] = /^(\d{1,6})([smhd])$/.exec(text) ?? [];
  if (count !== undefined) {
    const ms = Number(count) * UNITS[unit]!;
    return { time: new Date(now.getTime() - ms), forDocker: `${ms / 1_000}s` };
  }
  const time = new Date(text);
  if (!/^\d{4}-\d\d-\d\d/.test(text) || Number.isNaN(time.getTime()))
    throw new WrongUse(`--since: got ${text}, expected 15m, 2h, 3d or a time as in 2026-11-30T08:00`);
  return { time, forDocker: time.toISOString() };
}

/**
 * What is looked for in a line.
 * @param pattern a regular expression for the line as it was written @default - any line
 * @param audit whether only lines of the audit are wanted
 * @throws WrongUse for a pattern that is none
 */
export function readMatch(pattern: string | undefined, audit: boolean): (line: string) => boolean {
  const wanted = pattern === undefined ? undefined : expression(pattern);
  return (line) => (wanted === undefined || wanted.test(line)) && (!audit || isAudit(line));
}

function expression(pattern: string): RegExp {
  try {
    return new RegExp(pattern);
  } catch (error) {
    throw new WrongUse(`--grep: ${(error as Error).message}`);
  }
}

const isAudit = (line: string) => typeof fieldsIn(line)?.["audit"] === "string";

/** The fields of a line of JSON; undefined for any other line. */
export const fieldsIn = (line: string): Readonly<Record<string, unknown>> | undefined =>
  line.startsWith("{") ? (jsonIn(line) as Readonly<Record<string, unknown>> | undefined) : undefined;
