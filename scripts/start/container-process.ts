/**
 * Run by the gateway as the process of a server that is in a container: `node container-process.ts <service> <docker run's words>`.
 * When its input ends, the container is gone soon after, also when that is because the gateway was killed. `docker run` alone
 * would leave behind a server that listens neither to the end of its input nor to SIGTERM.
 */
import { spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { tell } from "../kit/print.ts";
import { docker } from "../kit/docker.ts";

/** Seconds that the server has to end by itself. */
const GRACE = 1;

/** Milliseconds after which it is stopped once more. */
const RETRY = 2_000;

const [service = "", ...words] = process.argv.slice(2);
const name = `gangway-${service}-${randomBytes(4).toString("hex")}`;
let isStopping = false;
const client = spawn("docker", ["run", "--name", name, ...words], { stdio: ["pipe", "inherit", "inherit"] });

process.stdin.pipe(client.stdin);
client.stdin.on("error", () => {}); // it has ended, which is reported below
process.stdin.once("end", stop);
// Docker's client is in our process group, gets the signal too, and passes it on.
for (const signal of ["SIGTERM", "SIGINT", "SIGHUP"] as const) process.on(signal, stop);
client.on("error", ({ message }) => void end(1, `docker cannot be run: ${message}`));
client.on("exit", (code) => void end(code ?? 1));

/** Stops the container until the client has ended: it may be only about to create it. */
function stop(): void {
  if (isStopping) return;
  isStopping = true;
  stopContainer();
  setInterval(stopContainer, RETRY);
}

/** In a process group of its own: the gateway kills ours after 3 s, and a busy engine may take longer. */
function stopContainer(): void {
  const stopping = spawn("docker", ["stop", "--time", String(GRACE), name], { detached: true, stdio: "ignore" });
  stopping.on("error", () => {}); // without Docker there is no container either
  stopping.unref();
}

/** A client that was stopped early may still have created its container. */
async function end(code: number, problem?: string): Promise<void> {
  if (problem !== undefined) tell(problem);
  if (code !== 0) await docker(["rm", "--force", name]).catch(() => {}); // it is gone already
  process.exit(code);
}
