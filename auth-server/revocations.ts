/** Names each grant that ends to the gateways that remember tokens: an event stream. */
import type { IncomingMessage, ServerResponse } from "node:http";
import { REVOCATIONS_PATH, type Revocation } from "../gateways/auth/introspection.ts";
import type { Logger } from "../gateways/log.ts";
import { auditAuth } from "./audit.ts";
import { Refusal } from "./http.ts";
import type { Accounts } from "./accounts.ts";
import { callerOf, type Sources } from "./introspect.ts";
import type { Resources } from "./resources.ts";
import type { Database } from "./store/database.ts";
import { lastRevocation, revocationsAfter, type Revoked } from "./store/grants.ts";

/** Milliseconds between two looks for revocations of other processes: the operator's commands, the release before this one. */
const LOOK = 100;
/** Milliseconds between two signs of life. */
const ALIVE = 15_000;

/** Bytes that wait for a gateway which does not read. */
const MOST_UNREAD = 65_536;

/** The open streams. */
export class Revocations {
  readonly #database: Database;
  readonly #accounts: Accounts;
  readonly #log: Logger;
  readonly #streams = new Set<ServerResponse>();
  #last: number;
  readonly #timers: readonly NodeJS.Timeout[];

  constructor({ database, accounts, log }: Pick<Sources, "database" | "accounts" | "log">) {
    this.#database = database;
    this.#accounts = accounts;
    this.#log = log;
    this.#last = lastRevocation(database);
    this.#timers = [setInterval(() => this.#look(), LOOK), setInterval(() => this.#write(": alive\n\n"), ALIVE)];
    for (const timer of this.#timers) timer.unref();
  }

  /** Opens a stream. @throws Refusal 401, 405 */
  async open(req: IncomingMessage, res: ServerResponse, resources: Resources): Promise<void> {
    if (req.method !== "GET") throw new Refusal(405, "invalid_request", `expected GET ${REVOCATIONS_PATH}`);
    callerOf(req, resources);
    this.#look();
    res.writeHead(200, { "content-type": "text/event-stream", "cache-control": "no-store", "x-accel-buffering": "no" });
    res.write(": open\n\n");
    this.#streams.add(res);
    res.on("close", () => this.#streams.delete(res));
  }

  /** Tells of what this process has revoked, before it answers: the next call of that client may come right behind. */
  tellNow(): void {
    this.#look();
  }

  close(): void {
    for (const timer of this.#timers) clearInterval(timer);
    for (const stream of this.#streams) stream.destroy();
  }

  #look(): void {
    const found = revocationsAfter(this.#database, this.#last);
    this.#last = found.at(-1)?.number ?? this.#last;
    // One that ends is named for each kind of token that ends with it. Whose it was is known as long as it is there.
    for (const [grant, { account, client }] of byGrant(found)) {
      const user = this.#nameOf(account);
      auditAuth(this.#log, "grant-ended", { flow: grant, user, client: client ?? undefined });
      this.#write(`event: revocation\ndata: ${JSON.stringify({ grant } satisfies Revocation)}\n\n`);
    }
  }

  #nameOf(account: string | null): string | undefined {
    return account === null ? undefined : (this.#accounts.find(account)?.username ?? account);
  }

  #write(text: string): void {
    for (const stream of this.#streams) {
      if (stream.writableLength > MOST_UNREAD)
        stream.destroy(); // its gateway forgets all, and opens another one
      else stream.write(text);
    }
  }
}

function byGrant(found: readonly Revoked[]): ReadonlyMap<string, Revoked> {
  const known = found.filter(({ account }) => account !== null);
  return new Map([...found, ...known].map((revoked) => [revoked.grant, revoked]));
}
