/** Whether the gateway bore the attacks: it lives, nobody noticed, and it stayed within its memory. */
import type { Finding } from "../judge.ts";
import type { Made } from "./attackers.ts";
import type { Calls } from "./visitor.ts";

/** What a hostile run has measured. */
export interface Measured {
  /** How the memory was limited. */
  readonly limitedBy: string;
  readonly limit: number;
  /** The most that was used, in bytes. */
  readonly peak: number;
  readonly quiet: Calls;
  /** Beside an honest client that takes answers of 30 MB. */
  readonly accompanied: Calls;
  readonly attacked: Calls;
  readonly made: Made;
  /** How the gateway ended by itself; undefined = it lives. */
  readonly end: string | undefined;
  readonly complaints: readonly string[];
}

/** How much longer than in the quiet run a good client's call may take. */
const MOST_SLOWER = 3;
/** Milliseconds that no machine can tell from a pause of its own: a shorter 99th percentile is not held against it. */
const NOISE = 5;

export function judge({ limit, peak, quiet, accompanied, attacked, made, end, complaints }: Measured): Finding[] {
  // A gateway is one thread: while it passes on the largest message that it may, everybody waits, whoever sent it.
  const most = Math.max(quiet.p99 * MOST_SLOWER, accompanied.p99, NOISE);
  return [
    ...found(end !== undefined, {
      what: "the gateway ended",
      from: "",
      to: end ?? "",
      most: "alive",
      look: "its limit",
    }),
    ...found(quiet.failed.length > 0, failures("calls that failed in the quiet run", quiet)),
    ...found(accompanied.failed.length > 0, failures("calls that failed beside a neighbour", accompanied)),
    ...found(attacked.failed.length > 0, failures("the good client's calls that failed", attacked)),
    ...found(!(attacked.p99 <= most), {
      what: "the good client's 99th percentile, ms",
      from: rounded(quiet.p99),
      to: rounded(attacked.p99),
      most: rounded(most),
      look: "what keeps the event loop busy for long: run it with --cpu-prof",
    }),
    ...found(peak > limit, { what: "memory", from: "", to: peak, most: limit, look: "gateways/memory-budget.ts" }),
    ...found(complaints.length > 0, {
      what: "errors in the log",
      from: "",
      to: complaints.length,
      most: 0,
      look: complaints[0] ?? "",
    }),
    ...found(Object.keys(made).length === 0, {
      what: "attacks",
      from: "",
      to: 0,
      most: "some",
      look: "the attackers did not start",
    }),
  ];
}

const found = (is: boolean, finding: Finding): Finding[] => (is ? [finding] : []);

const failures = (what: string, { failed, made }: Calls): Finding => ({
  what: `${what}, of ${made}`,
  from: "",
  to: failed.length,
  most: 0,
  look: failed[0] ?? "",
});

const rounded = (ms: number) => Number(ms.toFixed(1));
