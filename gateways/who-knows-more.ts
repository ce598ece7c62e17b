/** Who may know why a service failed: its server's words may hold anything, secrets and addresses included. */
import type { Served } from "./app.ts";
import { isLoopback } from "./limits/client-address.ts";
import type { Service } from "./sessions/service.ts";
import type { Exchange } from "./transports/exchange.ts";

/** Headers by which a proxy shows that the caller is elsewhere. */
const FORWARDING = ["x-forwarded-for", "forwarded", "x-real-ip", "cf-connecting-ip", "x-forwarded-host", "via"];

/** Whether a service's details are for this caller: who is on this machine, or has a token of the service. */
export async function knownServices(
  exchange: Exchange,
  served: readonly Served[],
): Promise<(service: Service) => boolean> {
  if (isLocal(exchange)) return () => true;
  const known = new Set<Service>();
  const asked = exchange.header("authorization") === undefined ? [] : served.filter(({ auth }) => auth.required);
  for (const one of asked) if (await hasToken(exchange, one)) known.add(one.service);
  // Guessing here counts as a failed login like anywhere else. A token for one service is no guess at the others.
  if (known.size === 0) for (const { limits } of asked) limits.loginFailed(exchange.address);
  return (service) => known.has(service);
}

function isLocal(exchange: Exchange): boolean {
  const { remoteAddress = "" } = exchange.req.socket;
  return (
    isLoopback(remoteAddress.replace(/^::ffff:/, "")) && !FORWARDING.some((name) => exchange.header(name) !== undefined)
  );
}

async function hasToken(exchange: Exchange, { auth, limits }: Served): Promise<boolean> {
  try {
    limits.admitLogin(exchange.address);
    await auth.identify(exchange);
    return true;
  } catch {
    return false;
  }
}
