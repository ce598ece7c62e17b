/**
 * Run by Terraform for every new release: waits until its container is ready. If it does not become ready, this stops it, shows
 * the last lines of its log and fails the apply, while the previous release keeps serving.
 */
import { setTimeout as sleep } from "node:timers/promises";
import { parseArgs } from "node:util";
import { docker, lastLog } from "./docker.ts";
import { askAlive, askReady } from "./readiness.ts";
import { markReleased } from "./releases.ts";

const option = { type: "string", default: "" } as const;
const { values } = parseArgs({
  options: {
    service: option,
    container: option,
    port: option,
    processes: option,
    timeout: option,
    grace: option,
    ask: option,
  },
});
const { service, container, port, processes, timeout, grace } = values;
const question = values.ask === "health" ? askAlive(Number(port)) : askReady(Number(port));

await limitProcesses();
const problem = await waitUntilReady().catch((error: Error) => `Docker does not answer: ${error.message}`);
if (problem === undefined) await mark();
else {
  const log = await lastLog(container).catch((error: unknown) => String(error));
  await docker(["stop", container]).catch(() => {});
  console.error(
    `${service}: the new release does not take over: ${problem}. The previous release, if there is one, keeps serving. ` +
      `Fix or revert the change, and deploy again. The last lines of its log:\n${log}`,
  );
  process.exitCode = 1;
}

/** A failure here does not stop a release that serves; only a rollback cannot find it. */
async function mark(): Promise<void> {
  await markReleased(service, container).catch((error: Error) =>
    console.error(`${service}: the release serves, but npx gangway rollback will not find it: ${error.message}`),
  );
}

/** The provider has no option for this. Docker keeps the limit when it restarts the container. */
async function limitProcesses(): Promise<void> {
  await docker(["update", "--pids-limit", processes, container]).catch((error: Error) =>
    console.error(`${service}: Docker did not limit the number of its processes: ${error.message}`),
  );
}

/** @returns what is wrong with the release; undefined when it is ready */
async function waitUntilReady(): Promise<string | undefined> {
  const began = performance.now();
  const deadline = began + Number(timeout) * 1_000;
  // Until then a container may end and be restarted: its upstream may come up later in the same apply.
  const graceEnd = began + Number(grace) * 1_000;
  while (performance.now() < deadline) {
    const isUp = await hasNotEnded();
    if (!isUp && performance.now() >= graceEnd) return "its container ended";
    if (await isReady()) return undefined;
    await sleep(500);
  }
  return `it was not ready within ${timeout} s`;
}

/** Docker restarts a container within moments, so "running" alone proves nothing: look at the number of restarts as well. */
async function hasNotEnded(): Promise<boolean> {
  const state = ["inspect", "--format", "{{.State.Running}} {{.RestartCount}}", container];
  const ask = () => docker(state);
  const askAgain = () => sleep(2_000).then(ask);
  // Retry: a broken connection to the droplet says nothing about the release.
  return (await ask().catch(askAgain).catch(askAgain).catch(askAgain)).trim() === "true 0";
}

/** A gateway is ready only after its server has answered; the authorization server has no more to say than that it is well. */
async function isReady(): Promise<boolean> {
  return docker(["exec", container, ...question]).then(
    () => true,
    () => false,
  );
}
