/** Replies from 1 KB to 32 MB: does twice the size take twice the time, and how much memory does it take? */
import { Connection } from "../client.ts";
import { forgetPeak, peakKb, residentKb } from "../../../kit/process-figures.ts";
import { type RunningTarget, startTarget } from "../running-target.ts";
import { openSession } from "../session.ts";
import { median } from "../statistics.ts";
import { Callers, echo } from "./callers.ts";
import { type Cell, Errors, type Measure } from "./measure.ts";
import { replyTimes } from "./reply-times.ts";

const sizes = [
  { key: "1k", title: "1 KB", bytes: 1_000 },
  { key: "64k", title: "64 KB", bytes: 64_000 },
  { key: "1m", title: "1 MB", bytes: 1_000_000 },
  { key: "4m", title: "4 MB", bytes: 4_000_000 },
  { key: "16m", title: "16 MB", bytes: 16_000_000 },
  { key: "32m", title: "32 MB", bytes: 32_000_000 },
] as const;
type Size = (typeof sizes)[number];

const small = sizes.slice(0, 2);
const large = sizes.slice(2);
/** From the first to the last of the large sizes. */
const doublings = 5;

/** One caller, one size after another, on a fresh process, whose memory is not that of the loads before. */
export const replySizes: Measure = {
  name: "sizes",
  tables: [
    {
      name: "sizes",
      title: "replies by size, 1 caller",
      columns: [
        ...small.map(({ key, title }) => ({ key: `${key}Ms`, title: `${title} ms`, digits: 2 })),
        ...large.slice(0, -1).map(({ key, title }) => ({ key: `${key}MsPerMb`, title: `${title} ms/MB`, digits: 2 })),
        { key: "32mMsPerMb", title: "32 MB ms/MB", digits: 2, ratio: "shown", less: true },
        { key: "perDoubling", title: "x per doubling", digits: 2, glance: true },
      ],
    },
    {
      name: "size-memory",
      title: "replies by size, 1 caller: gateway memory, peak over before",
      columns: [
        { key: "beforeMb", title: "MB before", digits: 0 },
        ...large.map(({ key, title }) => ({ key: `${key}PeakMb`, title: `${title}: + MB`, digits: 0 })),
        { key: "32mPeakPerMb", title: "32 MB: + MB/MB", digits: 1, ratio: "shown", less: true },
      ],
    },
  ],
  run: async ({ target }, { seconds }) => {
    const fresh = await startTarget(target);
    try {
      return await askAll(fresh, seconds);
    } finally {
      await fresh.stop();
    }
  },
};

interface Found {
  readonly values: Record<string, number | null>;
  calls: number;
}

async function askAll(running: RunningTarget, seconds: number): Promise<Cell> {
  const errors = new Errors();
  await warmUp(running.port, seconds, errors);
  const found: Found = { values: { beforeMb: megabytes(residentKb(running.pid)) }, calls: 0 };
  const failure = await askEach(running, seconds, found);
  Object.assign(found.values, growth(found.values));
  // A peer's own limit is a finding; Gangway and the floors must have none.
  const note = failure !== undefined && running.target.kind === "peer" ? `no reply of ${failure}` : undefined;
  if (failure !== undefined && note === undefined) errors.add(new Error(failure));
  return { ...found, errors: errors.count, firstError: errors.first, note };
}

/** @returns the size at which it failed, and why; undefined when it did not */
async function askEach({ port, pid }: RunningTarget, seconds: number, found: Found): Promise<string | undefined> {
  const connection = new Connection(port);
  let at: Size = sizes[0];
  try {
    const session = await openSession(connection);
    for (at of sizes) {
      forgetPeak(pid);
      const times = await replyTimes(session, connection, at.bytes, (seconds * 1000) / 2);
      found.calls += times.length;
      Object.assign(found.values, timeValues(at, times), memoryValues(at, peakKb(pid), found.values["beforeMb"]));
    }
    return undefined;
  } catch (error) {
    return `${at.title}: ${(error as Error).message}`;
  } finally {
    connection.close();
  }
}

async function warmUp(port: number, seconds: number, errors: Errors): Promise<void> {
  const crowd = { callers: 1, sessions: 1, open: openSession };
  const callers = await Callers.open(port, crowd, errors);
  await callers.during(seconds / 2, echo);
  await callers.close();
}

const megabytes = (kb: number | undefined) => (kb === undefined ? null : (kb * 1024) / 1_000_000);

function timeValues({ key, bytes }: Size, times: readonly number[]): Cell["values"] {
  const ms = median(times);
  return { [`${key}Ms`]: ms, [`${key}MsPerMb`]: (ms / bytes) * 1_000_000 };
}

function memoryValues(
  { key, bytes }: Size,
  peak: number | undefined,
  beforeMb: number | null | undefined,
): Cell["values"] {
  const peakMb = megabytes(peak);
  if (peakMb === null || typeof beforeMb !== "number") return {};
  const over = peakMb - beforeMb;
  return { [`${key}PeakMb`]: over, [`${key}PeakPerMb`]: (over / bytes) * 1_000_000 };
}

/** How much longer twice the size takes, on average from 1 MB to 32 MB: 2 is linear. */
function growth(values: Cell["values"]): Cell["values"] {
  const [first, last] = [values["1mMs"], values["32mMs"]];
  return first && last ? { perDoubling: (last / first) ** (1 / doublings) } : {};
}
