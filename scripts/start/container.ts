/** The command line that runs a server in a container, for as long as the gateway wants it. */
import { join } from "node:path";
import { program } from "../../stacks/shipped.ts";
import type { Service } from "../../stacks/catalog/entry.ts";

export interface ContainerOptions {
  readonly image: string;
  /** What runs in it: the program and its arguments. */
  readonly words: readonly string[];
  readonly service: Service;
  /** Names of the variables that it gets. Their values are in the environment of the command, and not in its words. */
  readonly names: readonly string[];
  readonly place: { readonly node: string; readonly project: string; readonly data: string };
}

/** The label of every container that `npm start` runs, with the project's folder as its value. */
export const LABEL = "gangway.start";

/** Processes and threads of one server. */
const PROCESSES = 256;

/** Each session may have a container, so each start makes up a name of its own: container-process.ts does. */
export function containerCommand(options: ContainerOptions): [command: string, ...args: string[]] {
  return [options.place.node, program("scripts/start/container-process"), options.service.name, ...dockerRun(options)];
}

/** The words of `docker run`, without a name. The server may do as little as in a deployment. */
function dockerRun({ image, words, service, names, place }: ContainerOptions): string[] {
  const [program = "", ...args] = words;
  const memory = `${service.memory}m`;
  const container = ["--rm", "--interactive", "--init", "--pull", "never", "--label", `${LABEL}=${place.project}`];
  const limits = ["--memory", memory, "--memory-swap", memory, "--pids-limit", String(PROCESSES)];
  const variables = names.flatMap((name) => ["--env", name]);
  const server = ["--entrypoint", program, image, ...args];
  return [...container, ...limits, ...confined, ...variables, ...mounts(service, place.data), ...server];
}

/** As a gateway's container in a deployment. */
const confined = "--read-only --tmpfs /tmp:size=64m --cap-drop ALL --security-opt no-new-privileges".split(" ");

/** A volume is a folder of ours, so the server writes its files as us. */
function mounts({ volumes }: Service, data: string): string[] {
  const folders = Object.entries(volumes).flatMap(([path, volume]) => [
    "--mount",
    `type=bind,source=${join(data, volume)},target=${path}`,
  ]);
  const user = folders.length > 0 && process.getuid ? ["--user", `${process.getuid()}:${process.getgid?.()}`] : [];
  return [...user, ...folders];
}
