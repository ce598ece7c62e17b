/** Legacy sessions in front of a server that knows only the modern era. Knows nothing of HTTP. */
import type { Backend, Condition, Lane, LaneClient } from "../../servers/contract.ts";
import { ModernLane } from "./lane.ts";
import { ModernNews } from "./subscriptions.ts";
import type { ModernServer } from "../../servers/modern.ts";

/** A modern server as legacy sessions see it. */
export class ModernBackend implements Backend {
  readonly modern: ModernServer;
  readonly lanes = new Set<ModernLane>();
  readonly news: ModernNews;

  constructor(modern: ModernServer) {
    this.modern = modern;
    this.news = new ModernNews(modern.server, this.lanes);
    modern.renewed.add(() => this.news.renew());
  }

  get condition(): Condition {
    return this.modern.server.condition;
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
    return new ModernLane(this, client);
  }
}
