/** The containers of the services that are deployed. */
import { didYouMean } from "../../gateways/config/nearest.ts";
import { WrongUse } from "./arguments.ts";
import { ANSWER_TIME, docker } from "./docker.ts";
import type { Deployment } from "./deployment.ts";

/** A container of a service, which has several: a gateway, the server behind it, and twice those while a release takes over. */
export interface Container {
  readonly id: string;
  /** "" for what serves all of them, as the proxy. */
  readonly service: string;
  /** What it is: gateway, server, app, ... */
  readonly part: string;
  /** The digest of what its image is built from; "" where that is not ours. */
  readonly release: string;
  readonly name: string;
  /** Docker's word: running, exited, ... */
  readonly state: string;
  /** Docker's words: "Up 2 hours (healthy)". */
  readonly status: string;
}

/** All those of services in this machine's Docker: gateways, servers and apps; none where there is no Docker. Each has the name of its service as a label (`SERVICE_LABEL` of stacks). */
export async function containersHere(): Promise<Container[]> {
  return readList(await docker(listing("gangway.service"), ANSWER_TIME).catch(() => ""));
}

/** All containers of a deployment, whatever state they are in. @throws Error when its engine does not answer */
export const containersIn = async ({ label, ask }: Pick<Deployment, "label" | "ask">): Promise<Container[]> =>
  readList(await ask(listing(`gangway.deployment=${label}`)));

/** Whether a container is of one of the services, or has one of the names. @param names none = it is of any service */
export const isOf = ({ service, name }: Container, names: readonly string[]): boolean =>
  names.length === 0 ? service !== "" : names.includes(service || name);

/**
 * Those of the named services; what serves all of them goes by its own name, as in `nginx-proxy`.
 * @param names none = all services
 * @throws Error when there are none, WrongUse for a name that is not among them
 */
export function containersOf(
  names: readonly string[],
  all: readonly Container[],
  { where, stack }: Pick<Deployment, "where" | "stack">,
): Container[] {
  if (all.length === 0) throw new Error(`nothing is deployed to ${where}: npx gangway deploy ${stack}`);
  const known = [...new Set(all.map(({ service, name }) => service || name))];
  const unknown = names.find((name) => !known.includes(name));
  if (unknown === undefined) return all.filter((one) => isOf(one, names));
  const services = [...new Set(all.flatMap(({ service }) => service || []))];
  throw new WrongUse(
    `${unknown} has no container in ${where}, expected one of ${services.join(", ")}${didYouMean(unknown, known)}`,
  );
}

const FIELDS = [
  "ID",
  'Label "gangway.service"',
  'Label "gangway.part"',
  'Label "gangway.release"',
  "Names",
  "State",
  "Status",
];

function listing(label: string): string[] {
  const format = FIELDS.map((field) => `{{.${field}}}`).join("\t");
  return ["ps", "--all", "--no-trunc", "--filter", `label=${label}`, "--format", format];
}

function readList(listed: string): Container[] {
  return listed
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => {
      const [id = "", service = "", part = "", release = "", name = "", state = "", status = ""] = line.split("\t");
      return { id, service, part, release, name, state, status };
    })
    .toSorted((one, other) => one.name.localeCompare(other.name));
}
