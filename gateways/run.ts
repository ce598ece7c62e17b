/** Runs a gateway until a signal stops it, and tells the person who started it what goes on. */
import { networkInterfaces } from "node:os";
import { paintFor } from "./colours.ts";
import { gatewayOptions, type GatewayConfig } from "./config.ts";
import { isExposed } from "./config/callers.ts";
import type { Invocation } from "./config/flags.ts";
import { lookInLog } from "./errors.ts";
import { Gateway } from "./gateway.ts";
import { hangUps } from "./hang-up.ts";
import { liveLine } from "./live-line.ts";
import { createLog, type Logger } from "./log.ts";
import { LogForPeople } from "./log-for-people.ts";
import type { LogLevel } from "./log-levels.ts";
import { whenParentEnds } from "./parent.ts";
import type { Reload } from "./reload.ts";
import { endedLine, readyLines, serviceLine, stoppingLine, waitingLine, waitingName } from "./screen.ts";
import { isTaken, nextFree, takenBy } from "./ports.ts";
import { withoutSandbox } from "./sandboxes.ts";
import type { Service } from "./sessions/service.ts";
import { tell } from "./tell.ts";

const FAILED = 1;
const FILE = { stdout: 1, stderr: 2 } as const;

/** Milliseconds in which a second signal is the first one again: npm passes on what the terminal has sent to us already. */
const ECHO = 500;

/** Milliseconds after which a screen on which nothing moves says who still starts. */
const WAITING = [5_000, 15_000, 30_000, 60_000, 120_000, 300_000];

/** Starts it, and resolves once it serves. Exits when it cannot. @param read reads the file again; undefined = there is none */
export async function run(
  asked: GatewayConfig,
  { given, config: file }: Invocation,
  read?: () => GatewayConfig,
): Promise<void> {
  const interactive = given.size > 0 || file !== undefined;
  const config = interactive ? await onFreePort(asked, given) : asked;
  const { log, people } = logOf(config, interactive, given);
  openNoDebugger();
  for (const warning of config.warnings) log.warn(warning);
  const exposed = withoutSandbox(config.services);
  if (exposed !== undefined) log.warn(exposed);
  for (const note of config.notes) log.info(note);
  const gateway = new Gateway(config, log);
  const reload = file !== undefined && read ? await watchFile(file, read, gateway, log) : undefined;
  takeVariables();
  const stop = stopOnSignal(gateway, log, { interactive, reload: reload && (() => reload.take()) });
  whenParentEnds(config.stopWithParent, () => stop({ reason: "the process that started the gateway has ended" }));
  surviveUncaughtErrors(log);
  const starting = interactive ? showStart(gateway, log, people) : undefined;
  try {
    // A container (no flags, no file) must not get traffic before it can serve; a person wants to see what is wrong.
    await gateway.start({ portFirst: interactive, settled: starting?.settled });
    starting?.end();
    if (gateway.stopping) return;
    const [only] = gateway.services;
    if (!config.hub && only?.state === "failed") throw new Error(whyFailed(only));
  } catch (error) {
    starting?.end();
    if (gateway.stopping) return;
    if (interactive || !log.isLevelEnabled("fatal")) tell("stderr", `gangway: ${(error as Error).message}`);
    else log.fatal((error as Error).message);
    await gateway.stop();
    process.exit(FAILED);
  }
  for (const { name, state, tools, error } of gateway.services) {
    log.info({ service: name, state, tools, error }, "service");
  }
  log.info({ host: config.host, port: gateway.port }, "listening");
  if (config.hint !== undefined) sayHint(config.hint, gateway, log);
  if (interactive && process.stdout.isTTY) for (const line of whatNext(gateway, config)) tell("stdout", line);
}

/**
 * A port that nobody chose may be another one when it is taken, where somebody sees that. A client's settings name the port, so
 * one that was chosen is kept, and in a script the start fails.
 */
