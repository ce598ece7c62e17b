/** Runs the server until a signal stops it. */
import { setTimeout as sleep } from "node:timers/promises";
import { createLog } from "../gateways/log.ts";
import { ConfigError, readConfig, type AuthConfig, type Environment } from "./config.ts";
import { rooms } from "./rooms.ts";
import type { Logger } from "../gateways/log.ts";
import { AuthServer } from "./server.ts";

/** Starts it, and resolves once it serves. @throws ConfigError */
export async function serve(env: Environment): Promise<void> {
  const config = readConfig(env);
  const log = createLog(config.logLevel, 1);
  const server = new AuthServer(config, log, rooms);
  await listen(server, config);
  log.info({ issuer: config.issuer, port: server.port }, "serving");
  surviveUncaughtErrors(log);
  for (const signal of ["SIGTERM", "SIGINT"] as const)
    process.once(signal, () => {
      log.info({ drainDelay: config.drainDelay }, "stopping");
      void sleep(config.drainDelay).then(() => server.close());
    });
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
