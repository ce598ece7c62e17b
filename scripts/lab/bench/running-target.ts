// Starts a target, waits until it answers, and ends it with everything that it started.
import { type ChildProcess, spawn, type SpawnOptions } from "node:child_process";
import { closeSync, openSync, readFileSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { Connection } from "./client.ts";
import { descendants, isAlive } from "../../kit/processes.ts";
import { openSession } from "./session.ts";
import { outputFolder, rootFolder, type Target } from "./targets.ts";

const startTimeoutMs = 20_000;
const stopTimeoutMs = 5_000;

export interface RunningTarget {
  readonly target: Target;
  readonly port: number;
  readonly pid: number;
  stop(): Promise<void>;
}

// Whatever ends the bench, ends them too.
const living = new Set<ChildProcess>();
process.once("exit", () => living.forEach((child) => signal(child, "SIGKILL")));

/** @throws Error with the target's last words when it ends or stays silent instead of answering. */
export async function startTarget(target: Target): Promise<RunningTarget> {
  const port = await freePort();
  const log = join(outputFolder, "bench", `${target.name.replace(" ", "-")}.log`);
  // Appended to, because a second one may run beside the first (the memory of idle sessions).
  const output = openSync(log, "a");
  // Its own process group, so that its children go with it.
  const options: SpawnOptions = { cwd: rootFolder, detached: true, stdio: ["ignore", output, output] };
  const child = spawn(process.execPath, [...target.arguments(port)], options);
  closeSync(output);
  living.add(child);
  const running = { target, port, pid: child.pid ?? 0, stop: () => stop(child) };
  if (await answers(child, port)) return running;
  await running.stop();
  throw new Error(lastWords(log) || `no answer within ${startTimeoutMs / 1000} s`);
}

async function answers(child: ChildProcess, port: number): Promise<boolean> {
  const until = performance.now() + startTimeoutMs;
  while (performance.now() < until && isRunning(child)) {
    const connection = new Connection(port);
    try {
      const session = await openSession(connection);
      await session.call(connection, 1, "echo", '{"text":"ready?"}', "ready?");
      await session.close(connection);
      return true;
    } catch {
      await sleep(100); // not yet
    } finally {
      connection.close();
    }
  }
  return false;
}

async function stop(child: ChildProcess): Promise<void> {
  const below = descendants(child.pid ?? 0);
  signal(child, "SIGTERM");
  const until = performance.now() + stopTimeoutMs;
  while (performance.now() < until && (isRunning(child) || below.some(isAlive))) await sleep(20);
  signal(child, "SIGKILL");
  // Children in groups of their own, which the gateway left behind.
  below.filter(isAlive).forEach(({ pid }) => process.kill(pid, "SIGKILL"));
  living.delete(child);
}

const isRunning = (child: ChildProcess) => child.pid !== undefined && child.exitCode === null && !child.signalCode;

function signal(child: ChildProcess, name: NodeJS.Signals): void {
  try {
    if (child.pid !== undefined) process.kill(-child.pid, name);
  } catch {
    // the whole group has ended
  }
}

/** The line that names the error, or else the last one. */
function lastWords(log: string): string {
  const lines = readFileSync(log, "utf8").trim().split("\n");
  return (lines.find((line) => /error/i.test(line)) ?? lines.at(-1) ?? "").trim().slice(0, 200);
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await new Promise((resolve) => server.once("listening", resolve));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  return typeof address === "object" && address !== null ? address.port : 0;
}
