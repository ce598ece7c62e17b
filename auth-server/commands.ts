/** What the operator does beside a running server, on the same database. */
import { ConfigError, type Environment } from "./config.ts";

/** Runs a command. @throws ConfigError for a command that there is not */
export async function runCommand(command: string, args: readonly string[], env: Environment): Promise<void> {
  if (command === "users") return (await import("./users/run.ts")).runUsersCommand(args, env);
  throw new ConfigError(`got ${command}, expected serve, users, sessions, revoke or clients`);
}
