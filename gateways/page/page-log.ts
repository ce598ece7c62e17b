/** The last lines of a service's log, as people read them. */
import { plain } from "../colours.ts";
import type { Journal } from "../journal.ts";
import { forPeople, recordIn } from "../log-line.ts";
import { told } from "../secrets.ts";

/** How many characters of a line are shown. */
const LONGEST = 1_000;

/** What was made of a journal, and how many lines it had by then. */
interface Read {
  readonly written: number;
  readonly lines: readonly string[];
}

const known = new WeakMap<Journal, Read>();

/** The lines of a journal. They are read again only when there are more. */
export function linesOf(journal: Journal): readonly string[] {
  const { written } = journal;
  const read = known.get(journal);
  if (read?.written === written) return read.lines;
  const lines = journal.lines.map(lineFor);
  known.set(journal, { written, lines });
  return lines;
}

/** The name of the service is left out: the page has it. */
function lineFor(line: string): string {
  const record = recordIn(line);
  const { service: _, ...rest } = record ?? {};
  const shown = record === undefined ? line : forPeople(rest as typeof record, plain);
  return told(shown, { limit: LONGEST, lines: true });
}
