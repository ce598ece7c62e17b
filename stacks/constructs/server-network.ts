/** How the container of a server is connected: to nothing but what its entry lets it reach. */
import type { ContainerConfig, ContainerMounts } from "@cdktf/provider-docker/lib/container/index.js";
import type { ITerraformDependable } from "cdktf";
import type { Construct } from "constructs";
import { destinationsOf } from "../catalog/destinations.ts";
import type { Service } from "../catalog/entry.ts";
import type { BuiltImage } from "./built-image.ts";
import { Egress } from "./egress.ts";
import type { Engine } from "./engine.ts";
import type { Networks } from "./networks.ts";

/** What it is connected to, and by what. */
export interface ServerNetwork {
  /** "none" = no network at all. @default - a network, by `networks` */
  readonly networkMode?: "none";
  /** Names of the networks that it joins. */
  readonly networks: readonly string[];
  readonly mounts: readonly ContainerMounts[];
  /** Environment of the container, for the runner. */
  readonly environment: Readonly<Record<string, string>>;
  /** Settings of the container on top of `confined`. @default {} */
  readonly container?: Partial<ContainerConfig>;
  readonly after: readonly ITerraformDependable[];
}

export interface ServerNetworkProps {
  readonly service: Service;
  /** All that are deployed: those that it reaches are among them. */
  readonly services: readonly Service[];
  readonly networks: Networks;
  readonly engine: Engine;
  /** The image of the proxy, asked for where there is a list. */
  readonly egressImage: () => BuiltImage;
}

/** The network of a server, with the proxy that it needs. */
export function serverNetwork(scope: Construct, props: ServerNetworkProps): ServerNetwork {
  const { service, services, networks, engine, egressImage } = props;
  const names = networks.ofServer(service).map(({ name }) => name);
  if (service.egress === "any") return open(names);
  const destinations = [...destinationsOf(service.egress), ...reachedBy(service, services)];
  if (destinations.length === 0) return closed();
  const { name } = service;
  const egress = new Egress(scope, `${name}-egress`, {
    service: name,
    destinations,
    image: egressImage(),
    networks: names,
    engine,
  });
  return closed(egress);
}

/** Apps are containers, which are called as they are. */
const reachedBy = ({ reaches }: Service, services: readonly Service[]): string[] =>
  services.filter(({ name }) => reaches.includes(name)).map(({ name, port }) => `${name}:${port}`);

/**
 * Everything but this host and a cloud's metadata. The runner needs root to set these routes, and gives it up for ever before the
 * server can say anything to it. It is the first process, because another one could not signal it then.
 */
const open = (networks: readonly string[]): ServerNetwork => ({
  networks,
  mounts: [],
  environment: { EGRESS: "any" },
  container: {
    user: "root",
    capabilities: { drop: ["ALL"], add: ["CAP_NET_ADMIN", "CAP_SETGID", "CAP_SETUID"] },
    init: false,
  },
  after: [],
});

/** No network. The runner answers for names, and passes on to the sockets what connects to those that are listed. */
const closed = (egress?: Egress): ServerNetwork => ({
  networkMode: "none",
  networks: [],
  mounts: egress ? [egress.sockets] : [],
  environment: { EGRESS: "listed" },
  container: {
    dns: ["127.0.0.1"],
    dnsSearch: ["."],
    sysctls: { "net.ipv4.ip_unprivileged_port_start": "0" }, // it answers at port 53, and listens at those that are listed
  },
  after: egress ? [egress.container] : [],
});
