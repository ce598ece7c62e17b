/** What a gateway holds while it is idle. */
import { rmSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { openFiles } from "../../kit/process-figures.ts";
import { waitUntil } from "../../kit/wait.ts";
import type { SoakedGateway } from "./gateway.ts";
import { objectsIn } from "./objects.ts";
import type { Holdings } from "./probe.ts";

export interface Measurement extends Holdings {
  readonly sessions: number;
  /** Processes that it has started; undefined without /proc, as are the two below. */
  readonly processes: number | undefined;
  readonly files: number | undefined;
  readonly sockets: number | undefined;
  /** Objects by class. */
  readonly objects: Readonly<Record<string, number>>;
}

/** How long it may take until everything idle has ended. What takes longer is measured as it is, and judged. */
const SETTLE_TIMEOUT = 30_000;

/** Servers of an idle gateway: the warm spare, or the shared one. */
export const WAITING = 1;

/** Waits until a gateway has nothing left to do, or the time is up. */
async function settle(gateway: SoakedGateway): Promise<void> {
  const idle = () => gateway.sessions === 0 && (gateway.processes?.length ?? WAITING) === WAITING;
  await waitUntil(idle, SETTLE_TIMEOUT, 250);
  await sleep(3_000); // timers of what has just ended, such as those that let a body drain
}

/** Measures a gateway once it is idle. @param folder for the heap snapshot, which is read and deleted */
export async function measureIdle(gateway: SoakedGateway, folder: string): Promise<Measurement> {
  await settle(gateway);
  const snapshot = join(folder, `${gateway.setup.name}.heapsnapshot`);
  const holdings = await gateway.holdings(snapshot);
  const objects = objectsIn(snapshot);
  rmSync(snapshot);
  const open = openFiles(gateway.pid);
  const { sessions, processes } = gateway;
  return { ...holdings, sessions, processes: processes?.length, files: open?.all, sockets: open?.sockets, objects };
}
