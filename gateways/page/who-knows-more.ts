/** Who may know why a service failed: its server's words may hold anything, secrets and addresses included. */
import type { Served } from "../served.ts";
import type { Service } from "../sessions/service.ts";
import type { Exchange } from "../transports/exchange.ts";
import { guessing } from "./visitor.ts";

/** Whether a service's details are for this caller: who is on this machine, or has a token of the service. */
export async function knownServices(
  exchange: Exchange,
  served: readonly Served[],
): Promise<(service: Service) => boolean> {
  if (exchange.client.local) return () => true;
  const known = new Set<Service>();
  const asked = exchange.header("authorization") === undefined ? [] : served.filter(({ auth }) => auth.required);
  for (const one of asked) if (await hasToken(exchange, one)) known.add(one.service);
  // Guessing here counts as a failed login like anywhere else. A token for one service is no guess at the others.
  if (known.size === 0) for (const { limits } of asked) limits.loginFailed(exchange.client);
  return (service) => known.has(service);
}

async function hasToken(exchange: Exchange, { auth }: Served): Promise<boolean> {
  try {
    await auth.identify(guessing(exchange));
    return true;
  } catch {
    return false;
  }
}
