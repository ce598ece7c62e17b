/** The rate limits of one service. Each check throws or does nothing. */
import { isIPv6 } from "node:net";
import { GatewayError } from "../errors.ts";
import { isLoopback } from "./client-address.ts";
import { RateLimit } from "./rate.ts";

/** Requests in a session, and those outside: they open one, or need none. */
export type Purpose = "session" | "outside";

/** How high the limits are. */
export interface LimitOptions {
  /** Requests a second for each token and each address, and how many at once; undefined for no limit. */
  readonly requests: { readonly perSecond: number; readonly burst: number } | undefined;
  /** New sessions a minute for each address; 0 for no limit. */
  readonly sessionsPerMinute: number;
  /** Failed logins a minute for each address. */
  readonly failedLoginsPerMinute: number;
  /** Whether callers on this machine are not limited. Safe only without a proxy, behind which others would look local. */
  readonly exemptLoopback: boolean;
}

/** The rate limits of one service. */
export class Limits {
  readonly #options: LimitOptions;
  readonly #requests: RateLimit | undefined;
  readonly #sessions: RateLimit | undefined;
  readonly #failedLogins: RateLimit;

  constructor(options: LimitOptions) {
    const { requests, sessionsPerMinute, failedLoginsPerMinute } = options;
    this.#options = options;
    this.#requests = requests && new RateLimit(requests.perSecond, requests.burst);
    this.#sessions = sessionsPerMinute > 0 ? new RateLimit(sessionsPerMinute / 60, sessionsPerMinute) : undefined;
    this.#failedLogins = new RateLimit(failedLoginsPerMinute / 60, failedLoginsPerMinute);
  }

  /**
   * @param purpose each has buckets of its own, so that many clients reconnecting at once do not starve open sessions
   * @param messages how many JSON-RPC messages it is
   * @throws GatewayError `rate-limited` when the address or the principal calls too often
   */
  admitRequest(address: string, principal: string, purpose: Purpose, messages = 1): void {
    if (!this.#requests || this.#exempt(address)) return;
    const now = performance.now();
    const wait =
      this.#requests.take(`${purpose} address ${network(address)}`, now, messages) ||
      this.#requests.take(`${purpose} principal ${principal}`, now, messages);
    if (wait > 0)
      throw rateLimited(`${Number(this.#options.requests!.perSecond.toPrecision(3))} requests a second`, wait);
  }

  /** @throws GatewayError `rate-limited` when the address opens too many sessions; its open ones are not affected */
  admitSession(address: string): void {
    if (!this.#sessions || this.#exempt(address)) return;
    const wait = this.#sessions.take(network(address));
    if (wait > 0) throw rateLimited(`${this.#options.sessionsPerMinute} new sessions a minute`, wait);
  }

  /** @throws GatewayError `too-many-failed-logins` while the address has failed too often */
  admitLogin(address: string): void {
    if (this.#exempt(address)) return;
    const wait = this.#failedLogins.wait(network(address));
    if (wait > 0) throw new GatewayError("too-many-failed-logins", {}, { retryAfter: wait });
  }

  /** Counts a failed login against the address. */
  loginFailed(address: string): void {
    this.#failedLogins.take(network(address));
  }

  #exempt(address: string): boolean {
    return this.#options.exemptLoopback && isLoopback(address);
  }
}

const rateLimited = (limit: string, retryAfter: number) => new GatewayError("rate-limited", { limit }, { retryAfter });

/** An IPv6 user usually has a whole /64, so it counts as one address. */
function network(address: string): string {
  if (!isIPv6(address)) return address;
  const [head = "", tail] = address.split("::");
  const groups = head.split(":").filter(Boolean);
  const missing = tail === undefined ? 0 : 8 - groups.length - tail.split(":").filter(Boolean).length;
  return [...groups, ...Array.from({ length: missing }, () => "0")].slice(0, 4).join(":");
}
