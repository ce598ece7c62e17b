/** What a gateway reports about itself to anybody, without a token. */
import { mcpName } from "./config.ts";
import type { Service } from "./sessions/service.ts";

/** `GET /health` of a service: whether the gateway is alive. Whether its server is, `/ready` says. */
export function serviceHealth({ name, version }: Service, now: Date): object {
  return { status: "ok", service: mcpName(name), version, timestamp: now.toISOString() };
}

/**
 * `GET /ready` of a service.
 * @param knowsMore whether the caller may know why it is not ready
 * @param stopping whether the gateway is shutting down, so that a proxy that asks sends it no new calls
 * @param loginProblem why no new token can be checked. The service stays ready: those that are known go on, the others are
 *   told to come again, and no other gateway of the service could check them
 * @returns the HTTP status and the body
 */
export async function readiness(
  service: Service,
  { knowsMore, stopping, loginProblem }: Asking,
): Promise<{ status: number; body: object }> {
  if (stopping) return { status: 503, body: { ready: false, service: mcpName(service.name), state: "stopping" } };
  const ready = await service.isReady();
  const error = ready || !knowsMore ? undefined : (service.needs ?? service.error);
  const body = {
    ready,
    service: mcpName(service.name),
    state: service.state,
    ...(error !== undefined && { error }),
    ...(loginProblem !== undefined &&
      knowsMore && { login: `the authorization server cannot be reached: ${loginProblem}` }),
  };
  return { status: ready ? 200 : 503, body };
}

/** What the answer of `/ready` depends on besides the service. */
export interface Asking {
  readonly knowsMore: boolean;
  readonly stopping: boolean;
  readonly loginProblem?: string | undefined;
}

/** Where a service can be reached: at its own port, and through the hub. */
export interface Address {
  readonly url: string;
  readonly hubUrl: string;
}

/** What the hub knows besides its services. */
export interface Hub {
  readonly version: string;
  /** What to do where there is no service yet. */
  readonly hint?: string | undefined;
  readonly now: Date;
}

/** What a caller who may not know more is told of a service that is not up. */
const FAILED = "failed to start";

/** Why a service is not up: its server's own words only for whoever may know them, as they may hold anything. */
export const errorFor = ({ error }: Service, knowsMore: boolean): string | undefined =>
  error === undefined || knowsMore ? error : FAILED;

/**
 * `GET /health` of the hub: the state of all services.
 * @param knowsMore whether the caller may know why a service failed
 */
export function hubHealth(
  services: readonly Service[],
  addressOf: (service: Service) => Address,
  knowsMore: (service: Service) => boolean,
  { version, hint, now }: Hub,
): object {
  return {
    status: "healthy",
    version,
    timestamp: now.toISOString(),
    ...(hint !== undefined && { hint }),
    settled: services.every((service) => service.state !== "starting"),
    services: services.map((service) => ({
      name: service.name,
      ...addressOf(service),
      state: service.state,
      tools: service.tools ?? null,
      ...(service.rests && { rests: true }),
      needs: service.needs ?? null,
      error: errorFor(service, knowsMore(service)) ?? null,
      ...(knowsMore(service) && service.unreviewed.length > 0 && { unreviewed: service.unreviewed }),
    })),
  };
}
