#!/usr/bin/env node
/** The command `gangway-auth`: runs the authorization server, and shows and ends what it has given out. */
import { watchOutput } from "../gateways/lost-output.ts";
import { ConfigError } from "./config.ts";
import { StoreAway, StoreRefused } from "./store/store.ts";

const FAILED = 1;
const WRONG_USE = 2;

watchOutput();

try {
  const [command = "serve", ...rest] = process.argv.slice(2);
  if (command === "serve") await (await import("./serve.ts")).serve(process.env);
  else await (await import("./commands.ts")).runCommand(command, rest, process.env);
} catch (error) {
  if (error instanceof ConfigError) {
    tell(error.message);
    process.exitCode = WRONG_USE;
  } else {
    const problem = problemOfStore(error);
    if (problem === undefined) throw error;
    tell(problem);
    process.exitCode = FAILED;
  }
}

function tell(text: string): void {
  process.stderr.write(`gangway-auth: ${text.replaceAll("\n", "\ngangway-auth: ")}\n`);
}

/** A disk that is full, a folder of somebody else, a file that is no database; Redis that is away, or refuses. */
function problemOfStore(error: unknown): string | undefined {
  if (error instanceof StoreRefused) return error.message;
  const cause = error instanceof StoreAway ? error.cause : error;
  const { code, message } = (cause ?? {}) as NodeJS.ErrnoException;
  if (code === "ERR_SQLITE_ERROR")
    return `its database cannot be used: ${message}. Look at the disk, and at who may write to its folder`;
  return error instanceof StoreAway ? `STATE_URL: Redis cannot be reached: ${message}` : undefined;
}
