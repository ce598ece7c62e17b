/** What the operator does beside a running server, on the same database. */
import { ConfigError, type Environment } from "./config.ts";

/** Runs a command. @throws ConfigError for a command that there is not */
export async function runCommand(command: string, _args: readonly string[], _env: Environment): Promise<void> {
  throw new ConfigError(`got ${command}, expected serve, users, sessions, revoke or clients`);
}
