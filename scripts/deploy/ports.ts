/** Checks that the ports of stack local are free, before anything is stopped. */
import { AUTH_SERVER, hasOwnNetwork, isPublic, keyLabel, ownNetwork } from "../../stacks/catalog/containers.ts";
import type { Service } from "../../stacks/catalog/entry.ts";
import { deployable } from "../../stacks/deployable.ts";
import { readCatalog } from "../../stacks/catalog/read.ts";
import { hasAuthServer } from "../../stacks/logins.ts";
import { readSettings, type Settings } from "../../stacks/settings.ts";
import { keyPortVariable, portVariable } from "../../stacks/settings/variables.ts";
import { folder } from "../kit/folder.ts";
import { askHub } from "../kit/hub.ts";
import { isTaken, takenPort } from "../kit/ports.ts";
import { run } from "../kit/run.ts";
import { whoRuns } from "../kit/running.ts";

/** @throws Error naming every port that something else has, with what to do */
export async function needsPorts(): Promise<void> {
  const all = Object.values(await readCatalog());
  const settings = readSettings(all);
  const { services } = deployable(all, settings);
  const networks = ["proxy", "syncbricks", ...services.filter(hasOwnNetwork).map(({ name }) => ownNetwork(name))];
  const owners = await publishedPorts(networks);
  const problems: string[] = [];
  const started: string[] = [];
  const running = whoRuns(folder.running);
  const theirs = running && (await portsBehind(running.hub));
  const wanted = portsOf(services, settings);
  const mine = wanted.map(({ port }) => port);
  for (const { name, port, variable, container } of wanted) {
    const owner = owners.get(port);
    if (owner === undefined && theirs?.has(port)) started.push(`${port} ${name}`);
    else if (owner === undefined && (await isTaken(port)))
      problems.push(`${name}: ${await takenPort(port, variable, mine)}`);
    // Docker would open the port for the new service before it has closed it for the old one. (nginx-proxy once had all
    // ports, and is replaced first.)
    if (owner !== undefined && ![name, container, "nginx-proxy"].includes(owner))
      problems.push(
        `${name}: port ${port} still belongs to ${owner.replace(/-port$/, "")}: first deploy the change that frees it`,
      );
  }
  if (started.length > 0)
    problems.unshift(
      `npm start (pid ${running?.pid}) uses these ports: ${started.join(", ")}. Stop it: kill ${running?.pid}`,
    );
  if (problems.length > 0) throw new Error(problems.join("\n"));
}

/** A port that the deployment needs on this machine. */
interface Wanted {
  /** The service, or the authorization server. */
  readonly name: string;
  readonly port: number;
  /** What moves it. */
  readonly variable: string;
  /** The container that publishes it. */
  readonly container: string;
}

function portsOf(services: readonly Service[], settings: Settings): Wanted[] {
  const auth = { name: AUTH_SERVER, port: settings.authPort, variable: "AUTH_PORT", container: `${AUTH_SERVER}-port` };
  const own = services.flatMap((service) => {
    const { name } = service;
    const port = isPublic(service) ? settings.port(service) : settings.movedPort(service);
    const keyPort = settings.keyPort(service);
    const container = `${keyLabel(name)}-port`;
    return [
      ...(port === undefined ? [] : [{ name, port, variable: portVariable(name), container: `${name}-port` }]),
      ...(keyPort === undefined ? [] : [{ name, port: keyPort, variable: keyPortVariable(name), container }]),
    ];
  });
  return hasAuthServer(services, settings) ? [...own, auth] : own;
}

/** The ports that the services of a running `npm start` have. */
async function portsBehind(hub: string): Promise<ReadonlySet<number>> {
  const health = await askHub(hub);
  return new Set(health?.services.map(({ url }) => Number(new URL(url).port)));
}

/** The ports that the deployment has already, each with its container. */
async function publishedPorts(networks: readonly string[]): Promise<Map<number, string>> {
  const filters = networks.flatMap((network) => ["--filter", `network=${network}`]);
  const { stdout } = await run(["docker", "ps", ...filters, "--format", "{{.Names}} {{.Ports}}"]);
  return new Map(
    stdout.split("\n").flatMap((line) => {
      const [name = ""] = line.split(" ");
      return Array.from(line.matchAll(/:(\d+)->/g), ([, port]) => [Number(port), name] as const);
    }),
  );
}
