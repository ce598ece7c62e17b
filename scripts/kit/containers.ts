/** The containers of the services that are deployed to this machine's Docker. */
import { ANSWER_TIME, docker } from "./docker.ts";

/** A container of a service, which has several: a gateway, the server behind it, and twice those while a release takes over. */
export interface Container {
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

/** All of them, of gateways, servers and apps; none where there is no Docker. Each has the name of its service as a label (`SERVICE_LABEL` of stacks). */
export async function containersHere(): Promise<Container[]> {
  const format = `{{.Label "gangway.service"}}\t{{.Label "gangway.part"}}\t{{.Label "gangway.release"}}\t{{.Names}}\t{{.State}}\t{{.Status}}`;
  const words = ["ps", "--all", "--filter", "label=gangway.service", "--format", format];
  const listed = await docker(words, ANSWER_TIME).catch(() => "");
  return listed
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => {
      const [service = "", part = "", release = "", name = "", state = "", status = ""] = line.split("\t");
      return { service, part, release, name, state, status };
    })
    .toSorted((one, other) => one.name.localeCompare(other.name));
}
