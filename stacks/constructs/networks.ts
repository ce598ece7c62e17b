/**
 * The Docker networks: `proxy` for the proxy's own containers, `syncbricks` for gateways, apps and the connector, and one for
 * each app that has its own.
 */
import { Network } from "@cdktf/provider-docker/lib/network/index.js";
import { Construct } from "constructs";
import { hasOwnNetwork, ownNetwork } from "../catalog/containers.ts";
import type { Service } from "../catalog/entry.ts";

/** @example new Networks(this, "networks", services); */
export class Networks extends Construct {
  readonly proxy: Network;
  readonly syncbricks: Network;
  /** By the name of the app. */
  readonly #own: ReadonlyMap<string, Network>;

  constructor(scope: Construct, id: string, services: readonly Service[]) {
    super(scope, id);
    this.proxy = new Network(this, "proxy", { name: "proxy" });
    this.syncbricks = new Network(this, "syncbricks", { name: "syncbricks" });
    this.#own = new Map(services.filter(hasOwnNetwork).map(({ name }) => [name, this.#add(ownNetwork(name))]));
  }

  /** The networks of a service's container: the shared one or its own, and those of the apps that it reaches. */
  of({ name, reaches }: Service): Network[] {
    return [this.#own.get(name) ?? this.syncbricks, ...reaches.flatMap((app) => this.#own.get(app) ?? [])];
  }

  #add(name: string): Network {
    return new Network(this, name, { name });
  }
}
