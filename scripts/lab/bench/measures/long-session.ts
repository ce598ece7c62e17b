/** 100,000 calls in one session: does it slow down or grow? */
import { setTimeout as sleep } from "node:timers/promises";
import { residentKb } from "../../../kit/process-figures.ts";
import { type RunningTarget, startTarget } from "../running-target.ts";
import { openSession } from "../session.ts";
import { Callers, echo } from "./callers.ts";
import { type Cell, Errors, type Measure } from "./measure.ts";

const crowd = { callers: 16, sessions: 1, open: openSession };
/** Long enough for what a garbage collector does by itself; none is told to collect. */
const settleMs = 1_000;
/** Calls that do not count: they connect every caller. */
const leadIn = 20 * crowd.callers;
/** A process that has just started gets faster by itself for a while. */
const warmUpSeconds = 2;

/** 16 callers in one session of a process of its own. */
export const longSession: Measure = {
  name: "long",
  tables: [
    {
      name: "long",
      title: "long session, 16 callers",
      columns: [
        { key: "firstPerSecond", title: "req/s first", digits: 0 },
        { key: "lastPerSecond", title: "req/s last", digits: 0, ratio: "shown" },
        { key: "lastOfFirst", title: "last : first", digits: 2, glance: true },
        { key: "firstMb", title: "MB after first", digits: 0 },
        { key: "lastMb", title: "MB after last", digits: 0 },
        { key: "calls", title: "calls", digits: 0 },
      ],
    },
  ],
  run: async ({ target }, { seconds, longCalls }) => {
    const fresh = await startTarget(target);
    try {
      await warmUp(fresh, seconds);
      return await callMany(fresh, longCalls);
    } finally {
      await fresh.stop();
    }
  },
};

/** In a session of its own, so that the code is compiled before anything is compared. */
async function warmUp({ port }: RunningTarget, seconds: number): Promise<void> {
  const callers = await Callers.open(port, crowd, new Errors());
  await callers.during(Math.max(warmUpSeconds, seconds), echo);
  await callers.close();
}

async function callMany({ port, pid }: RunningTarget, calls: number): Promise<Cell> {
  const errors = new Errors();
  const tenth = Math.round(calls / 10);
  const callers = await Callers.open(port, crowd, errors);
  await callers.times(leadIn, echo);
  const first = await callers.times(tenth, echo);
  const firstMb = await settledMb(pid);
  const between = await callers.times(calls - 2 * tenth, echo);
  const last = await callers.times(tenth, echo);
  const lastMb = await settledMb(pid);
  await callers.close();
  const rates = { firstPerSecond: first.perSecond, lastPerSecond: last.perSecond };
  const found = { ...rates, lastOfFirst: last.perSecond / first.perSecond, firstMb, lastMb, calls };
  const made = first.latencies.length + between.latencies.length + last.latencies.length;
  return { values: errors.tooMany ? {} : found, calls: made, errors: errors.count, firstError: errors.first };
}

async function settledMb(pid: number): Promise<number | null> {
  await sleep(settleMs);
  const kb = residentKb(pid);
  return kb === undefined ? null : kb / 1024;
}
