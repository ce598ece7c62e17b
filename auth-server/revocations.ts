/** Names each grant that ends to the gateways that remember tokens: an event stream. */
import type { IncomingMessage, ServerResponse } from "node:http";
import { REVOCATIONS_PATH, type Revocation } from "../gateways/auth/introspection.ts";
import type { Logger } from "../gateways/log.ts";
import { auditUser } from "./audit.ts";
import { Refusal } from "./http.ts";
import type { Accounts } from "./accounts.ts";
import { callerOf, type Sources } from "./introspect.ts";
import type { Resources } from "./resources.ts";
import type { Revocations, Revoked } from "./store/contract/grants.ts";
import { StoreAway } from "./store/store.ts";

/** Milliseconds between two looks for revocations of other processes: the operator's commands, the release before this one. */
const LOOK = 100;
/** Milliseconds between two signs of life. */
const ALIVE = 15_000;

/** Bytes that wait for a gateway which does not read. */
const MOST_UNREAD = 65_536;

/** The open streams. */
export class RevocationStreams {
  readonly #revocations: Revocations;
  readonly #accounts: Accounts;
  readonly #log: Logger;
  readonly #streams = new Set<ServerResponse>();
  #last: number;
  readonly #timers: readonly NodeJS.Timeout[];
  /** The look that is under way, and the one after it. */
  #looking: Promise<void> = Promise.resolve();
  #next: Promise<void> | undefined;
  #isFailing = false;

  /** @param last the number of the latest revocation */
  constructor({ store, accounts, log }: Pick<Sources, "store" | "accounts" | "log">, last: number) {
    this.#revocations = store.revocations;
    this.#accounts = accounts;
    this.#log = log;
    this.#last = last;
    this.#timers = [setInterval(() => void this.tellNow(), LOOK), setInterval(() => this.#write(": alive\n\n"), ALIVE)];
    for (const timer of this.#timers) timer.unref();
  }

  /** Opens a stream. @throws Refusal 401, 405 @throws StoreAway */
  async open(req: IncomingMessage, res: ServerResponse, resources: Resources): Promise<void> {
    if (req.method !== "GET") throw new Refusal(405, "invalid_request", `expected GET ${REVOCATIONS_PATH}`);
    callerOf(req, resources);
    await this.#look();
    res.writeHead(200, { "content-type": "text/event-stream", "cache-control": "no-store", "x-accel-buffering": "no" });
    res.write(": open\n\n");
    this.#streams.add(res);
    res.on("close", () => this.#streams.delete(res));
  }

  /**
   * Tells of what this process has revoked, before it answers: the next call of that client may come right behind. While the store
   * is away nobody is told; that is made up for when it is back. Never rejects.
   */
  async tellNow(): Promise<void> {
    try {
      await this.#look();
      this.#isFailing = false;
    } catch (err) {
      this.#failed(err);
    }
  }

  close(): void {
    for (const timer of this.#timers) clearInterval(timer);
    for (const stream of this.#streams) stream.destroy();
  }

  /** Of many looks in a row the first that fails is worth a line. */
  #failed(err: unknown): void {
    if (err instanceof StoreAway) return;
    if (!this.#isFailing) this.#log.error({ err }, "could not look for revocations");
    this.#isFailing = true;
  }

  /** Looks after the look that is under way, which may have begun too early. All who ask meanwhile share that one. */
  #look(): Promise<void> {
    this.#next ??= this.#looking
      .catch(() => undefined)
      .then(() => {
        this.#next = undefined;
        return this.#read();
      });
    this.#looking = this.#next;
    return this.#next;
  }

  async #read(): Promise<void> {
    const found = await this.#revocations.after(this.#last);
    if (found.length === 0) return;
    // One that ends is named for each kind of token that ends with it. Whose it was is known as long as it is there.
    const grants = [...byGrant(found)];
    this.#last = found.at(-1)!.number;
    for (const [grant] of grants)
      this.#write(`event: revocation\ndata: ${JSON.stringify({ grant } satisfies Revocation)}\n\n`);
    for (const [grant, { account, client }] of grants)
      auditUser(this.#log, "grant-ended", fieldsOf(grant, account, client), this.#accounts);
  }

  #write(text: string): void {
    for (const stream of this.#streams) {
      if (stream.writableLength > MOST_UNREAD)
        stream.destroy(); // its gateway forgets all, and opens another one
      else stream.write(text);
    }
  }
}

const fieldsOf = (flow: string, account: string | null, client: string | null) => ({
  flow,
  user: account ?? undefined,
  client: client ?? undefined,
});

function byGrant(found: readonly Revoked[]): ReadonlyMap<string, Revoked> {
  const known = found.filter(({ account }) => account !== null);
  return new Map([...found, ...known].map((revoked) => [revoked.grant, revoked]));
}
