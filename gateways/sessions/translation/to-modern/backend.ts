/** Legacy sessions in front of a server that speaks only the modern era. */
import type { Backend, Lane, LaneClient } from "../../servers/contract.ts";
import type { ModernServer } from "../../servers/modern.ts";
import { ToModernLane, type TranslatedServer } from "./lane.ts";
import { ModernSubscriptions } from "./subscriptions.ts";

/** A modern server as legacy sessions see it. */
export class ToModernBackend implements Backend, TranslatedServer {
  readonly modern: ModernServer;
  readonly supervisor: ModernServer["supervisor"];
  readonly lanes = new Set<ToModernLane>();
  readonly subscriptions: ModernSubscriptions;

  constructor(modern: ModernServer) {
    this.modern = modern;
    this.supervisor = modern.supervisor;
    this.subscriptions = new ModernSubscriptions(modern.supervisor, this.lanes);
    modern.renewed.add(() => this.subscriptions.renew());
  }

  lane(client: LaneClient): Lane {
    return new ToModernLane(this, client);
  }
}
