#!/usr/bin/env node
/** The command `gangway`: reads the configuration, starts the gateway, and stops it on a signal. */
import { ConfigError, type GatewayConfig } from "./config.ts";
import { shownSecrets } from "./config/callers.ts";
import { isMainInContainer } from "./config/environment.ts";
import { readConfigFile } from "./config/file.ts";
import { readArguments, readOneServer, type Invocation } from "./config/flags.ts";
import { helpText } from "./config/help.ts";
import { Gateway } from "./gateway.ts";
import { whenParentEnds } from "./parent.ts";
import { VERSION } from "./version.ts";
import { createLog, type Logger } from "./log.ts";
import { told } from "./secrets.ts";
import type { Service } from "./sessions/service.ts";

const EXIT = { failed: 1, wrongUse: 2 } as const;
const FILE = { stdout: 1, stderr: 2 } as const;

/** Milliseconds in which a second signal is the first one again: npm passes on what the terminal has sent to us already. */
const ECHO = 500;

try {
  const invocation = readArguments(process.argv.slice(2));
  // The title takes the place of the command line, which every user of the machine can read.
  if (shownSecrets(invocation.given).length > 0) process.title = "gangway";
  if (invocation.help) tell("stdout", helpText().trimEnd());
  else if (invocation.version) tell("stdout", `gangway ${VERSION}`);
  else await run(configOf(invocation), invocation);
} catch (error) {
  if (!(error instanceof ConfigError)) throw error;
  tell("stderr", `gangway: ${error.message.replaceAll("\n", "\ngangway: ")}`);
  process.exitCode = EXIT.wrongUse;
}

function configOf(invocation: Invocation): GatewayConfig {
  const { config, given } = invocation;
  const isAlone = config === undefined && given.size === 0; // configured by the environment, as a container is
  const variables = { env: process.env, plain: isAlone || isMainInContainer() };
  return config === undefined ? readOneServer(invocation, variables) : readConfigFile(config, given, variables);
}

async function run(config: GatewayConfig, { given, config: file }: Invocation): Promise<void> {
  const interactive = given.size > 0 || file !== undefined;
  const quiet = interactive && process.stderr.isTTY && !given.has("logLevel") && !process.env["GANGWAY_LOG_LEVEL"];
  const log = createLog(quiet ? "warn" : config.logLevel, interactive && !isMainProcess() ? FILE.stderr : FILE.stdout);
  for (const warning of config.warnings) log.warn(warning);
  for (const note of config.notes) log.info(note);
  const gateway = new Gateway(config, log);
  const stop = stopOnSignal(gateway, log);
  whenParentEnds(config.stopWithParent, () => stop({ reason: "the process that started the gateway has ended" }));
  surviveUncaughtErrors(log);
  try {
    // A container (no flags, no file) must not get traffic before it can serve; a person wants to see what is wrong.
    await gateway.start({ portFirst: interactive });
    if (gateway.stopping) return;
    const [only] = gateway.services;
    if (!config.hub && only?.state === "failed") throw new Error(whyFailed(only));
  } catch (error) {
    if (gateway.stopping) return;
    if (interactive || !log.isLevelEnabled("fatal")) tell("stderr", `gangway: ${(error as Error).message}`);
    else log.fatal((error as Error).message);
    await gateway.stop();
    process.exit(EXIT.failed);
  }
  for (const { name, state, tools, error } of gateway.services) {
    log.info({ service: name, state, tools, error }, "service");
  }
  log.info({ host: config.host, port: gateway.port }, "listening");
  if (config.hint !== undefined) sayHint(config.hint, gateway, log);
  if (interactive) for (const service of gateway.services) tell("stdout", lineAbout(gateway, service));
}

/**
 * Whether this is what a container runs. Then nobody reads the lines for people, and the log goes where such logs are looked
 * for, on stdout, even if the settings are in a file or in flags.
 */
function isMainProcess(): boolean {
  return process.pid === 1 && !process.stdout.isTTY && !process.stderr.isTTY;
}

/** What people read. Servers have their say in it. */
function tell(stream: "stdout" | "stderr", text: string): void {
  process[stream].write(`${told(text, { lines: true, limit: 65_536 })}\n`);
}

/** Why the only server did not start: most likely a mistake in the command, so its stderr is shown at once. */
function whyFailed({ error, lastStderr }: Service): string {
  return lastStderr ? `${error}\nThe last lines of its stderr:\n${lastStderr}` : String(error);
}

/** A gateway without services says what to do: in the log and on the terminal. The hub says it, too. */
function sayHint(hint: string, gateway: Gateway, log: Logger): void {
  log.warn(hint);
  tell("stdout", `http://127.0.0.1:${gateway.port}: ${hint}`);
}

function lineAbout(gateway: Gateway, service: Service): string {
  const { name, state, tools, needs, error } = service;
  if (state !== "up") return `${name}: ${state}: ${needs ?? error}`;
  return `${name}: ${gateway.addressOf(service).url} (${tools ?? "it does not list its"} tools)`;
}

/** The first signal stops the gateway gracefully, a second one at once. @returns what stops it for another reason */
function stopOnSignal(gateway: Gateway, log: Logger): (why: object) => void {
  let stopping = false;
  const stop = (why: object) => {
    if (stopping) return;
    stopping = true;
    log.info(why, "stopping");
    gateway.stop().then(
      () => process.exit(0),
      (err: unknown) => {
        log.error({ err }, "could not stop gracefully");
        process.exit(EXIT.failed);
      },
    );
  };
  // SIGHUP: the terminal has been closed. Without a handler the gateway would end without ending its servers.
  let last = -Infinity;
  for (const signal of ["SIGTERM", "SIGINT", "SIGHUP"] as const) {
    process.on(signal, () => {
      const isEcho = performance.now() - last < ECHO;
      last = performance.now();
      if (!stopping) stop({ signal });
      else if (!isEcho) process.exit(EXIT.failed);
    });
  }
  return stop;
}

/** No client or child may bring the gateway down: an uncaught error is a bug of ours, and is logged. */
function surviveUncaughtErrors(log: Logger): void {
  process.on("uncaughtException", (err) => log.error({ err }, "uncaught"));
  process.on("unhandledRejection", (err) => log.error({ err }, "unhandled"));
}
