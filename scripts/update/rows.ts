/** The table of `gangway outdated`. */
import { type Cell, renderTable, terminalWidth } from "../kit/table.ts";
import { type Newest, versionIn } from "./newest.ts";

/** A line of it, and of `--json`. */
export interface Row {
  readonly service: string;
  readonly what: string;
  readonly have: string;
  /** null: it is not known. */
  readonly newest: string | null;
  /** ISO 8601; null: nobody says. */
  readonly released: string | null;
  /** Why the newest is not known. */
  readonly problem: string | null;
}

/** What was found out about a service, or why nothing was. */
export function rowOf(service: string, found: Newest | { readonly have: string; readonly problem: string }): Row {
  const have = versionIn(found.have);
  const common = { service, what: found.have.slice(0, -have.length).replace(/(==|[@:])$/, "") || found.have, have };
  if ("problem" in found) return { ...common, newest: null, released: null, problem: found.problem };
  const released = found.released?.toISOString() ?? null;
  return { ...common, newest: versionIn(found.newest), released, problem: null };
}

/** What is newer, what is not known, and what to run. */
export function outdatedLines(rows: readonly Row[], now: Date, width: number = terminalWidth() - 2): string[] {
  const newer = rows.filter(({ newest, have }) => newest !== null && newest !== have);
  const unknown = rows.filter(({ problem }) => problem !== null);
  const current = rows.length - newer.length - unknown.length;
  const rest = current === 0 ? [] : [`${current} ${current === 1 ? "is" : "are"} up to date`];
  const cells = newer.map((row) => [row.service, row.what, row.have, row.newest!, ageOf(row.released, now)].map(cell));
  const table = cells.length === 0 ? [] : ["", ...renderTable([HEADER, ...cells], width), ""];
  const updates = newer.filter(({ service }) => /^[a-z0-9-]+$/.test(service)).map(({ service }) => service);
  return [
    ...table,
    ...rest,
    ...unknown.map(({ service, have, what, problem }) => `${service}: ${what} ${have} was not checked: ${problem}`),
    ...(updates.length === 0
      ? []
      : ["", `Update  npx gangway update ${updates[0]}   (shows what changes about its tools, then asks)`]),
  ];
}

const cell = (text: string): Cell => ({ text });
const HEADER: readonly Cell[] = ["service", "what", "have", "newest", "released"].map((text) => ({
  text,
  style: "dim",
}));

const DAY = 86_400_000;

/** A release of yesterday has been seen by few. */
function ageOf(released: string | null, now: Date): string {
  if (released === null) return "";
  const days = Math.max(0, Math.floor((now.getTime() - Date.parse(released)) / DAY));
  if (days === 0) return "today";
  return days === 1 ? "1 day ago" : `${days} days ago`;
}
