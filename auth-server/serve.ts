/** Runs the server until a signal stops it. */
import { createLog } from "../gateways/log.ts";
import { readConfig, type Environment } from "./config.ts";
import { rooms } from "./rooms.ts";
import { AuthServer } from "./server.ts";

/** Starts it, and resolves once it serves. @throws ConfigError */
export async function serve(env: Environment): Promise<void> {
  const config = readConfig(env);
  const log = createLog(config.logLevel, 1);
  const server = new AuthServer(config, log, rooms);
  await server.listen();
  log.info({ issuer: config.issuer, port: server.port }, "serving");
  for (const signal of ["SIGTERM", "SIGINT"] as const) process.once(signal, () => void server.close());
}