async function onFreePort(config: GatewayConfig, given: Invocation["given"]): Promise<GatewayConfig> {
  const { port, host, hub } = config;
  const isChosen = hub || given.has("port") || String(port) !== gatewayOptions.port.default;
  if (isChosen || !process.stdout.isTTY || !(await isTaken(port, host))) return config;
  const free = await nextFree(port, host);
  if (free === undefined) return config;
  tell("stdout", `  port ${port} is taken by ${takenBy(port)}, so this is ${free} (to choose one: --port ${free})`);
  return { ...config, port: free, services: config.services.map((service) => ({ ...service, port: free })) };
}

/** JSON, or lines for people, which are fewer: on a terminal nobody asked for the rest. */
function logOf(config: GatewayConfig, interactive: boolean, given: Invocation["given"]) {
  const target = interactive && !isMainProcess() ? FILE.stderr : FILE.stdout;
  const stream = target === FILE.stderr ? process.stderr : process.stdout;
  const format = config.logFormat ?? (stream.isTTY ? "pretty" : "json");
  const quiet = interactive && process.stderr.isTTY && !given.has("logLevel") && !process.env["GANGWAY_LOG_LEVEL"];
  const level: LogLevel = quiet ? "warn" : config.logLevel;
  if (format === "json") return { log: createLog(level, target), people: undefined };
  const write = (text: string) => {
    liveLine.clear();
    stream.write(text);
  };
  const people = new LogForPeople({ write, paint: paintFor(stream), level });
  return { log: createLog(level, people.take), people };
}

/** Shows who starts and for how long, and each service as it settles. */
function showStart(gateway: Gateway, log: Logger, people: LogForPeople | undefined) {
  const since = performance.now();
  const level = log.level;
  if (people) log.level = "debug"; // what servers write to stderr; the lines for people leave out the rest
  const waiting = new Set(gateway.services.filter(({ state }) => state === "starting").map(({ name }) => name));
  for (const name of waiting) people?.starts(name);
  const names = () => gateway.services.filter(({ name }) => waiting.has(name)).map(waitingName);
  liveLine.show(() => `starting ${names().join(", ")}`);
  const timers = WAITING.map((ms) =>
    setTimeout(() => {
      if (!liveLine.isShown) tell("stdout", waitingLine(names(), ms));
      for (const name of waiting) people?.showWaiting(name);
    }, ms).unref(),
  );
  return {
    settled: (service: Service): void => {
      waiting.delete(service.name);
      people?.settled(service.name);
      // The only one's failure is told with what it wrote last.
      if (gateway.stopping || (service.state === "failed" && gateway.services.length === 1)) return;
      tell("stdout", serviceLine(shown(gateway, service), performance.now() - since));
    },
    end: (): void => {
      for (const timer of timers) clearTimeout(timer);
      liveLine.hide();
      log.level = level;
    },
  };
}

/** Whoever started the gateway with a channel can change its variables, which a file that is read again refers to. */
function takeVariables(): void {
  process.on("message", (message: { readonly variables?: Readonly<Record<string, string | null>> } | null) => {
    for (const [name, value] of Object.entries(message?.variables ?? {})) {
      if (value === null) delete process.env[name];
      else process.env[name] = value;
    }
  });
  process.channel?.unref();
}

/** Takes changes of the file once the gateway listens. */
async function watchFile(file: string, read: () => GatewayConfig, gateway: Gateway, log: Logger): Promise<Reload> {
  const { Reload } = await import("./reload.ts");
  const { checkTogether } = await import("./config/file.ts");
  return new Reload(file, {
    gateway,
    config: gateway.config,
    read,
    check: (config) => checkTogether(config, file, "host"),
    watcher: {
      settled: (service, took) => tell("stdout", serviceLine(shown(gateway, service), took)),
      ended: ({ name }) => {
        if (!gateway.services.some((service) => service.name === name)) tell("stdout", endedLine(name));
      },
    },
    tell: (line) => tell("stdout", line),
    log,
  });
}

const shown = (gateway: Gateway, service: Service) => {
  const { name, state, tools, rests, needs, error } = service;
  return { name, state, tools, rests, needs, error, url: gateway.addressOf(service).url };
};

