/**
 * Run by Terraform for every new release: waits until its container can serve. One that cannot is stopped, its last words
 * are shown, and the apply fails, while the release before serves on.
 */
import { setTimeout as sleep } from "node:timers/promises";
import { parseArgs } from "node:util";
import { docker, lastWords } from "./docker.ts";
import { askReady } from "./readiness.ts";
import { markReleased } from "./releases.ts";

const option = { type: "string", default: "" } as const;
const { values } = parseArgs({
  options: { service: option, container: option, port: option, processes: option, timeout: option, patience: option },
});
const { service, container, port, processes, timeout, patience } = values;

await limitProcesses();
const problem = await waitUntilReady().catch((error: Error) => `Docker does not answer: ${error.message}`);
if (problem === undefined) await mark();
else {
  const words = await lastWords(container).catch((error: unknown) => String(error));
  await docker(["stop", container]).catch(() => {});
  console.error(
    `${service}: the new release does not take over: ${problem}. The one before it, if there was one, serves on. ` +
      `Mend what has changed, or take it back, and deploy again. Its last words:\n${words}`,
  );
  process.exitCode = 1;
}

/** That it cannot be gone back to is no reason to end a release that serves. */
async function mark(): Promise<void> {
  await markReleased(service, container).catch((error: Error) =>
    console.error(`${service}: it serves, but npm run rollback will not know of it: ${error.message}`),
  );
}

/** The provider has no option for it. Docker keeps the limit when it starts the container again. */
async function limitProcesses(): Promise<void> {
  await docker(["update", "--pids-limit", processes, container]).catch((error: Error) =>
    console.error(`${service}: this Docker does not limit the number of its processes: ${error.message}`),
  );
}

/** What is wrong with the release; undefined when it can serve. */
async function waitUntilReady(): Promise<string | undefined> {
  const began = performance.now();
  const deadline = began + Number(timeout) * 1_000;
  // Docker starts it again: what it needs may be on its way in the same apply.
  const forgiven = began + Number(patience) * 1_000;
  while (performance.now() < deadline) {
    const isUp = await hasNotEnded();
    if (!isUp && performance.now() >= forgiven) return "its container ended";
    if (await isReady()) return undefined;
    await sleep(500);
  }
  return `it was not ready within ${timeout} s`;
}

/** Docker starts a container again within moments: that it runs says nothing, the count of its restarts does. */
async function hasNotEnded(): Promise<boolean> {
  const question = ["inspect", "--format", "{{.State.Running}} {{.RestartCount}}", container];
  const ask = () => docker(question);
  const askAgain = () => sleep(2_000).then(ask);
  // A connection to the droplet may break: what it says is not what the release is.
  return (await ask().catch(askAgain).catch(askAgain).catch(askAgain)).trim() === "true 0";
}

/** Its port is bound only when its server has answered. */
async function isReady(): Promise<boolean> {
  return docker(["exec", container, ...askReady(Number(port))]).then(
    () => true,
    () => false,
  );
}
