/** Whether the ports of stack local are free, asked before anything is stopped for it. */
import { $ } from "zx";
import { localServices } from "../../stacks/local.ts";
import { services as catalog } from "../../stacks/services.ts";
import { portVariable, readSettings } from "../../stacks/settings.ts";
import { isTaken } from "../local/hub.ts";

/** @throws Error that names every port that another program has, with what to do */
export async function needsPorts(): Promise<void> {
  const all = Object.values(catalog);
  const settings = readSettings(all);
  const { services } = localServices(all, settings);
  const ours = await publishedPorts();
  const problems: string[] = [];
  for (const service of services) {
    const port = settings.port(service);
    if (!ours.has(port) && (await isTaken(port)))
      problems.push(
        `${service.name}: port ${port} is taken: stop who has it (npm start?), or set ${portVariable(service.name)}`,
      );
  }
  if (problems.length > 0) throw new Error(problems.join("; "));
}

/** The ports that the deployment has already. */
async function publishedPorts(): Promise<Set<number>> {
  const { stdout } = await $({ nothrow: true, quiet: true })`docker ps --filter network=proxy --format {{.Ports}}`;
  return new Set(Array.from(stdout.matchAll(/:(\d+)->/g), ([, port]) => Number(port)));
}
