/** The two Docker networks: `proxy` for the proxy's own containers, `syncbricks` for gateways, apps and the connector. */
import { Network } from "@cdktf/provider-docker/lib/network/index.js";
import { Construct } from "constructs";

export class Networks extends Construct {
  readonly proxy: Network;
  readonly syncbricks: Network;

  constructor(scope: Construct, id: string) {
    super(scope, id);
    this.proxy = new Network(this, "proxy", { name: "proxy" });
    this.syncbricks = new Network(this, "syncbricks", { name: "syncbricks" });
  }
}
