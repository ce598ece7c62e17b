#!/usr/bin/env node
/** The command `gangway-auth`: runs the authorization server, and shows and ends what it has given out. */
import { watchOutput } from "../gateways/lost-output.ts";
import { ConfigError } from "./config.ts";

const WRONG_USE = 2;

watchOutput();

try {
  const [command = "serve", ...rest] = process.argv.slice(2);
  if (command === "serve") await (await import("./serve.ts")).serve(process.env);
  else await (await import("./commands.ts")).runCommand(command, rest, process.env);
} catch (error) {
  if (!(error instanceof ConfigError)) throw error;
  process.stderr.write(`gangway-auth: ${error.message.replaceAll("\n", "\ngangway-auth: ")}\n`);
  process.exitCode = WRONG_USE;
}
