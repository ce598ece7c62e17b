#!/usr/bin/env node
/** The command `gangway`: reads the configuration, says what it is about to do, and runs the gateway. */
import { ConfigError, type GatewayConfig } from "./config.ts";
import { shownSecrets } from "./config/callers.ts";
import { isMainInContainer } from "./config/environment.ts";
import { readArguments, readOneServer, type Invocation } from "./config/flags.ts";
import { watchOutput } from "./lost-output.ts";
import { firstLine } from "./screen.ts";
import { tell } from "./tell.ts";
import { VERSION } from "./version.ts";

const WRONG_USE = 2;

watchOutput();

try {
  const invocation = readArguments(process.argv.slice(2));
  // The title takes the place of the command line, which every user of the machine can read.
  if (shownSecrets(invocation.given).length > 0) process.title = "gangway";
  for (const word of invocation.words) tell("stderr", `gangway: ${word}`);
  if (invocation.help) tell("stdout", (await import("./config/help.ts")).helpText().trimEnd());
  else if (invocation.version) tell("stdout", `gangway ${VERSION}`);
  else {
    const config = await configOf(invocation);
    // Whatever takes long to import is imported after the first line.
    await (await import("./run.ts")).run(config, invocation, await readAgain(invocation));
  }
} catch (error) {
  if (!(error instanceof ConfigError)) throw error;
  tell("stderr", `gangway: ${error.message.replaceAll("\n", "\ngangway: ")}`);
  process.exitCode = WRONG_USE;
}

async function configOf(invocation: Invocation): Promise<GatewayConfig> {
  const { config: file, given } = invocation;
  const isAlone = file === undefined && given.size === 0; // configured by the environment, as a container is
  if (file === undefined) {
    const variables = { env: process.env, plain: isAlone || isMainInContainer() };
    const config = readOneServer(invocation, variables);
    if (given.size > 0) tell("stdout", firstLine(VERSION, config.services[0]!.name));
    return config;
  }
  tell("stdout", firstLine(VERSION, `the servers in ${file}`));
  return (await readAgain(invocation))!();
}

/** Reads the file again; undefined where there is none. */
async function readAgain({ config: file, given }: Invocation): Promise<(() => GatewayConfig) | undefined> {
  if (file === undefined) return undefined;
  const { readConfigFile } = await import("./config/file.ts");
  return () => readConfigFile(file, given, { env: process.env, plain: isMainInContainer() });
}
