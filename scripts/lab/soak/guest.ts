/** A visitor of a gateway, with a session, a random generator and texts of its own. */
import type { Http } from "../../kit/mcp/http.ts";
import { ModernClient } from "../../kit/mcp/modern.ts";
import type { SoakedGateway } from "./gateway.ts";
import type { Visitor } from "./kinds/kind.ts";
import { Random } from "./random.ts";
import { Session } from "./session.ts";
import { IDLE_TTL, INFO } from "./setups.ts";

export class Guest implements Visitor {
  readonly http: Http;
  readonly random: Random;
  readonly place;
  readonly modern: ModernClient;
  readonly #gateway: SoakedGateway;
  readonly #name: string;
  #session: Session | undefined;
  #texts = 0;

  constructor(gateway: SoakedGateway, http: Http, number: number, seed: number) {
    const { setup } = gateway;
    this.#gateway = gateway;
    this.http = http;
    this.place = setup.name;
    this.random = new Random(seed * 100 + number + setup.name.length * 10);
    this.modern = new ModernClient(http, INFO);
    this.#name = `${setup.name}-${number}`;
  }

  async session(): Promise<Session> {
    return (this.#session ??= await Session.open(this.http));
  }

  forget(): void {
    this.#session = undefined;
  }

  kill(pid: number, signal: NodeJS.Signals): void {
    this.#gateway.killServer(pid, signal);
  }

  text(): string {
    return `${this.#name}-${++this.#texts}`;
  }

  /** Whether so much time went by between two requests of the session that it may have ended as idle. */
  get wasAway(): boolean {
    return this.#session !== undefined && this.#session.longestPause > IDLE_TTL / 2;
  }
}
