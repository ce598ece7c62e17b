/** The history of a host as a table. */
import { type Cell, renderTable } from "../kit/table.ts";
import type { HistoryRecord } from "./records.ts";

const style = { ok: "green", failed: "red", interrupted: "yellow", killed: "red" } as const;

/** A line for each record, and below it why one did not end well. @param width of the terminal */
export function historyTable(records: readonly HistoryRecord[], width: number): string[] {
  const title = ["time (UTC)", "action", "stack", "result", "by", "commit", "changed"].map((text): Cell => ({
    text,
    style: "dim",
  }));
  const [head = "", ...lines] = renderTable([title, ...records.map(row)], width - 2);
  return [head, ...records.flatMap(({ reason }, at) => [lines[at]!, ...(reason === undefined ? [] : [`  ${reason}`])])];
}

function row({ time, action, stack, result, who, commit = "", seconds, ...of }: HistoryRecord): Cell[] {
  const took = seconds === undefined ? "" : ` ${seconds} s`;
  return [
    { text: time.slice(0, 16).replace("T", " ") },
    { text: action },
    { text: stack },
    { text: `${result}${took}`, style: style[result] },
    { text: who },
    { text: commit.replace(/^(.{7})[^+]*/, "$1") },
    { text: changed(of) },
  ];
}

/** "memory 1a2b3c4d, -docs; 3 created": each service with the release that it has now. */
function changed({ services, changes }: Pick<HistoryRecord, "services" | "changes">): string {
  const names = Object.entries(services).map(([name, release]) => {
    if (release === null) return `-${name}`;
    return [name, (release["server"] ?? release["gateway"] ?? release["auth"])?.slice(0, 8)].filter(Boolean).join(" ");
  });
  if (names.length > 0) return names.join(", ");
  const count = changes === undefined ? 0 : changes.create + changes.update + changes.replace + changes.destroy;
  if (changes === undefined) return "";
  return count === 0 ? "nothing" : `${count} resources`;
}
