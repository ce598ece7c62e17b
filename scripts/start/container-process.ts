/**
 * Run by the gateway as the process of a server that is in a container: `node container-process.ts <service> <docker run's words>`.
 * When this ends, the container is gone, also when the gateway has been killed. `docker run` alone would leave behind a server
 * that does not listen to SIGTERM.
 */
import { spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { tell } from "../kit/print.ts";
import { docker } from "./docker.ts";
import { whenParentEnds } from "./stop.ts";

/** Milliseconds that the server has to end by itself. The gateway kills us after 3 s. */
const GRACE = 1_000;

const [service = "", ...words] = process.argv.slice(2);
const name = `gangway-${service}-${randomBytes(4).toString("hex")}`;
const client = spawn("docker", ["run", "--name", name, ...words], { stdio: "inherit" });
let removed: Promise<unknown> | undefined;

for (const signal of ["SIGTERM", "SIGINT", "SIGHUP"] as const) process.on(signal, stop);
whenParentEnds(stop);
client.on("error", ({ message }) => void end(1, message));
client.on("exit", (code) => void end(code ?? 1));

function stop(): void {
  client.kill("SIGTERM"); // docker passes it on
  setTimeout(() => void remove(), GRACE);
}

function remove(): Promise<unknown> {
  return (removed ??= docker(["rm", "--force", name]).catch(() => {})); // it is gone already
}

/** A client that was stopped early may have created its container all the same. */
async function end(code: number, problem?: string): Promise<void> {
  if (problem !== undefined) tell(`docker cannot be run: ${problem}`);
  if (code !== 0) await remove();
  process.exit(code);
}
