/** The door for every way in to a service. */
import type { Limits } from "../limits/limits.ts";
import type { Service } from "../sessions/service.ts";
import type { CallAudit } from "./call-audit.ts";
import type { AdmittedExchange } from "./exchange.ts";
import type { Heartbeat } from "./heartbeat.ts";
import type { ModernRequests } from "./modern-requests.ts";
import type { OtherReplicas } from "./other-replicas.ts";

/** One way in to one service. */
export interface Transport {
  /** The paths that it serves, below the service and without a slash at the end: `/mcp`. */
  readonly paths: readonly string[];
  /** Answers a request that has been admitted. @throws GatewayError, which becomes the answer */
  handle(exchange: AdmittedExchange): Promise<void>;
  /** Whether its connections become WebSockets. @default false */
  readonly upgrades?: boolean;
  /**
   * Ends connections that would stay open otherwise, each when what is open on it has been answered.
   * @default - there are none
   */
  drain?(): void;
}

/** What every way in that has sessions is made of. */
export interface SessionTransportParts {
  readonly service: Service;
  readonly heartbeat: Heartbeat;
  /** The other gateways of the service. */
  readonly replicas: OtherReplicas;
  /** For what counts beside the request itself: new sessions, and the messages of a batch. */
  readonly limits: Pick<Limits, "admitSession" | "admitRequest">;
  /** How many bytes a request body may have. */
  readonly maxBody: number;
  /** The audit of tool calls, which counts them, too. */
  readonly calls: CallAudit;
}

/** What a way in for both eras is made of. */
export interface MessageTransportParts extends SessionTransportParts {
  readonly modern: ModernRequests;
}
