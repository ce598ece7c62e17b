/** A gateway in a program of one's own: `import { createGateway } from "gangway-mcp"`. */
import { EventEmitter } from "node:events";
import { ConfigError } from "./config.ts";
import { OF_PROCESS } from "./config/every-option.ts";
import { readContent } from "./config/file.ts";
import type { Environment } from "./config/environment.ts";
import { Gateway, type GatewayWatcher } from "./gateway.ts";
import type { GatewayOptions, ServerOptions } from "./library-options.ts";
import { createLog, type Logger } from "./log.ts";
import type { Service, ServiceState } from "./sessions/service.ts";
import type { SessionEvent } from "./sessions/sessions.ts";

export { ConfigError } from "./config.ts";
export type { GatewayOptions, ServerOptions } from "./library-options.ts";
export type { Verification, VerifyToken } from "./auth/verifiers/verifier.ts";

/** A service as it is now. */
export interface ServiceStatus {
  readonly name: string;
  /**
   * "needs": something is missing before it can run; "failed": its server did not start, or has ended, and is started again;
   * "stopped": the gateway is closed.
   */
  readonly state: ServiceState;
  /** Where clients reach it, with Streamable HTTP; undefined while the gateway does not listen. */
  readonly url: string | undefined;
  /** How many tools its server lists; undefined when it has not listed them. */
  readonly tools: number | undefined;
  /** Why it failed, what it needs, or why it cannot be reached at its own port. */
  readonly error: string | undefined;
}

/** A client has opened a session, or its session has ended. Clients of MCP 2026-07-28 open none. */
export interface SessionStatus extends SessionEvent {
  readonly service: string;
}

/** A service has failed. The message is what the log says. */
export class ServiceError extends Error {
  override readonly name: string = "ServiceError";
  readonly service: string;

  constructor(service: string, message: string) {
    super(message);
    this.service = service;
  }
}

/** What a gateway tells the program around it. */
export interface GatewayEvents {
  /** Its port is open; its services start. `url` is that of its status page. */
  listening: [{ readonly url: string; readonly port: number }];
  /** A service has another state, error or number of tools than before: first "starting", at last "stopped". */
  service: [ServiceStatus];
  session: [SessionStatus];
  /** A service has failed. Nothing is thrown where nobody listens: the gateway goes on, and starts the server again. */
  error: [ServiceError];
}

/** Makes a gateway that listens once `start()` is called. @throws ConfigError that names the option */
export function createGateway(options: GatewayOptions = {}): EmbeddedGateway {
  return new EmbeddedGateway(options);
}

/**
 * A gateway in this process. It handles no signals, never exits the process and writes nothing, unless `log` says where.
 * Several may run beside each other.
 */
export class EmbeddedGateway extends EventEmitter<GatewayEvents> {
  readonly #options: GatewayOptions;
  readonly #servers = new Map<string, ServerOptions>();
  #gateway: Gateway | undefined;
  #starting: Promise<void> | undefined;
  #closing: Promise<void> | undefined;

