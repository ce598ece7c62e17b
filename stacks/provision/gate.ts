/**
 * Run by Terraform for every new release: waits until its container is ready. If it does not become ready, this stops it, shows
 * the lines of its log and of its server's that say why, and fails the apply, while the previous release keeps serving.
 */
import { setTimeout as sleep } from "node:timers/promises";
import { parseArgs } from "node:util";
import { docker, lastLog } from "./docker.ts";
import { askAlive, askReady } from "./readiness.ts";
import { markReleased } from "./releases.ts";
import { tellingLines } from "./telling-lines.ts";
import { tryAgain } from "./try-again.ts";

const option = { type: "string", default: "" } as const;
const { values } = parseArgs({
  options: {
    service: option,
    container: option,
    server: option,
    port: option,
    timeout: option,
    grace: option,
    ask: option,
  },
});
const { service, container, port, timeout, grace } = values;
const server = values.server === "" ? undefined : values.server;
const question = values.ask === "health" ? askAlive(Number(port)) : askReady(Number(port));

/** How often its container had been started again when the gate first looked. */
let restarts: string | undefined;

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
  const [own, ofServer] = await Promise.all(
    [container, server].map((each) =>
      each === undefined ? Promise.resolve("") : lastLog(each).catch((error: unknown) => String(error)),
    ),
  );
  const more = ofServer === "" ? "" : `\nThose of its server's container:\n${told(ofServer)}`;
  return `The lines of its log that matter:\n${told(own)}${more}`;
}

/** A function, because what is above waits: a constant would not be there yet. */
function told(log = ""): string {
  return tellingLines(log).join("\n");
}

/** A failure here does not stop a release that serves; only a rollback cannot find it. */
async function mark(): Promise<void> {
  const containers = [container, ...(server === undefined ? [] : [server])];
  await markReleased(service, containers).catch((error: Error) =>
    console.error(`${service}: the release serves, but npx gangway rollback will not find it: ${error.message}`),
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
  const [running, count] = (await tryAgain(() => docker(state))).trim().split(" ");
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
