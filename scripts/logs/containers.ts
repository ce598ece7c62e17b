/** The logs of the containers of a deployment. */
import { spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { UnknownName } from "../../stacks/catalog/pick.ts";
import { containersHere } from "../kit/containers.ts";
import type { Wanted } from "./file.ts";

/** Shows the lines of the services' containers. @throws Error when there are none */
export async function linesOfContainers(
  { services, last, follow }: Wanted,
  show: (line: string) => void,
): Promise<void> {
  const all = await containersHere();
  if (all.length === 0) throw new Error("nothing is deployed to this machine's Docker: npx gangway deploy local");
  const unknown = services.find((service) => !all.some((one) => one.service === service));
  if (unknown !== undefined)
    throw new UnknownName(
      `${unknown} has no container here. There are: ${[...new Set(all.map((one) => one.service))].join(", ")}`,
    );
  const picked = all.filter(({ service }) => services.length === 0 || services.includes(service));
  await Promise.all(
    picked.map(({ name }) => linesOf(name, ["--tail", String(last), ...(follow ? ["--follow"] : [])], show)),
  );
}

async function linesOf(container: string, flags: readonly string[], show: (line: string) => void): Promise<void> {
  const child = spawn("docker", ["logs", ...flags, container], { stdio: ["ignore", "pipe", "pipe"] });
  for (const stream of [child.stdout, child.stderr]) createInterface(stream).on("line", show);
  const code = await new Promise((resolve, reject) => child.on("error", reject).on("close", resolve));
  if (code !== 0) throw new Error(`docker logs ${container} ended with exit code ${String(code)}`);
}
