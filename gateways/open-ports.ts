/** The ports of a gateway: that of the hub or of the one service, and those that services have of their own. */
import type { RequestListener, Server } from "node:http";
import type { AddressInfo, Socket } from "node:net";
import type { GatewayConfig } from "./config.ts";
import type { Address } from "./health.ts";
import { listen, PortTaken, stopListening } from "./listen.ts";
import { ownHost } from "./own-names.ts";

/** Milliseconds between two looks for connections to a closed port that have become idle. */
const CLOSING_INTERVAL = 500;

/** The ports of one gateway. */
export class OpenPorts {
  readonly #config: GatewayConfig;
  readonly #accept: (socket: Socket) => void;
  readonly #servers: Server[] = [];
  readonly #own = new Map<string, Server>();
  #main = 0;
  #forKeys: number | undefined;

  /** @param accept called with every new connection */
  constructor(config: GatewayConfig, accept: (socket: Socket) => void) {
    this.#config = config;
    this.#accept = accept;
  }

  /** The port of the hub, or of the one service; 0 while it is not open. */
  get main(): number {
    return this.#main;
  }

  /** The port for static tokens alone; undefined = there is none. */
  get forKeys(): number | undefined {
    return this.#forKeys;
  }

  /** Whether any port has been opened. */
  get wereOpened(): boolean {
    return this.#servers.length > 0;
  }

  /** Where a service is reached: on its own port if it has one, and on the hub. */
  addressOf({ name }: { readonly name: string }): Address {
    const hubUrl = `${this.#origin}:${this.#main}${this.#config.hub ? `/${name}` : ""}/mcp`;
    const own = this.#own.get(name);
    return { url: own === undefined ? hubUrl : `${this.#origin}:${portOf(own)}/mcp`, hubUrl };
  }

  /** Where other gateways of a service reach it, without a scheme. */
  addressForReplicas({ name }: { readonly name: string }): string {
    const address = `${ownHost(this.#config.ownerHost)}:${this.#main}`;
    return this.#config.hub ? `${address}/${name}` : address;
  }

  /** @throws PortTaken, or Error that says what is wrong with the port */
  async openMain(app: RequestListener): Promise<void> {
    this.#main = portOf(await this.#open(app, this.#config.port));
  }

  /** Opens the port for static tokens alone. @throws PortTaken, or Error that says what is wrong with the port */
  async openForKeys(port: number, app: RequestListener): Promise<void> {
    this.#forKeys = portOf(await this.#open(app, port));
  }

  /** The port that a service has of its own. */
  ownOf({ name }: { readonly name: string }): number | undefined {
    const own = this.#own.get(name);
    return own && portOf(own);
  }

  /** Opens a service's own port. @returns why it is only on the hub, if its port cannot be opened */
  async openOwn(name: string, port: number, app: RequestListener): Promise<string | undefined> {
    try {
      this.#own.set(name, await this.#open(app, port));
      return undefined;
    } catch (error) {
      const variable = `PORT_${name.toUpperCase().replaceAll("-", "_")}`;
      const { message } = error as Error;
      const isTaken = error instanceof PortTaken && error.free !== undefined;
      return isTaken
        ? `${error.taken}: stop it, or set ${variable}=${error.free}; meanwhile it is on the hub alone`
        : `${message}, or set ${variable}; meanwhile it is on the hub alone`;
    }
  }

  /** Closes a service's own port, if it has one: each connection once it is idle. */
  closeOwn(name: string): void {
    const server = this.#own.get(name);
    if (!server) return;
    this.#own.delete(name);
    this.#servers.splice(this.#servers.indexOf(server), 1);
    const closing = setInterval(() => server.closeIdleConnections(), CLOSING_INTERVAL).unref();
    void stopListening(server).then(() => clearInterval(closing));
    server.closeIdleConnections();
  }

  /** Accepts no more connections. Resolves when the last one has closed. */
  async stopListening(): Promise<void> {
    await Promise.all(this.#servers.map(stopListening));
  }

  closeIdleConnections(): void {
    for (const server of this.#servers) server.closeIdleConnections();
  }

  /** The gateway has ended, and is reached nowhere. */
  ended(): void {
    this.#main = 0;
  }

  async #open(app: RequestListener, port: number): Promise<Server> {
    const { host, maxHeaders, services, keyPort = 0 } = this.#config;
    const others = [this.#config.port, keyPort, ...services.flatMap(({ port: own }) => own ?? [])];
    const server = await listen(app, { port, host, others, maxHeaders });
    server.on("connection", this.#accept);
    this.#servers.push(server);
    return server;
  }

  /** Where it is reached from this machine, without the port. */
  get #origin(): string {
    const { host } = this.#config;
    const reached = host === "0.0.0.0" || host === "::" ? "127.0.0.1" : host;
    return `http://${reached.includes(":") ? `[${reached}]` : reached}`;
  }
}

const portOf = (server: Server) => (server.address() as AddressInfo).port;
