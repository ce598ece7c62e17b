/** The ports of the services and the hub: the usual ones, free ones, and who has them. */
import { spawnSync } from "node:child_process";
import { randomInt } from "node:crypto";
import { services } from "../../../stacks/services.ts";
import { portVariable } from "../../../stacks/settings/variables.ts";
import { isTaken } from "../../kit/ports.ts";
import { allProcesses } from "../../kit/processes.ts";

/** A port by the name of its service, or `hub`. */
export type Ports = Readonly<Record<keyof typeof services | "hub", number>>;

/** Nobody has asked for the optional ones. */
const listed = Object.values(services).filter(({ optional }) => !optional);
const names = ["hub", ...listed.map(({ name }) => name)] as (keyof Ports)[];

/** The ports without any setting. */
export const defaultPorts = portsOf((name) => (name === "hub" ? 3000 : services[name].port));

/** A free port for each. */
export async function freePorts(): Promise<Ports> {
  const free = new Set<number>();
  // Below the range from which a system hands out ports by itself.
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

function portsOf(portOf: (name: keyof Ports) => number): Ports {
  return Object.fromEntries(names.map((name) => [name, portOf(name)])) as Ports;
}
