/**
 * A connection to Redis that never keeps anybody waiting: while the server is away, each command fails within about two seconds,
 * and as soon as it is back, commands succeed again. What is sent is up to others.
 */
import { Redis, type RedisOptions } from "ioredis";
import { placeName, type RedisPlace } from "./redis-url.ts";

/** What a connection is made of. */
export interface RedisSettings {
  readonly place: RedisPlace;
  /** @default - a server that wants none */
  readonly password: string | undefined;
  /** What the server calls it in its list of clients. */
  readonly name: string;
  /** Told when the server is lost, with the reason, and when it is back. */
  readonly watch?: (state: "lost" | "back", reason: string) => void;
}

/** Redis cannot answer now. Whoever asks again later may succeed; what was asked for may have happened. */
export class RedisUnavailable extends Error {}

/** Milliseconds in which the server has to answer. Then the connection is given up, with all that waits for an answer. */
const ANSWER = 2_000;
/** Milliseconds for which a command waits for a connection: a server that starts again is back within them. */
const RECONNECTION = 1_000;
/** Milliseconds for which the first connection is waited for: a server may start together with its clients. */
const START = 15_000;
/** Milliseconds between two attempts to connect, from the first one on. */
const ATTEMPTS = { step: 50, most: 500 } as const;

/** Answers of a server that cannot do its work now: each begins with a word. A script puts its own words before it. */
const CANNOT_NOW =
  /\b(OOM|READONLY|LOADING|MISCONF|NOREPLICAS|MASTERDOWN|CLUSTERDOWN|TRYAGAIN|MOVED|BUSY|NOAUTH|WRONGPASS|NOPERM)\b/;

/** Answers that do not change however long one waits. */
const REFUSED = /\b(WRONGPASS|NOAUTH|NOPERM)\b|certificate|ERR_TLS/i;

export class RedisConnection {
  readonly #redis: Redis;
  readonly #place: string;
  readonly #watch: NonNullable<RedisSettings["watch"]>;
  #reason = "there is no connection yet";
  #isLost = false;
  #connecting: Promise<boolean> | undefined;

  private constructor({ place, password, name, watch = () => {} }: RedisSettings) {
    this.#place = placeName(place);
    this.#watch = watch;
    this.#redis = new Redis(optionsOf(place, password, name));
    this.#redis.on("error", (error: Error) => (this.#reason = reasonIn(error)));
    this.#redis.on("close", () => this.#lost());
    this.#redis.on("ready", () => this.#back());
  }

  /**
   * Connects. @throws RedisUnavailable when there is no server within 15 seconds, or at once when it refuses: the password is wrong
   */
  static async open(settings: RedisSettings): Promise<RedisConnection> {
    const connection = new RedisConnection(settings);
    void connection.#redis.connect().catch(() => {}); // the events tell
    const until = Date.now() + START;
    while (Date.now() < until && !REFUSED.test(connection.#reason))
      if (await connection.#isReady()) return connection;
    connection.close();
    throw connection.#unavailable();
  }

  /** Sends what `work` sends. @throws RedisUnavailable */
  async run<T>(work: (redis: Redis) => Promise<T>): Promise<T> {
    if (!(await this.#isReady())) throw this.#unavailable();
    try {
      return await work(this.#redis);
    } catch (error) {
      throw this.#translated(error as Error);
    }
  }

  /** Ends it at once, with all that waits for an answer. */
  close(): void {
    this.#redis.disconnect();
  }

  /** Waits for a connection if there is none, and no longer than is fair to whoever waits. */
  #isReady(): Promise<boolean> {
    if (this.#redis.status === "ready") return Promise.resolve(true);
    return (this.#connecting ??= this.#wait().finally(() => (this.#connecting = undefined)));
  }

  async #wait(): Promise<boolean> {
    const { promise, resolve } = Promise.withResolvers<boolean>();
    const isReady = () => resolve(true);
    const timer = setTimeout(() => resolve(false), RECONNECTION);
    this.#redis.once("ready", isReady);
    try {
      return await promise;
    } finally {
      clearTimeout(timer);
      this.#redis.off("ready", isReady);
    }
  }

  #translated(error: Error): Error {
    const isReply = error.name === "ReplyError";
    if (isReply && !CANNOT_NOW.test(error.message)) return error; // a mistake of ours
    if (isReply) this.#reason = reasonIn(error);
    else if (this.#redis.status === "ready") this.#reason = `no answer within ${ANSWER / 1_000} seconds`;
    return this.#unavailable(error);
  }

  #unavailable(cause?: Error): RedisUnavailable {
    return new RedisUnavailable(`${this.#place}: ${this.#reason}`, { cause });
  }

  #lost(): void {
    if (!this.#isLost) this.#watch("lost", `${this.#place}: ${this.#reason}`);
    this.#isLost = true;
  }

  #back(): void {
    if (this.#isLost) this.#watch("back", this.#place);
    this.#isLost = false;
    this.#reason = "the connection was closed";
  }
}
