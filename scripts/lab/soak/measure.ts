/** What a gateway holds when nothing goes on. */
import { rmSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type { GatewayProcess } from "./gateway-process.ts";
import { objectsIn } from "./objects.ts";
import type { Holdings } from "./probe.ts";
import { openFiles } from "./processes.ts";

export interface Measurement extends Holdings {
  readonly sessions: number;
  /** Processes that it has started; undefined where the kernel does not tell, as the two below. */
  readonly processes: number | undefined;
  readonly files: number | undefined;
  readonly sockets: number | undefined;
  /** Objects by class. */
  readonly objects: Readonly<Record<string, number>>;
}

/** How long it may take until everything idle has ended: what takes longer is measured as it is, and judged. */
const SETTLE_TIMEOUT = 30_000;

/** Servers of an idle gateway: the warm spare, or the shared one. */
export const WAITING = 1;

/** Waits until a gateway has nothing left to do, or does not get there. */
async function settle(gateway: GatewayProcess): Promise<void> {
  const idle = () => gateway.sessions === 0 && (gateway.processes?.length ?? WAITING) === WAITING;
  for (const deadline = Date.now() + SETTLE_TIMEOUT; !idle() && Date.now() < deadline;) await sleep(250);
  await sleep(3_000); // timers of what has just ended, such as those that let a body run out
}

/** Measures a gateway once it is idle. @param folder for the heap snapshot, which is read and deleted */
export async function measureIdle(gateway: GatewayProcess, folder: string): Promise<Measurement> {
  await settle(gateway);
  const snapshot = join(folder, `${gateway.setup.name}.heapsnapshot`);
  const holdings = await gateway.holdings(snapshot);
  const objects = objectsIn(snapshot);
  rmSync(snapshot);
  const open = openFiles(gateway.pid);
  const { sessions, processes } = gateway;
  return { ...holdings, sessions, processes: processes?.length, files: open?.all, sockets: open?.sockets, objects };
}
