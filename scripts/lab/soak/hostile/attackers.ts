/**
 * The attackers, a process of their own, so that their work does not slow the good client:
 * `attackers.ts <port> <pid> <ms> <attacks | neighbour>`. A neighbour is an honest client that works hard.
 * They leave the gateway a share of its core, because what is judged is the gateway and not the scheduler.
 */
import { setPriority } from "node:os";
import { setTimeout as sleep } from "node:timers/promises";
import { cpuUs } from "../../../kit/process-figures.ts";
import { attacks, neighbour, type Attack } from "./attacks.ts";
import { Wire } from "./wire.ts";

/** Attacks at the same time. */
const LANES = 2;
/** How much of a core the gateway may be kept busy with before the next attack waits. */
const MAX_SHARE = 0.15;
/** Milliseconds that an attack may take. */
const LONGEST = 40_000;
const LEAST_NICE = 19;

/** How often each attack was made. The soak gets it at the end. */
export type Made = Readonly<Record<string, number>>;

const [port = 0, pid = 0, ms = 0] = process.argv.slice(2, 5).map(Number);
const all = process.argv[5] === "neighbour" ? neighbour : attacks;
process.once("disconnect", () => process.exit(1)); // the soak has ended, in whatever way
setPriority(LEAST_NICE);

const deadline = Date.now() + ms;
const began = { at: Date.now(), cpu: cpuUs(pid) ?? 0 };
const made: Record<string, number> = {};
const waiting: Attack[] = [];

await Promise.all(Array.from({ length: LANES }, lane));
process.send?.(made);
process.disconnect?.();

async function lane(): Promise<void> {
  while (Date.now() < deadline) {
    if (busyShare() > MAX_SHARE) await sleep(200);
    else await attack(next());
  }
}

async function attack({ name, run }: Attack): Promise<void> {
  const wire = new Wire(port);
  const left = Math.max(0, Math.min(LONGEST, deadline - Date.now()));
  await Promise.race([run(wire), sleep(left, undefined, { ref: false })]);
  await wire.close();
  made[name] = (made[name] ?? 0) + 1;
}

/** All attacks in turn, each time in another order. */
function next(): Attack {
  if (waiting.length === 0) waiting.push(...all.toSorted(() => Math.random() - 0.5));
  return waiting.pop()!;
}

/** The share of a core that the gateway has used since the attacks began. */
function busyShare(): number {
  return ((cpuUs(pid) ?? 0) - began.cpu) / 1_000 / Math.max(1, Date.now() - began.at);
}
