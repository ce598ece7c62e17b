/** Legacy sessions in front of a server that knows only the modern era. Knows nothing of HTTP. */
import type { Backend, Status, Lane, LaneClient } from "../../servers/contract.ts";
import { ToModernLane } from "./lane.ts";
import { ModernSubscriptions } from "./subscriptions.ts";
import type { ModernServer } from "../../servers/modern.ts";

/** A modern server as legacy sessions see it. */
export class ToModernBackend implements Backend {
  readonly modern: ModernServer;
  readonly lanes = new Set<ToModernLane>();
  readonly news: ModernSubscriptions;

  constructor(modern: ModernServer) {
    this.modern = modern;
    this.news = new ModernSubscriptions(modern.server, this.lanes);
    modern.renewed.add(() => this.news.renew());
  }

  get status(): Status {
    return this.modern.server.status;
  }

  get hasServed(): boolean {
    return this.modern.server.hasServed;
  }

  get children(): number {
    return this.modern.server.children;
  }

  start(): Promise<void> {
    return this.modern.server.start();
  }

  stop(): Promise<void> {
    return this.modern.stop();
  }

  renew(): void {
    this.modern.server.restart("another gateway executed calls before");
  }

  lane(client: LaneClient): Lane {
    return new ToModernLane(this, client);
  }
}
