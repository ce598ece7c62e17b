/** Legacy sessions in front of a server that speaks only the modern era. */
import type { Backend, Lane, LaneClient } from "../../servers/contract.ts";
import type { ModernServer } from "../../servers/modern.ts";
import { FollowingLane } from "./following-lane.ts";
import { ToModernLane, type TranslatedServer } from "./lane.ts";
import { ModernSubscriptions } from "./subscriptions.ts";

/** A modern server as legacy sessions see it. */
export class ToModernBackend implements Backend, TranslatedServer {
  readonly modern: ModernServer;
  readonly supervisor: ModernServer["supervisor"];
  readonly lanes = new Set<ToModernLane>();
  readonly subscriptions: ModernSubscriptions;
  readonly #others = new WeakMap<ModernServer, ToModernBackend>();

  constructor(modern: ModernServer) {
    this.modern = modern;
    this.supervisor = modern.supervisor;
    this.subscriptions = new ModernSubscriptions(modern.supervisor, this.lanes);
    modern.renewed.add(() => this.subscriptions.renew());
  }

  /** @throws GatewayError `too-many-children` */
  lane(client: LaneClient): Lane {
    return new FollowingLane((current) => {
      const modern = this.modern.actingFor(client.principal);
      if (current?.isOf(modern)) return current;
      return new ToModernLane(modern === this.modern ? this : this.#backendOf(modern), client);
    });
  }

  /** The same in front of a server that acts for one principal alone. */
  #backendOf(modern: ModernServer): TranslatedServer {
    const known = this.#others.get(modern);
    if (known) return known;
    const backend = new ToModernBackend(modern);
    this.#others.set(modern, backend);
    return backend;
  }
}
