/** A gateway behind the proxy of a test, as it runs in a container: it asks for a token, and knows its proxy. */
import { randomBytes } from "node:crypto";
import { join } from "node:path";
import { root } from "../../../stacks/shipped.ts";
import { GatewayProcess, gatewayMain } from "../../kit/gateway-process.ts";
import { freePort } from "../../kit/ports.ts";

/** What opens it: no gateway that others can reach accepts one that can be guessed. */
export const TOKEN = randomBytes(32).toString("hex");

/** The host name that it is known by. */
export const HOST = "fixture.example.test";

export class LiveGateway {
  readonly port: number;
  readonly #options: Readonly<Record<string, string>>;
  readonly #log: string[] = [];
  #process: GatewayProcess | undefined;

  private constructor(port: number, options: Readonly<Record<string, string>>) {
    this.port = port;
    this.#options = options;
  }

  /** @param options variables of the gateway that this test sets */
  static async start(options: Readonly<Record<string, string>> = {}): Promise<LiveGateway> {
    const gateway = new LiveGateway(await freePort(), options);
    await gateway.start();
    return gateway;
  }

  /** The lines of its log, as JSON. */
  get log(): readonly string[] {
    return this.#log;
  }

  /** Starts it, also again, on its port. @throws Error when it does not listen */
  async start(): Promise<void> {
    const child = [process.execPath, join(root, "gateways/fixtures/child.ts")].map((word) => `'${word}'`).join(" ");
    const env = {
      PATH: process.env["PATH"],
      TMPDIR: process.env["TMPDIR"],
      SERVER_COMMAND: child,
      SERVICE_NAME: "fixture",
      PORT: String(this.port),
      GANGWAY_HOST: "127.0.0.1",
      MCP_BEARER_TOKEN: TOKEN,
      GANGWAY_ALLOWED_HOSTS: HOST,
      GANGWAY_TRUSTED_PROXIES: "127.0.0.1",
      // So long that the proxy alone decides how long a silence lasts.
      GANGWAY_HEARTBEAT: "10m",
      GANGWAY_REQUEST_TIMEOUT: "10m",
      GANGWAY_DRAIN_TIMEOUT: "1s",
      GANGWAY_LOG_FORMAT: "json",
      ...this.#options,
    };
    const began = this.#log.length;
    this.#process = new GatewayProcess([gatewayMain()], { env, onOutput: (line) => this.#log.push(line) });
    const listens = () => this.#log.slice(began).some((line) => line.includes('"listening"'));
    if (!(await this.#process.whenReady(listens, 60_000))) throw new Error(this.#process.lastLines.join("\n"));
  }

  async stop(): Promise<void> {
    await this.#process?.stop(10_000);
  }
}

/** The host of a proxy in front of it. */
export const siteOf = ({ port }: LiveGateway) => ({ name: "fixture", host: HOST, servers: [`127.0.0.1:${port}`] });
