/** The containers of the services that are deployed to this machine's Docker. */
import { ANSWER_TIME, docker } from "./docker.ts";

/** A container of a service. While a release replaces another one, a service has two. */
export interface Container {
  readonly service: string;
  /** What it is of the service: gateway, server, egress, app. Empty for one that an earlier version has deployed. */
  readonly part: string;
  readonly name: string;
  /** Docker's word: running, exited, ... */
  readonly state: string;
  /** Docker's words: "Up 2 hours (healthy)". */
  readonly status: string;
}

/** All of them, gateways and apps; none where there is no Docker. Each has the name of its service as a label (`SERVICE_LABEL` of stacks). */
export async function containersHere(): Promise<Container[]> {
  const format = `{{.Label "gangway.service"}}\t{{.Label "gangway.part"}}\t{{.Names}}\t{{.State}}\t{{.Status}}`;
  const words = ["ps", "--all", "--filter", "label=gangway.service", "--format", format];
  const listed = await docker(words, ANSWER_TIME).catch(() => "");
  return listed
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => {
      const [service = "", part = "", name = "", state = "", status = ""] = line.split("\t");
      return { service, part, name, state, status };
    })
    .toSorted((one, other) => one.name.localeCompare(other.name));
}
