/** The way out of one server that may reach certain hosts: a proxy for each of them, at a Unix socket. */
import { Container, type ContainerMounts } from "@cdktf/provider-docker/lib/container/index.js";
import { Volume } from "@cdktf/provider-docker/lib/volume/index.js";
import { Fn } from "cdktf";
import { Construct } from "constructs";
import type { BuiltImage } from "./built-image.ts";
import { confined, cpu, IMAGE_USER, memory, variables, whenMountsChange } from "./container-defaults.ts";
import { EGRESS_FOLDER, egressConfiguration } from "./egress-configuration.ts";
import type { Engine } from "./engine.ts";
import { labels } from "./labels.ts";
import { limitProcesses } from "./process-limit.ts";

export interface EgressProps {
  /** The name of the service. */
  readonly service: string;
  /** Each "<host>:<port>". */
  readonly destinations: readonly string[];
  /** HAProxy. */
  readonly image: BuiltImage;
  /** Names of the networks by which it reaches them. */
  readonly networks: readonly string[];
  readonly engine: Engine;
}

/** Two sockets for each destination while one configuration follows another, and no room for anything else. */
const SOCKET_VOLUME = { type: "tmpfs", device: "tmpfs", o: `size=64k,nr_inodes=1024,mode=0700,uid=${IMAGE_USER}` };

/** Limit of processes and threads: HAProxy has a thread for each core. */
const PROCESSES = 256;

/** Seconds that open connections have when it is replaced. */
const STOP_TIMEOUT = 10;

/**
 * The server looks into the folder of the sockets whenever it asks for a name, so that a changed list replaces this container
 * alone: the next one takes the sockets over, and the old one ends what is open.
 * @example new Egress(this, "egress", { service: "coda", destinations: ["coda.io:443"], image, networks });
 */
export class Egress extends Construct {
  readonly container: Container;
  /** The sockets, for the server's container. */
  readonly sockets: ContainerMounts;

  constructor(scope: Construct, id: string, { service, destinations, image, networks, engine }: EgressProps) {
    super(scope, id);
    const name = `${service}-egress-${Fn.substr(Fn.uuid(), 0, 8)}`;
    const created = { createBeforeDestroy: true, ignoreChanges: ["name"] };
    const volume = new Volume(this, "sockets", {
      name: `gangway-${name}`,
      driver: "local",
      driverOpts: SOCKET_VOLUME,
      lifecycle: created,
    });
    const mount = { type: "volume", target: EGRESS_FOLDER, source: volume.name };
    this.sockets = { ...mount, readOnly: true };
    this.container = new Container(this, "container", {
      name,
      image: image.imageId,
      labels: labels({ part: "egress", service, release: image.digest }),
      env: variables({ CONFIG: egressConfiguration(destinations) }),
      networksAdvanced: networks.map((network) => ({ name: network })),
      mounts: [mount],
      ...confined,
      ...memory(64),
      ...cpu(0.5),
      stopSignal: "SIGUSR1", // HAProxy takes no more connections, and ends when those are done that it has
      stopTimeout: STOP_TIMEOUT,
      destroyGraceSeconds: STOP_TIMEOUT,
      lifecycle: { ...created, replaceTriggeredBy: [whenMountsChange(this, [mount])] },
    });
    limitProcesses(this, this.container, engine, PROCESSES);
  }
}
