/** A gateway in a program of one's own: `import { createGateway } from "gangway-mcp"`. */
import { EventEmitter } from "node:events";
import { ConfigError } from "./config.ts";
import { readContent } from "./config/file.ts";
import type { Environment } from "./config/environment.ts";
import { Gateway } from "./gateway.ts";
import type { GatewayOptions, ServerOptions } from "./library-options.ts";
import { createLog } from "./log.ts";
import type { Service, ServiceState } from "./sessions/service.ts";

export { ConfigError } from "./config.ts";
export type { GatewayOptions, ServerOptions } from "./library-options.ts";

/** A service as it is now. */
export interface ServiceStatus {
  readonly name: string;
  /** "needs": something is missing before it can run; "failed": its server did not start, or has ended. */
  readonly state: ServiceState;
  /** Where clients reach it, with Streamable HTTP; undefined before `start()`. */
  readonly url: string | undefined;
  /** How many tools its server lists; undefined when it has not listed them. */
  readonly tools: number | undefined;
  /** Why it failed, or what it needs. */
  readonly error: string | undefined;
}

/** What a gateway tells the program around it. */
export interface GatewayEvents {
  /** Its port is open. `url` is that of its status page. */
  listening: [{ readonly url: string; readonly port: number }];
  /** The server of a service has started, or has failed to. */
  service: [ServiceStatus];
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
    this.#options = { ...options };
    read(this.#options, new Map());
  }

  /**
   * Adds a server, which is served at `/<name>/mcp`.
   * @param name lower case letters, digits and dashes
   * @throws ConfigError that names the option; also when the name is taken, or the gateway has started
   */
  addServer(name: string, server: ServerOptions): this {
    const where = `addServer("${name}")`;
    if (this.#starting) throw new ConfigError(`${where}: the gateway has started: add all servers before start()`);
    if (this.#servers.has(name)) throw new ConfigError(`${where}: there is a server of this name already`);
    const servers = new Map(this.#servers).set(name, { ...server });
    // Whether others can reach it, and so need a token, is known now: nothing is added that could not start.
    read(this.#options, servers);
    this.#servers.set(name, { ...server });
    return this;
  }

  /**
   * Opens the port and starts every server. Resolves when each is up or has failed once: `services` says which.
   * @throws ConfigError without a server
   * @throws Error when the port is taken
   */
  start(): Promise<void> {
    this.#starting ??= this.#start();
    return this.#starting;
  }

  async #start(): Promise<void> {
    if (this.#closing) throw new Error("start(): the gateway is closed: create another one");
    if (this.#servers.size === 0) throw new ConfigError("start(): there are no servers: call addServer() first");
    const config = read(this.#options, this.#servers);
    const { log } = this.#options;
    const logger = createLog(log === undefined ? "silent" : config.logLevel, log ?? (() => {}));
    for (const warning of config.warnings) logger.warn(warning);
    // Without a log, no service writes lines of its own level either.
    const services = config.services.map((one) => (log === undefined ? { ...one, logLevel: config.logLevel } : one));
    this.#gateway = new Gateway({ ...config, services }, logger);
    try {
      await this.#gateway.start({
        portFirst: true,
        settled: (service) => this.emit("service", this.#statusOf(service)),
      });
    } catch (error) {
      await this.close();
      throw error;
    }
    if (!this.#closing) this.emit("listening", { url: this.url!, port: this.#gateway.port });
  }

  /** The services as they are now. Empty before `start()`. */
  get services(): ServiceStatus[] {
    return (this.#gateway?.services ?? []).map((service) => this.#statusOf(service));
  }

  /** Its own address, with the status page; undefined before it listens. */
  get url(): string | undefined {
    const [first] = this.#gateway?.services ?? [];
    if (first === undefined || this.#gateway!.port === 0) return undefined;
    return new URL("/", this.#gateway!.addressOf(first).hubUrl).href;
  }

  /** Where clients reach a service. @throws Error before `start()`, and for a name that is not there */
  urlOf(name: string): string {
    const { url } = this.services.find((service) => service.name === name) ?? {};
    if (url === undefined) throw new Error(`urlOf("${name}"): no service of this name listens`);
    return url;
  }

  /** Lets open calls finish (for at most `drainTimeout`), then ends every server and connection. Resolves when nothing is left. */
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

/** What was written, checked as gateway.json is. */
function read(options: GatewayOptions, servers: ReadonlyMap<string, ServerOptions>) {
  const content = {
    ...written({ ...options, log: undefined }),
    mcpServers: Object.fromEntries([...servers].map(([k, v]) => [k, written(v)])),
  };
  return readContent(content, "createGateway", new Map(), { env: ownEnvironment(), plain: false });
}

/** An option that is undefined is not set. */
const written = (options: object) =>
  Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined));

/** `${NAME}` is filled as in gateway.json. The gateway's own variables are for its command: here the program decides. */
function ownEnvironment(): Environment {
  return Object.fromEntries(Object.entries(process.env).filter(([name]) => !/^(GANGWAY|MCP)_/.test(name)));
}
