/** Checks that the ports of stack local are free, before anything is stopped. */
import { hasOwnNetwork, isPublic, ownNetwork } from "../../stacks/catalog/containers.ts";
import { deployable } from "../../stacks/deployable.ts";
import { readCatalog } from "../../stacks/catalog/read.ts";
import { readSettings } from "../../stacks/settings.ts";
import { portVariable } from "../../stacks/settings/variables.ts";
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
  const mine = services.map((service) => settings.port(service));
  for (const service of services) {
    const port = isPublic(service) ? settings.port(service) : settings.movedPort(service);
    if (port === undefined) continue;
    const owner = owners.get(port);
    if (owner === undefined && theirs?.has(port)) started.push(`${port} ${service.name}`);
    else if (owner === undefined && (await isTaken(port)))
      problems.push(`${service.name}: ${await takenPort(port, portVariable(service.name), mine)}`);
    // Docker would open the port for the new service before it has closed it for the old one. (nginx-proxy once had all
    // ports, and is replaced first.)
    if (owner !== undefined && ![service.name, `${service.name}-port`, "nginx-proxy"].includes(owner))
      problems.push(
        `${service.name}: port ${port} still belongs to ${owner.replace(/-port$/, "")}: first deploy the change that frees it`,
      );
  }
  if (started.length > 0)
    problems.unshift(
      `npm start (pid ${running?.pid}) uses these ports: ${started.join(", ")}. Stop it: kill ${running?.pid}`,
    );
  if (problems.length > 0) throw new Error(problems.join("\n"));
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
