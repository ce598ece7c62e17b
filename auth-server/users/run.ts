/** The command `users`, on the store of a server that may be running. */
import { readIssuer, readState, type Environment } from "../config.ts";
import { printable } from "../../gateways/printable.ts";
import { openStore } from "../store/open.ts";
import { runUsers } from "./command.ts";
import { readPassword } from "./read-password.ts";
import { Users } from "./users.ts";

/** Runs it, and sets the exit code. @throws ConfigError */
export async function runUsersCommand(args: readonly string[], env: Environment): Promise<void> {
  const issuer = readIssuer(env);
  const store = await openStore(readState(env), () => undefined);
  const parts = {
    users: new Users(store.users),
    issuer,
    endGrants: async (account: string) => (await store.grants.endAll({ account })).length,
    readPassword,
    print: (text: string) => console.log(shown(text)),
  };
  try {
    process.exitCode = await runUsers(args, parts, (text) => console.error(shown(text)));
  } finally {
    await store.close();
  }
}

const shown = (text: string) => printable(text, { lines: true, limit: Infinity });
