/** A service as a gateway serves it. */
import type { Auth } from "./auth/auth.ts";
import type { ServerConfig, ServiceConfig } from "./config.ts";
import type { Journal } from "./journal.ts";
import type { PagePolicy } from "./limits/host-and-origin.ts";
import type { Limits } from "./limits/limits.ts";
import type { Logger } from "./log.ts";
import type { Operations } from "./metrics/operations.ts";
import type { Service } from "./sessions/service.ts";
import type { CallAudit } from "./transports/call-audit.ts";
import type { ForwardVerifier } from "./transports/forward-signature.ts";
import type { Heartbeat } from "./transports/heartbeat.ts";
import type { ModernRequests } from "./transports/modern-requests.ts";
import type { OtherReplicas } from "./transports/other-replicas.ts";
import type { Transport } from "./transports/transport.ts";

/** A service as it is served. */
export interface Served {
  readonly service: Service;
  readonly isolation: ServiceConfig["isolation"];
  readonly server: ServerConfig;
  readonly auth: Auth;
  readonly limits: Limits;
  /** The ways in, by path. */
  readonly transports: ReadonlyMap<string, Transport>;
  /** What passes modern requests on, whatever they came on. */
  readonly modern: ModernRequests;
  readonly calls: CallAudit;
  /** What is counted of its requests, for the metrics; undefined = nothing is. */
  readonly operations: Operations | undefined;
  /** What keeps its streams open through proxies. */
  readonly heartbeat: Heartbeat;
  /** The other gateways of the service. */
  readonly replicas: OtherReplicas;
  /** Verifies requests that other gateways forward; undefined = there are none. */
  readonly verifier: ForwardVerifier | undefined;
  /** Web pages that may call. */
  readonly pages: PagePolicy;
  readonly log: Logger;
  /** The last lines of that log. */
  readonly journal: Journal;
  /** The end of the one that it replaces, where the two may not run side by side: requests wait for it. @default - for nothing */
  waitsFor?: Promise<void> | undefined;
}
