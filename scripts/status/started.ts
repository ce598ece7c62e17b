/** What `gangway start` runs, and how much it is used. */
import { askHub, type ServiceHealth } from "../kit/hub.ts";
import { proportionalKb } from "../kit/process-figures.ts";
import { familyOf } from "../kit/processes.ts";
import type { Running } from "../kit/running.ts";
import { type Usage, usageIn } from "./usage.ts";

/** A service of a hub. */
export type StartedService = ServiceHealth & Partial<Usage>;

/** The `gangway start` of this folder. */
export interface Started extends Running {
  readonly services: readonly StartedService[];
  /** Bytes of all its processes. @default - the system does not tell */
  readonly memory?: number;
}

/** Asks the hub as its page does. It has no services where it does not answer. */
export async function askStarted(running: Running): Promise<Started> {
  const [health, usage] = await Promise.all([askHub(running.hub), askPage(running.hub)]);
  const services = (health?.services ?? []).map((service) => ({ ...service, ...usage.get(service.name) }));
  const kb = familyOf(running.pid).reduce((sum, { pid }) => sum + (proportionalKb(pid) ?? 0), 0);
  return { ...running, services, ...(kb > 0 && { memory: kb * 1024 }) };
}

async function askPage(hub: string): Promise<ReadonlyMap<string, Usage>> {
  const asked = fetch(`${hub}/_/status`, { signal: AbortSignal.timeout(5_000) });
  return usageIn(await asked.then((response) => response.json()).catch(() => undefined));
}
