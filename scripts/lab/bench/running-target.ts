/** Starts a target, waits until it answers, and ends it with everything that it started. */
import { join } from "node:path";
import { GatewayProcess } from "../../kit/gateway-process.ts";
import { freePort } from "../../kit/ports.ts";
import { endAll, familyOf, kill } from "../../kit/processes.ts";
import { Connection } from "./client.ts";
import { openSession } from "./session.ts";
import { outputFolder, type Target } from "./targets.ts";

const startTimeoutMs = 20_000;
const stopTimeoutMs = 5_000;

export interface RunningTarget {
  readonly target: Target;
  readonly port: number;
  readonly pid: number;
  stop(): Promise<void>;
}

/** @throws Error with what the target wrote last when it ends or stays silent instead of answering. */
export async function startTarget(target: Target): Promise<RunningTarget> {
  const port = await freePort();
  const file = join(outputFolder, "bench", `${target.name.replaceAll(" ", "-")}.log`);
  const gateway = new GatewayProcess(target.arguments(port), {
    env: process.env,
    // A second one may run beside the first, for a measure on a fresh process.
    log: { file, append: true, withStdout: true },
    ownGroup: true,
  });
  if (await gateway.whenReady(() => answers(port, target.echo), startTimeoutMs))
    return { target, port, pid: gateway.pid, stop: () => stop(gateway) };
  await stop(gateway);
  throw new Error(whyNot(gateway) || `no answer within ${startTimeoutMs / 1000} s`);
}

async function answers(port: number, echo = "echo"): Promise<boolean> {
  const connection = new Connection(port);
  try {
    const session = await openSession(connection);
    await session.call(connection, 1, echo, '{"text":"ready?"}', "ready?");
    await session.close(connection);
    return true;
  } catch {
    return false; // not yet
  } finally {
    connection.close();
  }
}

/** Ends it with its children, even those in groups of their own that it would leave behind. */
async function stop(gateway: GatewayProcess): Promise<void> {
  const family = familyOf(gateway.pid);
  kill(-gateway.pid, "SIGTERM");
  await endAll(family, stopTimeoutMs);
  gateway.kill(); // what is left of its group
}

/** The line that names the error, or else the last one. */
function whyNot({ lastLines }: GatewayProcess): string {
  return (lastLines.find((line) => /error/i.test(line)) ?? lastLines.at(-1) ?? "").trim().slice(0, 200);
}
