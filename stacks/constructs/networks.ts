/**
 * The Docker networks: `proxy` for the proxy's own containers, `syncbricks` for gateways, apps and the connector, one for each app
 * that has its own, the way out of the servers, and those of monitoring.
 */
import { Network } from "@cdktf/provider-docker/lib/network/index.js";
import { Construct } from "constructs";
import { hasOwnNetwork, ownNetwork } from "../catalog/containers.ts";
import type { Service } from "../catalog/entry.ts";
import { isMonitored, type Part, partOf } from "../monitoring.ts";
import { kindOf } from "../catalog/kinds/registry.ts";

/** @example new Networks(this, "networks", services); */
export class Networks extends Construct {
  readonly proxy: Network;
  readonly syncbricks: Network;
  /** Servers reach the internet by it, and not each other. */
  readonly egress: Network;
  /** Of the gateways and Prometheus. Whoever is on it reads the gateways' metrics. @default - nothing is monitored */
  readonly metrics: Network | undefined;
  /** Of what monitors, and of what is monitored besides gateways. These are not on it. @default - nothing is monitored */
  readonly monitoring: Network | undefined;
  /** By the name of the app. */
  readonly #own: ReadonlyMap<string, Network>;

  constructor(scope: Construct, id: string, services: readonly Service[]) {
    super(scope, id);
    this.proxy = new Network(this, "proxy", { name: "proxy" });
    this.syncbricks = new Network(this, "syncbricks", { name: "syncbricks" });
    this.egress = new Network(this, "egress", {
      name: "gangway-egress",
      options: { "com.docker.network.bridge.enable_icc": "false" },
    });
    const monitored = isMonitored(services);
    this.metrics = monitored ? this.#add("metrics") : undefined;
    this.monitoring = monitored ? this.#add("monitoring") : undefined;
    this.#own = new Map(services.filter(hasOwnNetwork).map(({ name }) => [name, this.#add(ownNetwork(name))]));
  }

  /**
   * The networks of an app's container, or of a gateway's: the shared one or its own. What a service reaches is reached by its
   * server where that has a container, and else by the gateway.
   */
  of(service: Service): Network[] {
    const part = partOf(service);
    if (part !== undefined) return this.#ofMonitoring(part);
    const own = this.#own.get(service.name) ?? this.syncbricks;
    return kindOf(service.server).role === "stdio" ? [own] : [own, ...this.#reachedBy(service)];
  }

  /** The networks of a server's container. */
  ofServer(service: Service): Network[] {
    return [this.egress, ...this.#reachedBy(service)];
  }

  /** A browser reaches Grafana through the proxy, and nothing else of these. */
  #ofMonitoring(part: Part): Network[] {
    const besides = { prometheus: [this.metrics], grafana: [this.syncbricks], blackbox: [] }[part];
    return [this.monitoring, ...besides].flatMap((network) => network ?? []);
  }

  #reachedBy({ reaches }: Service): Network[] {
    return reaches.flatMap((app) => this.#own.get(app) ?? []);
  }

  #add(name: string): Network {
    return new Network(this, name, { name });
  }
}
