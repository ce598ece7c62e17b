/** The container of a service that a verb is about. */
import { type Container, containersIn, containersOf } from "./containers.ts";
import type { Deployment } from "./deployment.ts";

/**
 * The running container of one of these parts, of the first part that there is. While a release takes over, both serve: then the
 * newer one.
 * @throws Error when none runs, WrongUse for a service that has no container
 */
export async function oneContainer(
  service: string,
  parts: readonly string[],
  deployment: Deployment,
): Promise<Container> {
  const own = containersOf([service], await containersIn(deployment), deployment);
  const running = own.filter(({ state }) => state === "running");
  const [found] = parts.flatMap((part) => running.filter((one) => one.part === part));
  if (found !== undefined) return found;
  const there = own.map(({ name, status }) => `${name} (${status})`).join(", ");
  throw new Error(`${service} has no running ${parts[0]} in ${deployment.where}. There is: ${there}`);
}
