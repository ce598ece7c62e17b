/**
 * A connection to Redis that keeps nobody waiting: while the server is away each command fails within about two seconds, and once it
 * is back commands succeed again. What is sent is up to others.
 */
import { Redis, type RedisOptions } from "ioredis";
import { placeName, type RedisPlace } from "./redis-url.ts";

/** What a connection is made of. */
export interface RedisSettings {
  readonly place: RedisPlace;
  /** @default - a server that wants none */
  readonly password?: string | undefined;
  /** What the server calls this process in its list of clients. */
  readonly name: string;
  /** The scripts that are run, by their names. Each has one key. */
  readonly scripts: Readonly<Record<string, string>>;
  /** Told when the server is away, with the reason, and when it is back. */
  readonly tell: (text: string) => void;
}

/** Redis cannot answer now. Who asks again later may succeed. What was asked for may have happened. */
export class RedisUnavailable extends Error {}

/** Milliseconds in which the server answers. Then the connection is given up, and all that waits for an answer fails. */
const ANSWER = 2_000;
/** Milliseconds in which a server answers while a connection is made. */
const GREETING = 10_000;
/** Milliseconds for which a command waits for a connection: a server that is started again is back within them. */
const CONNECTION = 1_000;
/** Milliseconds between two attempts to connect: longer each time, up to a limit. */
const ATTEMPT = { step: 50, most: 500 } as const;

/** How a server answers that cannot do its work now. An old one says it in the middle of a script's error. */
const CANNOT_NOW =
  /\b(OOM|READONLY|LOADING|MISCONF|NOREPLICAS|MASTERDOWN|CLUSTERDOWN|TRYAGAIN|MOVED|BUSY|NOAUTH|WRONGPASS|NOPERM)\b/;

/** What stays so until somebody changes a setting. */
const REFUSAL = /\b(WRONGPASS|NOAUTH|NOPERM)\b|certificate/i;

type Scripted = Readonly<Record<string, (...texts: readonly string[]) => Promise<unknown>>>;

export class RedisConnection {
  /** Where it leads, for messages. */
  readonly place: string;
  readonly #redis: Redis;
  readonly #tell: RedisSettings["tell"];
  #reason = "there is no connection yet";
  #wasReady: boolean | undefined;
  #isClosing = false;
  #connecting: Promise<boolean> | undefined;

  /** Begins to connect, and goes on until it is closed. */
  constructor(settings: RedisSettings) {
    this.place = placeName(settings.place);
    this.#tell = settings.tell;
    this.#redis = new Redis(optionsOf(settings));
    this.#redis.on("error", (error: Error) => (this.#reason = reasonOf(error)));
    this.#redis.on("connect", () => (this.#reason = "it is not ready yet, and may be loading what it has kept"));
    this.#redis.on("close", () => this.#lost());
    this.#redis.on("ready", () => this.#back());
  }

  /** Why the server lets nobody in who comes with these settings; undefined = it does, or is not there. */
  get refusal(): string | undefined {
    return !this.#isReady && REFUSAL.test(this.#reason) ? this.#reason : undefined;
  }

  /** Sends commands: at once, if there is a connection. @throws RedisUnavailable */
  run<T>(work: (redis: Redis) => Promise<T>): Promise<T> {
    return this.#isReady ? this.#send(work) : this.#sendLater(work);
  }

  /** Runs one of the scripts. @throws RedisUnavailable */
  script(name: string, key: string, texts: readonly string[]): Promise<unknown> {
    return this.run((redis) => (redis as unknown as Scripted)[name]!(key, ...texts));
  }

  /** Ends it when what was asked for has been answered. Never rejects. */
  async close(): Promise<void> {
    this.#isClosing = true;
    if (this.#isReady) await this.#redis.quit().catch(() => {});
    this.#redis.disconnect();
  }

  get #isReady(): boolean {
    return this.#redis.status === "ready";
  }

  async #send<T>(work: (redis: Redis) => Promise<T>): Promise<T> {
    const answered = whenLate(ANSWER, () => this.#giveUp());
    try {
      return await work(this.#redis);
    } catch (error) {
      throw this.#translated(error as Error);
    } finally {
      answered();
    }
  }

  /** Fails all that waits for an answer, and connects again. */
  #giveUp(): void {
    this.#reason = SILENT;
    this.#redis.disconnect(true);
  }

