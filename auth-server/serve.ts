/** Runs the server until a signal stops it. */
import { setTimeout as sleep } from "node:timers/promises";
import { createLog } from "../gateways/log.ts";
import { ConfigError, readConfig, type AuthConfig, type Environment } from "./config.ts";
import { rooms } from "./rooms.ts";
import type { Logger } from "../gateways/log.ts";
import { AuthServer } from "./server.ts";
import { openStore } from "./store/open.ts";
import { StoreAway, type Store } from "./store/store.ts";

/** Milliseconds between two tries to reach a store that is away, and how many tries a line in the log is written for. */
const AGAIN = 1_000;
const TOLD = 15;

/**
 * Starts it, and resolves once it serves. While Redis is away it waits, says so in the log, and does not listen: a release that
 * cannot reach its store must not take the place of one that can, and whoever starts both at once need not order them. Redis that
 * refuses (a wrong password) and SQLite that cannot be used end it, as waiting would not help.
 * @throws ConfigError @throws StoreRefused @throws Error of SQLite
 */
export async function serve(env: Environment): Promise<void> {
  const config = readConfig(env);
  const log = createLog(config.logLevel, 1);
  const waiting = new AbortController();
  const giveUp = () => waiting.abort();
  for (const signal of SIGNALS) process.once(signal, giveUp);
  const server = await start(config, log, waiting.signal);
  for (const signal of SIGNALS) process.off(signal, giveUp);
  if (server === undefined) return log.info("stopped while waiting for the store");
  log.info({ issuer: config.issuer, port: server.port }, "serving");
  surviveUncaughtErrors(log);
  for (const signal of SIGNALS)
    process.once(signal, () => {
      log.info({ drainDelay: config.drainDelay }, "stopping");
      void sleep(config.drainDelay).then(() => server.close());
    });
}

const SIGNALS = ["SIGTERM", "SIGINT"] as const;

/** @returns undefined when a signal came before the store */
async function start(config: AuthConfig, log: Logger, signal: AbortSignal): Promise<AuthServer | undefined> {
  const store = await openStore(config.state, (text) => log.warn({ store: text }, "store"));
  try {
    const server = await whenThere(store, config, log, signal);
    if (server) await listen(server, config);
    else await store.close();
    return server;
  } catch (error) {
    await store.close(); // what it has open would keep the process alive
    throw error;
  }
}

async function whenThere(
  store: Store,
  config: AuthConfig,
  log: Logger,
  signal: AbortSignal,
): Promise<AuthServer | undefined> {
  for (let tries = 0; !signal.aborted; tries++) {
    try {
      await store.isThere();
      return await AuthServer.on(store, config, log, rooms);
    } catch (error) {
      if (!(error instanceof StoreAway) || config.state.redis === undefined) throw error;
      if (tries % TOLD === 0) log.warn({ reason: error.error_detail }, "waiting for the store");
      await sleep(AGAIN, undefined, { signal }).catch(() => undefined);
    }
  }
  return undefined;
}

/** @throws ConfigError for an address that cannot be listened on */
async function listen(server: AuthServer, { host, port }: AuthConfig): Promise<void> {
  try {
    await server.listen();
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    const why = code === "EADDRINUSE" ? "another program listens there" : code;
    throw new ConfigError(`HOST, PORT: cannot listen on ${host}:${port}: ${why}`);
  }
}

/** No client may end the server: an uncaught error is a bug of ours, and is logged. */
function surviveUncaughtErrors(log: Logger): void {
  process.on("uncaughtException", (err) => log.error({ err }, "uncaught"));
  process.on("unhandledRejection", (err) => log.error({ err }, "unhandled"));
}
