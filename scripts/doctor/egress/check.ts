/** Asks the containers that are deployed here what they refused. */
import { namesIn, UnknownName } from "../../../stacks/catalog/pick.ts";
import { type Container, containersHere } from "../../kit/containers.ts";
import { logsOf } from "../../kit/docker.ts";
import { type Refusals, refusalsIn } from "./refusals.ts";

/** What was refused to the server of one service. */
export interface Refused extends Refusals {
  readonly service: string;
}

/** @param names of services; none = all @throws Error when nothing is deployed here */
export async function checkEgress(names: readonly string[]): Promise<Refused[]> {
  const all = (await containersHere()).filter(({ part }) => part === "server" || part === "egress");
  if (all.length === 0)
    throw new Error(
      "no server runs in this machine's Docker: npx gangway deploy local, or DOCKER_HOST names another engine",
    );
  const services = [...new Set(all.map(({ service }) => service))];
  const wanted = namesIn(names);
  const unknown = wanted.find((name) => !services.includes(name));
  if (unknown !== undefined)
    throw new UnknownName(`${unknown} has no server in a container here. There are: ${services.join(", ")}`);
  const picked = wanted.length === 0 ? services : wanted;
  return Promise.all(picked.map((service) => refusedTo(service, all)));
}

async function refusedTo(service: string, all: readonly Container[]): Promise<Refused> {
  const own = all.filter((one) => one.service === service);
  const logs = await Promise.all(own.map(({ name }) => logsOf(name)));
  return { service, ...refusalsIn(logs.flatMap((log) => log.split("\n"))) };
}
