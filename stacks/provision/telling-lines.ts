/** Of the log of a release that does not serve, the lines that say why. */
import { lineForPeople, recordIn } from "../../gateways/log-line.ts";

/** How many lines a person reads before the sentence above them is out of sight. */
const MOST = 8;

const BAD: ReadonlySet<string> = new Set(["warn", "error", "fatal"]);

/**
 * The last warnings and errors, each sentence once: a container that is started again and again repeats itself. A log without
 * any, such as that of a server, has its last lines shown as they are.
 */
export function tellingLines(log: string): string[] {
  const lines = log.split("\n").filter((line) => line.trim() !== "");
  const bad = new Map<string, string>();
  for (const line of lines) {
    const record = recordIn(line);
    if (record === undefined || !BAD.has(record.level)) continue;
    const said = `${record.msg} ${record.why ?? ""}`;
    bad.delete(said); // the last of them counts
    bad.set(said, line);
  }
  const told = bad.size > 0 ? [...bad.values()] : lines;
  return told.slice(-MOST).flatMap((line) => lineForPeople(line).split("\n"));
}