  /** @throws ConfigError */
  constructor(options: GatewayOptions) {
    super();
    requireObject("createGateway", options);
    this.#options = { ...options };
    read(this.#options, new Map());
  }

  /**
   * Adds a server, which is served at `/<name>/mcp`.
   * @param name lower case letters, digits and dashes
   * @throws ConfigError that names the option; also when the name is taken, or the gateway has started or is closed
   */
  addServer(name: string, server: ServerOptions): this {
    const where = `addServer("${name}")`;
    if (this.#closing) throw new ConfigError(`${where}: the gateway is closed: create another one`);
    if (this.#starting) throw new ConfigError(`${where}: the gateway has started: add all servers before start()`);
    if (this.#servers.has(name)) throw new ConfigError(`${where}: there is a server of this name already`);
    requireObject(where, server);
    const servers = new Map(this.#servers).set(name, { ...server });
    // Whether others can reach it, and so need a token, is known now: nothing is added that could not start.
    read(this.#options, servers);
    this.#servers.set(name, { ...server });
    return this;
  }

  /**
   * Opens the port and starts every server. Resolves when each is up or has failed once: `services` says which. Called again, it
   * waits for the same start.
   * @throws ConfigError without a server: add one and call it again
   * @throws Error when the port is taken, which closes the gateway, and when it is closed, also while it starts
   */
  async start(): Promise<void> {
    if (this.#servers.size === 0) throw new ConfigError("start(): there are no servers: call addServer() first");
    if (!this.#closing) this.#starting ??= this.#start();
    await this.#starting;
    if (this.#closing) throw new Error("start(): the gateway is closed: create another one");
  }

  async #start(): Promise<void> {
    try {
      this.#gateway = this.#make();
      await this.#gateway.start({ portFirst: true });
    } catch (error) {
      await this.close();
      throw error;
    }
  }

  #make(): Gateway {
    const config = read(this.#options, this.#servers);
    const { log } = this.#options;
    const logger = createLog(log === undefined ? "silent" : config.logLevel, log ?? (() => {}));
    for (const warning of config.warnings) logger.warn(warning);
    // Without a log, no service writes lines of its own level either.
    const services = config.services.map((one) => (log === undefined ? { ...one, logLevel: config.logLevel } : one));
    return new Gateway({ ...config, services }, logger, this.#watcher(logger));
  }

  /** Tells the events. */
  #watcher(log: Logger): GatewayWatcher {
    return {
      listening: () => this.#tell("listening", { url: this.url!, port: this.#gateway!.port }),
      service: (service) => this.#tellService(service, log),
      session: ({ name }, event) => this.#tell("session", { service: name, ...event }),
    };
  }

  #tellService(service: Service, log: Logger): void {
    const status = this.#statusOf(service);
    const { name, state, tools, error } = status;
    log.info({ service: name, state, tools, error }, "service");
    this.#tell("service", status);
    if (state === "failed") this.#tell("error", new ServiceError(name, error ?? "it has failed"));
  }

  /** In a turn of its own: a listener that throws is a fault of the program around us, and must not end a step of the gateway. */
  #tell<E extends keyof GatewayEvents>(event: E, ...told: GatewayEvents[E]): void {
    const emit = this.emit.bind(this) as (event: string, ...told: unknown[]) => boolean;
    queueMicrotask(() => {
      if (event !== "error" || this.listenerCount("error") > 0) emit(event, ...told);
    });
  }

  /** The services as they are now. Empty before `start()`. */
  get services(): ServiceStatus[] {
    return (this.#gateway?.services ?? []).map((service) => this.#statusOf(service));
  }

  /** Its own address, with the status page; undefined while it does not listen. */
  get url(): string | undefined {
    const [first] = this.#gateway?.services ?? [];
    if (first === undefined || this.#gateway!.port === 0) return undefined;
    return new URL("/", this.#gateway!.addressOf(first).hubUrl).href;
  }

  /** Where clients reach a service. @throws Error while it does not listen, and for a name that is not there */
  urlOf(name: string): string {
    const { url } = this.services.find((service) => service.name === name) ?? {};
    if (url === undefined) throw new Error(`urlOf("${name}"): no service of this name listens`);
    return url;
  }

  /**
   * Lets open calls finish (for at most `drainTimeout`), then ends every server and connection. Resolves when nothing is left.
   * Called again, it returns the same promise. It may be called at any time, and what is closed stays closed.
   */
  close(): Promise<void> {
    this.#closing ??= this.#gateway?.stop() ?? Promise.resolve();
    return this.#closing;
  }

  #statusOf(service: Service): ServiceStatus {
    const { name, state, tools, needs, error } = service;
    const gateway = this.#gateway!;
    const url = gateway.port === 0 ? undefined : gateway.addressOf(service).url;
    return { name, state, url, tools, error: needs ?? error };
  }
}

/** What was written, checked as gateway.json is. @throws ConfigError */
function read({ log, ...options }: GatewayOptions, servers: ReadonlyMap<string, ServerOptions>) {
  if (log !== undefined && typeof log !== "function")
    throw new ConfigError(`createGateway: log: expected a function that takes lines`);
  if ("mcpServers" in options) throw new ConfigError("createGateway: mcpServers: add each of them with addServer()");
  const other = OF_PROCESS.find((name) => name in options);
  if (other !== undefined)
    throw new ConfigError(`createGateway: ${other}: it is for a gateway in a process of its own: leave it out`);
  const content = {
    ...written(options),
    mcpServers: Object.fromEntries([...servers].map(([k, v]) => [k, written(v)])),
  };
  return readContent(content, "createGateway", new Map(), { env: ownEnvironment(), plain: false });
}

/** What somebody writes who has no types. @throws ConfigError */
function requireObject(where: string, given: unknown): void {
  if (typeof given !== "object" || given === null || Array.isArray(given))
    throw new ConfigError(`${where}: expected an object with options`);
}

/** An option that is undefined is not set. */
const written = (options: object) =>
  Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined));

/** `${NAME}` is filled as in gateway.json. The gateway's own variables are for its command: here the program decides. */
function ownEnvironment(): Environment {
  return Object.fromEntries(Object.entries(process.env).filter(([name]) => !/^(GANGWAY|MCP)_/.test(name)));
}
