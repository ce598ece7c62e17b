/** The metrics of one gateway, from its start to its end. */
import type { GatewayConfig } from "../config.ts";
import type { Logger } from "../log.ts";
import type { Served } from "../served.ts";
import { exposition } from "./exposition.ts";
import { MetricsPort } from "./metrics-port.ts";
import { Runtime } from "./runtime.ts";
import { read, type Subject } from "./table.ts";

/** What is measured, apart from the process. */
export interface Measured extends Pick<Subject, "connections" | "memory"> {
  readonly served: () => readonly Served[];
}

/** Answers /metrics at a port of its own, if one is configured. */
export class Metrics {
  readonly #config: GatewayConfig;
  readonly #measured: Measured;
  readonly #log: Logger;
  readonly #runtime: Runtime;
  #opening: Promise<MetricsPort | undefined> | undefined;
  #port: MetricsPort | undefined;

  constructor(config: GatewayConfig, measured: Measured, log: Logger) {
    this.#config = config;
    this.#measured = measured;
    this.#log = log;
    this.#runtime = new Runtime(config.services[0]?.stateDir ?? process.cwd());
  }

  /** Where it listens; undefined while it does not. */
  get port(): number | undefined {
    return this.#port?.port;
  }

  /** Where the port cannot be opened the log says why, and the gateway serves without: nobody's calls depend on it. */
  async open(): Promise<void> {
    if (this.#config.metricsPort === undefined) return;
    this.#opening ??= this.#open(this.#config.metricsPort);
    this.#port = await this.#opening;
  }

  async close(): Promise<void> {
    (await this.#opening)?.close();
    this.#port = undefined;
    this.#runtime.stop();
  }

  async #open(port: number): Promise<MetricsPort | undefined> {
    const { metricsHost: host } = this.#config;
    try {
      const opened = await MetricsPort.open({ port, host, text: () => this.#text() });
      this.#runtime.start();
      this.#log.info({ host, port: opened.port }, "metrics");
      return opened;
    } catch (error) {
      const remedy = "free it, or set METRICS_PORT and METRICS_HOST; meanwhile there are no metrics";
      this.#log.warn(`metrics: ${(error as Error).message}: ${remedy}`);
      return undefined;
    }
  }

  async #text(): Promise<string> {
    const { served, ...measured } = this.#measured;
    const services = served().flatMap(({ service, operations }) => (operations ? [{ service, operations }] : []));
    return exposition(read({ ...measured, services, process: await this.#runtime.read() }));
  }
}
