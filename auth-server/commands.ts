/** What the operator does beside a running server, on the same store. */
import { ConfigError, readState, type Environment } from "./config.ts";
import { OPERATOR_USAGE, operatorCommands, Refused } from "./operator.ts";
import { openStore } from "./store/open.ts";
import { USERS_USAGE } from "./users/command.ts";

const USAGE = `gangway-auth serve\n${USERS_USAGE}\n\n${OPERATOR_USAGE}`;

/** Runs a command. What it refuses is said, and the exit code is 1. @throws ConfigError for wrong use */
export async function runCommand(command: string, args: readonly string[], env: Environment): Promise<void> {
  if (command === "users") return (await import("./users/run.ts")).runUsersCommand(args, env);
  if (/^(--)?help$/.test(command)) return console.log(USAGE);
  const found = Object.hasOwn(operatorCommands, command) ? operatorCommands[command] : undefined;
  if (!found) throw new ConfigError(`got ${command}, expected serve, users, sessions, revoke or clients`);
  const store = await openStore(readState(env), () => undefined);
  try {
    console.log(await found(args, store));
  } catch (error) {
    if (!(error instanceof Refused)) throw error;
    console.error(error.message);
    process.exitCode = 1;
  } finally {
    await store.close();
  }
}
