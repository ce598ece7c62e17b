// Ports of this machine: free ones, taken ones, and who has them.
import { spawnSync } from "node:child_process";
import { randomInt } from "node:crypto";
import { createServer } from "node:net";
import { services } from "../../../stacks/services.ts";
import { portVariable } from "../../../stacks/settings.ts";
import { allProcesses } from "./npm-run.ts";

/** A port by the name of its service, or `hub`. */
export type Ports = Readonly<Record<keyof typeof services | "hub", number>>;

const names = ["hub", ...Object.keys(services)] as (keyof Ports)[];

/** The ports that a reader gets. */
export const defaultPorts = portsOf((name) => (name === "hub" ? 3000 : services[name].port));

/** Ports that nobody has. */
export async function freePorts(): Promise<Ports> {
  const free = new Set<number>();
  // Below the range that a system takes ports from for whoever asks for any.
  while (free.size < names.length) {
    const port = randomInt(10_000, 32_000);
    if (!(await isTaken(port))) free.add(port);
  }
  const numbers = [...free];
  return portsOf((name) => numbers[names.indexOf(name)]!);
}

/** The variables that move everything to these ports. */
export function variablesFor(ports: Ports): Record<string, string> {
  return Object.fromEntries(names.map((name) => [variableOf(name), String(ports[name])]));
}

/** Takes a port for this process, until the function that comes back is called. */
export async function hold(port: number): Promise<() => Promise<void>> {
  const server = createServer();
  await new Promise<void>((resolve, reject) => server.once("error", reject).listen(port, "127.0.0.1", resolve));
  return () => new Promise((resolve) => server.close(() => resolve()));
}

/** One line on the first of the ports that somebody has: `port 8080 is taken by node server.js (pid 4711)`. */
export async function whoHolds(ports: Ports): Promise<string | undefined> {
  for (const port of Object.values(ports)) {
    if (!(await isTaken(port))) continue;
    const { stdout } = spawnSync("lsof", ["-nPt", `-iTCP:${port}`, "-sTCP:LISTEN"], { encoding: "utf8" });
    const holder = allProcesses().find(({ pid }) => pid === Number.parseInt(stdout ?? "", 10));
    return `port ${port} is taken by ${holder ? `${holder.args} (pid ${holder.pid})` : "another process"}`;
  }
  return undefined;
}

const variableOf = (name: keyof Ports) => (name === "hub" ? "HUB_PORT" : portVariable(name));

async function isTaken(port: number): Promise<boolean> {
  const release = await hold(port).catch(() => undefined);
  await release?.();
  return release === undefined;
}

function portsOf(portOf: (name: keyof Ports) => number): Ports {
  return Object.fromEntries(names.map((name) => [name, portOf(name)])) as Ports;
}
