/** A visitor of a gateway, with a session of its own, its own chance, and texts that nobody else has. */
import type { Http } from "../../kit/mcp/http.ts";
import { ModernClient } from "../../kit/mcp/modern.ts";
import { Session } from "./session.ts";
import type { GatewayProcess } from "./gateway-process.ts";
import type { Visitor } from "./kinds/kind.ts";
import { Random } from "./random.ts";
import { IDLE_TTL } from "./setups.ts";

export class Guest implements Visitor {
  readonly http: Http;
  readonly random: Random;
  readonly place;
  readonly modern: ModernClient;
  readonly #gateway: GatewayProcess;
  readonly #name: string;
  #session: Session | undefined;
  #texts = 0;

  constructor(gateway: GatewayProcess, http: Http, number: number, seed: number) {
    const { setup } = gateway;
    this.#gateway = gateway;
    this.http = http;
    this.place = setup.name;
    this.random = new Random(seed * 100 + number + setup.name.length * 10);
    this.modern = new ModernClient(http);
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
