/** Ports of this machine: free, taken, held. All on 127.0.0.1. */
import { once } from "node:events";
import { type AddressInfo, createServer } from "node:net";
import { isTaken as isTakenAt, nextFree, takenBy } from "../../gateways/ports.ts";

const LOOPBACK = "127.0.0.1";

/** A port that this process has. */
export interface HeldPort {
  readonly port: number;
  readonly release: () => Promise<void>;
}

/** Takes a port; 0 stands for any free one. @throws Error when another process has it */
export async function hold(port: number): Promise<HeldPort> {
  const server = createServer().listen(port, LOOPBACK);
  await once(server, "listening");
  const release = () => new Promise<void>((resolve) => server.close(() => resolve()));
  return { port: (server.address() as AddressInfo).port, release };
}

/** Whether something listens there already. */
export const isTaken = (port: number): Promise<boolean> => isTakenAt(port, LOOPBACK);

/**
 * What to say about a port that is taken: who has it, and how to use another one.
 * @param variable the variable that moves it
 * @param others ports that are spoken for, though nothing listens on them yet
 */
export async function takenPort(port: number, variable: string, others: readonly number[] = []): Promise<string> {
  const next = await nextFree(port, LOOPBACK, others);
  const instead = next === undefined ? variable : `${variable}=${next}`;
  return takenSentence(port, takenBy(port), instead);
}

/** Docker's proxy is nothing to stop: the container behind it is. */
export function takenSentence(port: number, by: string, instead: string): string {
  return by.startsWith("docker-proxy")
    ? `port ${port} is a container's (docker ps --filter publish=${port} shows which): if it is of this project, npx gangway destroy local removes the deployment; or set ${instead} in .env`
    : `port ${port} is taken by ${by}: stop it, or set ${instead} in .env`;
}

/** A port that nobody has at the moment. */
export async function freePort(): Promise<number> {
  const { port, release } = await hold(0);
  await release();
  return port;
}
