/**
 * Run by Terraform for every new release: waits until its container is ready. If it does not become ready, this stops it, shows
 * the last lines of its log and of its server's, and fails the apply, while the previous release keeps serving.
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
    server: option,
    port: option,
    processes: option,
    timeout: option,
    grace: option,
    ask: option,
  },
});
const { service, container, port, processes, timeout, grace } = values;
const server = values.server === "" ? undefined : values.server;
const question = values.ask === "health" ? askAlive(Number(port)) : askReady(Number(port));

/** Of a server's container: enough for 32 processes and their children, too few to fill the host. */
const SERVER_PROCESSES = 2048;

/** How often its container had been started again when the gate first looked. */
let restarts: string | undefined;

await limitProcesses();
const problem = await waitUntilReady().catch((error: Error) => `Docker does not answer: ${error.message}`);
if (problem === undefined) await mark();
else {
  const logs = await lastLogs();
  await docker(["stop", container, ...(server === undefined ? [] : [server])]).catch(() => {});
  console.error(
    `${service}: the new release does not take over: ${problem}. The previous release, if there is one, keeps serving. ` +
      `Fix or revert the change, and deploy again. ${logs}`,
  );
  process.exitCode = 1;
}

/** What a server says is in the log of its gateway; in that of its container is why it could not be started. */
async function lastLogs(): Promise<string> {
  const own = await lastLog(container).catch(String);
  const ofServer = server === undefined ? "" : await lastLog(server).catch(String);
  const more = ofServer === "" ? "" : `\nThe last lines of its server's container:\n${ofServer}`;
  return `The last lines of its log:\n${own}${more}`;
}

/** A failure here does not stop a release that serves; only a rollback cannot find it. */
async function mark(): Promise<void> {
  const containers = [container, ...(server === undefined ? [] : [server])];
  await markReleased(service, containers).catch((error: Error) =>
    console.error(`${service}: the release serves, but npx gangway rollback will not find it: ${error.message}`),
  );
}

/** The provider has no option for this. Docker keeps the limit when it restarts a container. */
async function limitProcesses(): Promise<void> {
  await limit(container, processes);
  if (server !== undefined) await limit(server, String(SERVER_PROCESSES));
}

async function limit(which: string, most: string): Promise<void> {
  await docker(["update", "--pids-limit", most, which]).catch((error: Error) =>
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

/**
 * Docker restarts a container within moments, so "running" alone proves nothing: look at the number of restarts as well. A gateway
 * whose server alone is new may have some of its own.
 */
async function hasNotEnded(): Promise<boolean> {
  const state = ["inspect", "--format", "{{.State.Running}} {{.RestartCount}}", container];
  const ask = () => docker(state);
  const askAgain = () => sleep(2_000).then(ask);
  // Retry: a broken connection to the droplet says nothing about the release.
  const [running, count] = (await ask().catch(askAgain).catch(askAgain).catch(askAgain)).trim().split(" ");
  restarts ??= count;
  return running === "true" && count === restarts;
}

/** A gateway is ready only after its server has answered; the authorization server has no more to say than that it is well. */
async function isReady(): Promise<boolean> {
  return docker(["exec", container, ...question]).then(
    () => true,
    () => false,
  );
}
