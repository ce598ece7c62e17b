/**
 * The Docker networks: `proxy` for the proxy's own containers, `syncbricks` for gateways, apps and the connector, one for each app
 * that has its own, and the way out of the servers.
 */
import { Network } from "@cdktf/provider-docker/lib/network/index.js";
import { Construct } from "constructs";
import { hasOwnNetwork, ownNetwork } from "../catalog/containers.ts";
import type { Service } from "../catalog/entry.ts";
import { kindOf } from "../catalog/kinds/registry.ts";

/** @example new Networks(this, "networks", services); */
export class Networks extends Construct {
  readonly proxy: Network;
  readonly syncbricks: Network;
  /** Servers reach the internet by it, and not each other. */
  readonly egress: Network;
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
    this.#own = new Map(services.filter(hasOwnNetwork).map(({ name }) => [name, this.#add(ownNetwork(name))]));
  }

  /**
   * The networks of an app's container, or of a gateway's: the shared one or its own. What a service reaches is reached by its
   * server where that has a container, and else by the gateway.
   */
  of(service: Service): Network[] {
    const own = this.#own.get(service.name) ?? this.syncbricks;
    return kindOf(service.server).role === "stdio" ? [own] : [own, ...this.#reachedBy(service)];
  }

  /** The networks of a server's container. */
  ofServer(service: Service): Network[] {
    return [this.egress, ...this.#reachedBy(service)];
  }

  #reachedBy({ reaches }: Service): Network[] {
    return reaches.flatMap((app) => this.#own.get(app) ?? []);
  }

  #add(name: string): Network {
    return new Network(this, name, { name });
  }
}
