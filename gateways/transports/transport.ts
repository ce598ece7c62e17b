/** The door for every way in to a service. */
import type { AdmittedExchange } from "./exchange.ts";

/** One way in to one service. */
export interface Transport {
  /** The paths that it serves, below the service and without a slash at the end: `/mcp`. */
  readonly paths: readonly string[];
  /** Answers a request that has been admitted. @throws GatewayError, which becomes the answer */
  handle(exchange: AdmittedExchange): Promise<void>;
}
