/** Metrics that are answered: all that only a gateway with a port for them needs, and loads. */
import type { Served } from "../served.ts";
import { exposition } from "./exposition.ts";
import { MetricsPort, type MetricsPortOptions } from "./metrics-port.ts";
import { Runtime } from "./runtime.ts";
import { read, type Subject } from "./table.ts";

/** What is measured, apart from the process. */
export interface Measured extends Pick<Subject, "connections" | "memory"> {
  readonly served: () => readonly Served[];
}

/** An open port, and the process watched for it. */
export class OpenMetrics {
  readonly #port: MetricsPort;
  readonly #runtime: Runtime;

  private constructor(port: MetricsPort, runtime: Runtime) {
    this.#port = port;
    this.#runtime = runtime;
  }

  /**
   * @param folder one on the disk that must not fill up
   * @throws Error that says what is wrong with the port or the host
   */
  static async open(at: Omit<MetricsPortOptions, "text">, measured: Measured, folder: string): Promise<OpenMetrics> {
    const runtime = new Runtime(folder);
    const port = await MetricsPort.open({ ...at, text: () => textOf(measured, runtime) });
    runtime.start();
    return new OpenMetrics(port, runtime);
  }

  get port(): number {
    return this.#port.port;
  }

  close(): void {
    this.#port.close();
    this.#runtime.stop();
  }
}

async function textOf({ served, ...measured }: Measured, runtime: Runtime): Promise<string> {
  const services = served().flatMap(({ service, operations }) => (operations ? [{ service, operations }] : []));
  return exposition(read({ ...measured, services, process: await runtime.read() }));
}
