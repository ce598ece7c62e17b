/** The container of a stdio server, beside that of its gateway. */
import { Container, type ContainerMounts } from "@cdktf/provider-docker/lib/container/index.js";
import { Volume } from "@cdktf/provider-docker/lib/volume/index.js";
import { Fn } from "cdktf";
import { Construct } from "constructs";
import { serverName } from "../catalog/containers.ts";
import type { Service } from "../catalog/entry.ts";
import { SOCKET_FOLDER } from "../images/server-image.ts";
import type { BuiltImage } from "./built-image.ts";
import {
  confined,
  cpu,
  dataMounts,
  escaped,
  HOME,
  IMAGE_USER,
  memory,
  referenceTo,
  variables,
  whenChanges,
} from "./container-defaults.ts";
import type { Engine } from "./engine.ts";
import { labels } from "./labels.ts";
import { limitProcesses } from "./process-limit.ts";
import type { ServerNetwork } from "./server-network.ts";

export interface ServerProps {
  readonly service: Service;
  readonly engine: Engine;
  /** The words that start the server. */
  readonly command: readonly string[];
  readonly image: BuiltImage;
  readonly network: ServerNetwork;
}

/** What is in the volume that the two share: a socket. A server cannot fill the host's memory through it. */
const SOCKET_VOLUME = { type: "tmpfs", device: "tmpfs", o: `size=64k,nr_inodes=8,mode=0700,uid=${IMAGE_USER}` };

/** Cores for all processes of a server together. */
const CORES = 1;

/** Limit of processes and threads: enough for 32 servers and their children, too few to fill the host. */
const PROCESSES = 2048;

/**
 * Seconds that it has to stop: its runner waits until its gateway has ended, which has 45. Terraform would do so by itself, but not
 * after a failed deploy: then it removes the containers of earlier releases in any order.
 */
const STOP_TIMEOUT = 60;

/**
 * A server can read nothing of its gateway's, and is on none of its networks: the two share a socket. What the server is given in
 * secret comes through that, too. Whatever changes about it, it is a new container with a socket of its own, and the old one goes
 * on until its gateway has ended.
 * @example new Server(this, "server", { service, command, image, network: serverNetwork(service, networks) });
 */
export class Server extends Construct {
  readonly container: Container;
  /** How its gateway reaches it. */
  readonly socket: ContainerMounts;

  constructor(scope: Construct, id: string, props: ServerProps) {
    super(scope, id);
    const { service, network } = props;
    const mounts = [...dataMounts(service.volumes), ...network.mounts];
    const settings = settingsOf(props);
    const changed = whenChanges(this, "settings", { ...settings, mounts });
    // The suffix is new for each attempt, as a gateway's.
    const name = `${serverName(service.name)}-${Fn.substr(Fn.uuid(), 0, 8)}`;
    const created = { createBeforeDestroy: true, ignoreChanges: ["name"] };
    const volume = new Volume(this, "socket", {
      name: `gangway-${name}`,
      driver: "local",
      driverOpts: SOCKET_VOLUME,
      lifecycle: { ...created, replaceTriggeredBy: [changed] },
    });
    this.socket = { type: "volume", target: SOCKET_FOLDER, source: volume.name };
    this.container = new Container(this, "container", {
      ...settings,
      name,
      mounts: [...mounts, this.socket],
      lifecycle: { ...created, replaceTriggeredBy: [changed, referenceTo(volume)] },
      dependsOn: [...network.after],
    });
    limitProcesses(this, this.container, props.engine, PROCESSES);
  }
}

/** Everything about it but its name and its socket. */
function settingsOf({ service, command, image, network }: ServerProps) {
  return {
    ...confined,
    image: image.imageId,
    labels: labels({ part: "server", service: service.name, release: image.digest }),
    command: command.map(escaped),
    env: variables(network.environment),
    networksAdvanced: network.networks.map((name) => ({ name })),
    ...(network.networkMode && { networkMode: network.networkMode }),
    tmpfs: { ...confined.tmpfs, [HOME]: `size=64m,mode=0700,uid=${IMAGE_USER},gid=${IMAGE_USER}` },
    ...memory(service.memory),
    ...cpu(CORES),
    stopTimeout: STOP_TIMEOUT,
    destroyGraceSeconds: STOP_TIMEOUT,
    ...network.container,
  };
}
