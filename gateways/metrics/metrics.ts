/** The metrics of one gateway, from its start to its end. */
import type { GatewayConfig } from "../config.ts";
import type { Logger } from "../log.ts";
import type { Measured, OpenMetrics } from "./open-metrics.ts";

/** Answers /metrics at a port of its own, if one is configured. */
export class Metrics {
  readonly #config: GatewayConfig;
  readonly #measured: Measured;
  readonly #log: Logger;
  #opening: Promise<OpenMetrics | undefined> | undefined;
  #opened: OpenMetrics | undefined;

  constructor(config: GatewayConfig, measured: Measured, log: Logger) {
    this.#config = config;
    this.#measured = measured;
    this.#log = log;
  }

  /** Where it listens; undefined while it does not. */
  get port(): number | undefined {
    return this.#opened?.port;
  }

  /** Where the port cannot be opened the log says why, and the gateway serves without: nobody's calls depend on it. */
  async open(): Promise<void> {
    if (this.#config.metricsPort === undefined) return;
    this.#opening ??= this.#open(this.#config.metricsPort);
    this.#opened = await this.#opening;
  }

  async close(): Promise<void> {
    (await this.#opening)?.close();
    this.#opened = undefined;
  }

  async #open(port: number): Promise<OpenMetrics | undefined> {
    const { metricsHost: host, services } = this.#config;
    const { OpenMetrics } = await import("./open-metrics.ts");
    try {
      const opened = await OpenMetrics.open({ port, host }, this.#measured, services[0]?.stateDir ?? process.cwd());
      this.#log.info({ host, port: opened.port }, "metrics");
      return opened;
    } catch (error) {
      const remedy = "free it, or set METRICS_PORT and METRICS_HOST; meanwhile there are no metrics";
      this.#log.warn(`metrics: ${(error as Error).message}: ${remedy}`);
      return undefined;
    }
  }
}