  async #sendLater<T>(work: (redis: Redis) => Promise<T>): Promise<T> {
    this.#connecting ??= this.#wait().finally(() => (this.#connecting = undefined));
    if (await this.#connecting) return this.#send(work);
    throw this.#unavailable(this.#reason);
  }

  /** Waits for a connection, for no longer than whoever asks should wait. */
  #wait(): Promise<boolean> {
    return new Promise((resolve) => {
      const end = (isReady: boolean) => {
        ended();
        this.#redis.off("ready", ready);
        resolve(isReady);
      };
      const ready = () => end(true);
      const ended = whenLate(CONNECTION, () => end(false));
      this.#redis.once("ready", ready);
    });
  }

  /** Of what Redis says only that it cannot now is no mistake of ours. */
  #translated(error: Error): Error {
    if (error.name !== "ReplyError") return this.#unavailable(isTimeout(error) ? SILENT : this.#reason);
    return CANNOT_NOW.test(error.message) ? this.#unavailable(error.message) : error;
  }

  #unavailable(reason: string): RedisUnavailable {
    return new RedisUnavailable(`${this.place}: ${reason}`);
  }

  #lost(): void {
    if (this.#wasReady && !this.#isClosing) this.#tell(`Redis is away: ${this.place}: ${this.#reason}`);
    this.#wasReady &&= false;
  }

  #back(): void {
    if (this.#wasReady === false) this.#tell(`Redis is back: ${this.place}`);
    this.#wasReady = true;
    this.#reason = "the server has closed the connection";
  }
}

const SILENT = `it did not answer within ${ANSWER / 1_000} seconds`;

/**
 * Calls when so many milliseconds are over, and what has arrived meanwhile is read: a process that was busy for longer finds its
 * timers due before it finds the answers, and would take a server for silent that is not.
 * @returns what ends it
 */
function whenLate(milliseconds: number, call: () => void): () => void {
  let turn: NodeJS.Immediate | undefined;
  const timer = setTimeout(() => (turn = setImmediate(call)), milliseconds);
  return () => {
    clearTimeout(timer);
    clearImmediate(turn);
  };
}

const isTimeout = ({ message }: Error) => /timed? ?out/i.test(message);

const reasonOf = (error: Error & { readonly code?: string }): string =>
  isTimeout(error) && error.code === undefined ? SILENT : error.message || (error.code ?? "unknown");

function optionsOf({
  place,
  password,
  name,
  scripts,
}: RedisSettings): RedisOptions & { replyMapping: "legacy"; disconnectTimeout: number } {
  const named = Object.entries(scripts).map(([script, lua]) => [script, { lua, numberOfKeys: 1 }] as const);
  return {
    ...serverOf(place),
    ...(place.user !== undefined && { username: place.user }),
    ...(password !== undefined && { password }),
    db: place.database,
    connectionName: name,
    disableClientInfo: true,
    replyMapping: "legacy",
    scripts: Object.fromEntries(named),
    connectTimeout: ANSWER,
    // Its own time for an answer, which does not know whether this process was busy, is for the making of a connection alone.
    socketTimeout: GREETING,
    disconnectTimeout: 1,
    maxLoadingRetryTime: ATTEMPT.most,
    retryStrategy: attempt,
    // What is sent while there is no connection, or was not answered, fails at once: nothing happens later, and nothing twice.
    enableOfflineQueue: false,
    autoResendUnfulfilledCommands: false,
    maxRetriesPerRequest: 0,
    // A server that has become a replica, behind an address that may lead to another one by now.
    reconnectOnError: ({ message }) => message.startsWith("READONLY"),
  };
}

const attempt = (times: number) => Math.min(times * ATTEMPT.step, ATTEMPT.most);

function serverOf({ isTls, hosts, master }: RedisPlace): RedisOptions {
  const [{ host, port }] = hosts as readonly [{ host: string; port: number }];
  if (master === undefined) return { host, port, ...(isTls && { tls: { servername: host } }) };
  return {
    sentinels: [...hosts],
    name: master,
    sentinelCommandTimeout: ANSWER,
    sentinelRetryStrategy: attempt,
    ...(isTls && { tls: {}, sentinelTLS: {}, enableTLSForSentinelMode: true }),
  };
}
