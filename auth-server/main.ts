#!/usr/bin/env node
/** The command `gangway-auth`: runs the authorization server, and shows and ends what it has given out. */
import { watchOutput } from "../gateways/lost-output.ts";
import { ConfigError } from "./config.ts";

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
  } else if (isOfDatabase(error)) {
    tell(`its database cannot be used: ${error.message}. Look at the disk, and at who may write to its folder`);
    process.exitCode = FAILED;
  } else throw error;
}

function tell(text: string): void {
  process.stderr.write(`gangway-auth: ${text.replaceAll("\n", "\ngangway-auth: ")}\n`);
}

/** A disk that is full, a folder of somebody else, a file that is no database. */
function isOfDatabase(error: unknown): error is NodeJS.ErrnoException {
  return error instanceof Error && (error as NodeJS.ErrnoException).code === "ERR_SQLITE_ERROR";
}
