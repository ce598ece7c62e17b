/** The command `users`, on the database of a server that may be running. */
import { readDataDir, readIssuer, type Environment } from "../config.ts";
import { printable } from "../../gateways/printable.ts";
import { endGrants } from "../store/grants.ts";
import { databaseIn } from "../store/data-folder.ts";
import { Database } from "../store/database.ts";
import { runUsers } from "./command.ts";
import { readPassword } from "./read-password.ts";
import { Users } from "./users.ts";

/** Runs it, and sets the exit code. @throws ConfigError */
export async function runUsersCommand(args: readonly string[], env: Environment): Promise<void> {
  const issuer = readIssuer(env);
  const database = new Database(databaseIn(readDataDir(env)));
  const parts = {
    users: new Users(database),
    issuer,
    endGrants: (account: string) => endGrants(database, { account }).length,
    readPassword,
    print: (text: string) => console.log(shown(text)),
  };
  process.exitCode = await runUsers(args, parts, (text) => console.error(shown(text)));
  database.close();
}

const shown = (text: string) => printable(text, { lines: true, limit: Infinity });
