/** The end of a deploy: a look at everything that should run now, also at what has not changed. */
import { setTimeout as sleep } from "node:timers/promises";
import type { Deployed as Service } from "../../stacks/deployed.ts";
import { eachOf } from "../kit/progress.ts";
import { renderTable } from "../kit/table.ts";
import { type Deployed, containersOf } from "./containers.ts";
import type { AskEngine } from "./engine-words.ts";
import { tellingLines } from "../../stacks/provision/telling-lines.ts";

/** What was seen of a container. */
export interface Seen {
  readonly container: Deployed;
  /** What is wrong with it. @default - nothing */
  readonly problem?: string;
}

/** Seconds that what has just been started has to come up. Releases have passed their gate before. */
const PATIENCE = 20;

/** How many containers are asked at once: each asking is a process on the engine's machine. */
const AT_ONCE = 6;

/** Seconds between two looks at what has been started again: between two ends of it, it runs. */
const SECOND_LOOK = 2;

/**
 * Looks until everything is well, or time is up.
 * @param deployment what its containers are labelled with
 */
export async function lookAt(
  deployment: string,
  ask: AskEngine,
  { patience = PATIENCE, secondLook = SECOND_LOOK } = {},
): Promise<Seen[]> {
  const deadline = performance.now() + patience * 1_000;
  for (let last: readonly Deployed[] = []; ;) {
    const containers = await containersOf(deployment, ask);
    const seen = await lookOnce(containers, ask, last);
    const isWell = seen.every(({ problem }) => problem === undefined);
    const isSettled = isWell && containers.every((one) => one.restarts === 0 || isAmong(one, last));
    if (isSettled || (!isWell && performance.now() > deadline)) return seen;
    last = containers;
    await sleep((isWell ? secondLook : 1) * 1_000);
  }
}

const isAmong = ({ id }: Deployed, others: readonly Deployed[]) => others.some((other) => other.id === id);

/** @param before the containers as they were a moment ago */
async function lookOnce(containers: readonly Deployed[], ask: AskEngine, before: readonly Deployed[]): Promise<Seen[]> {
  const seen = new Map<Deployed, string | undefined>();
  await eachOf(containers, AT_ONCE, async (container) => {
    const was = before.find(({ id }) => id === container.id);
    seen.set(container, await problemOf(container, ask, was?.restarts ?? container.restarts));
  });
  return containers.map((container) => {
    const problem = seen.get(container);
    return problem === undefined ? { container } : { container, problem };
  });
}

/** The container's own check is run now: what Docker remembers of it is up to 90 s old. */
async function problemOf(container: Deployed, ask: AskEngine, restartsBefore: number): Promise<string | undefined> {
  const { id, isRunning, isKept, isRestarting, restarts, exitCode, check } = container;
  if (isRestarting || restarts > restartsBefore)
    return `ends and is started again, ${restarts} times by now (exit code ${exitCode})`;
  if (!isRunning && !isKept && exitCode === 0) return undefined;
  if (!isRunning) return `does not run (exit code ${exitCode})`;
  if (check === undefined) return undefined;
  return ask(["exec", id, ...check]).then(
    () => undefined,
    () => "runs, and is not ready",
  );
}

/** A row for each service with its URL, and one for each other container with which something is wrong. */
export function table(services: readonly Service[], seen: readonly Seen[]): string[] {
  const rows = services.map(({ name, url, state, needs }) => {
    const own = seen.filter(({ container }) => container.service === name);
    return [name, state === "needs" ? `needs ${needs}` : stateOf(own), url];
  });
  const named = new Set(services.map(({ name }) => name));
  const others = seen
    .filter(({ container, problem }) => problem !== undefined && !named.has(container.service))
    .map(({ container, problem }) => [container.name, problem!, ""]);
  return renderTable([...rows, ...others].map((row) => row.map((text) => ({ text }))));
}

function stateOf(seen: readonly Seen[]): string {
  if (seen.length === 0) return "has no container";
  return seen.find(({ problem }) => problem !== undefined)?.problem ?? "ready";
}

/** Whether a service that should run has no container, or anything has a problem. */
export const isWell = (services: readonly Service[], seen: readonly Seen[]): boolean =>
  seen.every(({ problem }) => problem === undefined) &&
  services.every(({ name, state }) => state === "needs" || seen.some(({ container }) => container.service === name));

/** What the log of each bad container says at its end. */
export async function lastWords(seen: readonly Seen[], ask: AskEngine): Promise<string[]> {
  const bad = seen.filter(({ problem }) => problem !== undefined);
  const all = await Promise.all(
    bad.map(async ({ container, problem }) => {
      const log = await ask(["logs", "--tail", "60", container.id]).catch((error: Error) => error.message);
      return [`${container.name} ${problem}. Its log ends with:`, ...tellingLines(log).map((line) => `  ${line}`)];
    }),
  );
  return all.flat();
}
