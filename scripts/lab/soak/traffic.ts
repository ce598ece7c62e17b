/** The visitors of one gateway: each does one thing after another, at random. */
import { setTimeout as sleep } from "node:timers/promises";
import { Refusal } from "../../kit/mcp/answers.ts";
import { Http } from "../../kit/mcp/http.ts";
import { ModernClient } from "../../kit/mcp/modern.ts";
import type { SoakedGateway } from "./gateway.ts";
import { Guest } from "./guest.ts";
import type { Kind } from "./kinds/kind.ts";
import { kindsOn } from "./kinds.ts";
import { INFO } from "./setups.ts";
import { type KindCounts, Tally } from "./tally.ts";

const VISITORS = 6;
/** A server that has worked for 10 s is started again at once; one that fails sooner, after pauses that grow. */
const REST = 12_000;

export class Traffic {
  readonly gateway: SoakedGateway;
  readonly http: Http;
  readonly kinds: readonly Kind[];
  readonly speaksModern: boolean;
  readonly tally: Tally;
  readonly #visitors: readonly Guest[];
  #disturbed = 0;

  private constructor(gateway: SoakedGateway, seed: number, http: Http, modern: boolean) {
    this.gateway = gateway;
    this.http = http;
    this.speaksModern = modern;
    this.kinds = kindsOn(gateway.setup.name, modern);
    this.tally = new Tally(gateway.setup.name);
    this.#visitors = Array.from({ length: VISITORS }, (_, number) => new Guest(gateway, http, number, seed));
  }

  static async to(gateway: SoakedGateway, seed: number): Promise<Traffic> {
    const http = new Http(gateway.url);
    return new Traffic(gateway, seed, http, await new ModernClient(http, INFO).isSpoken());
  }

  /** The results of each kind so far. */
  get counts(): KindCounts[] {
    return this.kinds.map(({ name }) => this.tally.of(name));
  }

  /** Makes traffic until a time (Date.now()), then leaves everything as it is. */
  async until(deadline: number): Promise<void> {
    await Promise.all(this.#visitors.map((visitor) => this.#visit(visitor, deadline)));
    for (const visitor of this.#visitors) visitor.forget();
    this.http.close();
  }

  async #visit(visitor: Guest, deadline: number): Promise<void> {
    while (Date.now() < deadline && this.gateway.runs) {
      await sleep(visitor.random.whole(0, 30));
      const kind = visitor.random.weighted(this.kinds);
      if (kind.disturbs && !this.#mayDisturb()) continue;
      await kind.run(visitor).then(
        () => this.tally.note(kind),
        (error: unknown) => this.#failed(visitor, kind, error),
      );
    }
  }

  #failed(visitor: Guest, kind: Kind, error: unknown): void {
    // A session that this machine was too slow to use in time has rightly ended.
    const expired = error instanceof Refusal && error.status === 404 && visitor.wasAway;
    if (!expired) this.tally.note(kind, error);
    if (error instanceof Refusal && error.status === 404) visitor.forget();
  }

  #mayDisturb(): boolean {
    if (this.gateway.setup.name === "session") return true;
    if (Date.now() < this.#disturbed + REST) return false;
    this.#disturbed = Date.now();
    return true;
  }
}
