/** A token that opens nothing: guessing on the page is guessing at every service. */
import { GatewayError } from "../errors.ts";
import { audit } from "../log.ts";
import type { Served } from "../served.ts";
import type { Exchange } from "../transports/exchange.ts";

/** Counts as a failed login at each service. @param asking those that ask for a token @throws GatewayError `unauthorized`, `too-many-failed-logins` */
export function refuseToken({ client, address }: Exchange, asking: readonly Served[]): never {
  const lockouts = asking.map(({ limits }) => ({ limits, lockout: limits.loginFailed(client) }));
  for (const { service, log } of asking.slice(0, 1))
    audit(log, "refused", { service: service.name, address, reason: "unknown token, on the page" });
  for (const { limits, lockout } of lockouts) {
    if (lockout === undefined || limits.exempts(client)) continue;
    const whose = lockout.whose === "all" ? "all addresses together" : lockout.whose;
    throw new GatewayError("too-many-failed-logins", { whose, detail: "" }, { retryAfter: lockout.wait });
  }
  throw new GatewayError("unauthorized", { reason: "unknown token" });
}