function whatNext(gateway: Gateway, config: GatewayConfig): string[] {
  const up = gateway.services.find(({ state }) => state === "up");
  const example = up && { name: up.name, url: gateway.addressOf(up).url };
  const isAsked = [...config.tokens, ...config.tokenDigests].length > 0;
  return readyLines({
    example,
    network: example === undefined ? [] : elsewhere(config.host).map((host) => withHost(example.url, host)),
    token: isAsked ? "<your token>" : undefined,
  });
}

/** The addresses by which other machines reach a host: those of this machine where it listens on all. */
function elsewhere(host: string): string[] {
  if (!isExposed(host)) return [];
  if (host !== "0.0.0.0" && host !== "::") return [host];
  return Object.values(networkInterfaces())
    .flatMap((list) => list ?? [])
    .filter(({ internal, family }) => !internal && family === "IPv4")
    .map(({ address }) => address);
}

function withHost(url: string, host: string): string {
  const other = new URL(url);
  other.hostname = host;
  return other.href;
}

/**
 * Whether this is what a container runs. Then nobody reads the lines for people, and the log goes where such logs are looked
 * for, on stdout, even if the settings are in a file or in flags.
 */
function isMainProcess(): boolean {
  return process.pid === 1 && !process.stdout.isTTY && !process.stderr.isTTY;
}

/** Why the only server did not start: most likely a mistake in the command, so its stderr is shown at once. */
function whyFailed({ error, lastStderr }: Service): string {
  const why = String(error);
  if (lastStderr) return `${why.replaceAll(` ${lookInLog}`, "")}\nThe last lines of its stderr:\n${lastStderr}`;
  return why.replaceAll(lookInLog, "It wrote nothing to stderr.");
}

/** A gateway without services says what to do: in the log and on the terminal. The hub says it, too. */
function sayHint(hint: string, gateway: Gateway, log: Logger): void {
  log.warn(hint);
  tell("stdout", `http://127.0.0.1:${gateway.port}: ${hint}`);
}

/** On SIGUSR1, which a server of ours can send, Node would open a debugger. With a listener, it does not. */
function openNoDebugger(): void {
  process.on("SIGUSR1", () => {});
}

/** What signals do. */
interface OnSignal {
  readonly interactive: boolean;
  /** Reads the file again: SIGHUP asks for that, unless it says that the terminal has been closed. @default - there is none */
  readonly reload: (() => void) | undefined;
}

/** The first signal stops the gateway gracefully, a second one at once. @returns what stops it for another reason */
function stopOnSignal(gateway: Gateway, log: Logger, { interactive, reload }: OnSignal): (why: object) => void {
  let stopping = false;
  const isHangUp = hangUps();
  const stop = (why: object) => {
    if (stopping) return;
    stopping = true;
    log.info(why, "stopping");
    if (interactive) tell("stdout", stoppingLine(gateway.services.reduce((sum, { openCalls }) => sum + openCalls, 0)));
    gateway.stop().then(
      () => {
        if (interactive) tell("stdout", "stopped");
        process.exit(0);
      },
      (err: unknown) => {
        log.error({ err }, "could not stop gracefully");
        process.exit(FAILED);
      },
    );
  };
  // Without a handler the gateway would end without ending its servers.
  let last = -Infinity;
  for (const signal of ["SIGTERM", "SIGINT", "SIGHUP"] as const) {
    process.on(signal, () => {
      if (signal === "SIGHUP" && reload && !stopping && !isHangUp()) return reload();
      const isEcho = performance.now() - last < ECHO;
      last = performance.now();
      if (!stopping) stop({ signal });
      else if (!isEcho) stopAtOnce(interactive);
    });
  }
  return stop;
}

function stopAtOnce(interactive: boolean): never {
  if (interactive) tell("stdout", "stopped at once");
  process.exit(FAILED);
}

/** No client or child may bring the gateway down: an uncaught error is a bug of ours, and is logged. */
function surviveUncaughtErrors(log: Logger): void {
  process.on("uncaughtException", (err) => log.error({ err }, "uncaught"));
  process.on("unhandledRejection", (err) => log.error({ err }, "unhandled"));
}
