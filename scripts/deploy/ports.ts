/** Whether the ports of stack local are free, asked before anything is stopped for it. */
import { $ } from "zx";
import { localServices } from "../../stacks/local.ts";
import { portVariable, readSettings } from "../../stacks/settings.ts";
import { isTaken } from "../kit/ports.ts";

/** @throws Error that names every port that another program has, with what to do */
export async function needsPorts(): Promise<void> {
  const { services: catalog } = await import("../../stacks/services.ts");
  const all = Object.values(catalog);
  const settings = readSettings(all);
  const { services } = localServices(all, settings);
  const owners = await publishedPorts();
  const problems: string[] = [];
  for (const service of services) {
    const port = settings.port(service);
    const owner = owners.get(port);
    if (owner === undefined && (await isTaken(port)))
      problems.push(
        `${service.name}: port ${port} is taken: stop who has it (npm start?), or set ${portVariable(service.name)}`,
      );
    // Docker would open it for the one before it has closed it for the other. (nginx-proxy once had them all, and goes first.)
    if (owner !== undefined && ![`${service.name}-port`, "nginx-proxy"].includes(owner))
      problems.push(
        `${service.name}: port ${port} is ${owner.replace(/-port$/, "")}'s until now: deploy the change that frees it first`,
      );
  }
  if (problems.length > 0) throw new Error(problems.join("; "));
}

/** The ports that the deployment has already, and which of its containers has them. */
async function publishedPorts(): Promise<Map<number, string>> {
  const { stdout } = await $({
    nothrow: true,
    quiet: true,
  })`docker ps --filter network=proxy --format ${"{{.Names}} {{.Ports}}"}`;
  return new Map(
    stdout.split("\n").flatMap((line) => {
      const [name = ""] = line.split(" ");
      return Array.from(line.matchAll(/:(\d+)->/g), ([, port]) => [Number(port), name] as const);
    }),
  );
}
