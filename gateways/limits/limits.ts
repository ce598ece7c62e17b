/** The rate limits of one service. Each check throws or does nothing. */
import { GatewayError } from "../errors.ts";
import { hostOf } from "./address.ts";
import { FailedLogins, type Lockout } from "./failed-logins.ts";
import { RateLimit } from "./rate.ts";
import type { Client } from "./trusted-proxies.ts";

/** What a request is for: something that exists or needs no session, or a new session. */
export type Purpose = "call" | "opening";

/** How high the limits are. */
export interface LimitOptions {
  /** Requests for each token and each address, and how many at once; undefined for no limit. */
  readonly requests: { readonly rate: Rate; readonly burst: number } | undefined;
  /** New sessions a minute for each token at each address; 0 for no limit. */
  readonly sessionsPerMinute: number;
  /** Failed logins a minute for each address. */
  readonly failedLoginsPerMinute: number;
  /** Whether callers on this machine that come through no proxy are not limited. */
  readonly exemptLoopback: boolean;
}

/** So many times in so long, as it was written. */
export interface Rate {
  /** 0 = no limit. */
  readonly times: number;
  /** Seconds. */
  readonly per: number;
}

/** The rate limits of one service. */
export class Limits {
  readonly #options: LimitOptions;
  readonly #requests: RateLimit | undefined;
  readonly #sessions: RateLimit | undefined;
  readonly #failedLogins: FailedLogins;

  constructor(options: LimitOptions) {
    const { requests, sessionsPerMinute, failedLoginsPerMinute } = options;
    this.#options = options;
    this.#requests = requests && new RateLimit(requests.rate.times / requests.rate.per, requests.burst);
    this.#sessions = sessionsPerMinute > 0 ? new RateLimit(sessionsPerMinute / 60, sessionsPerMinute) : undefined;
    this.#failedLogins = new FailedLogins(failedLoginsPerMinute);
  }

  /**
   * Counts a request once for its address and once for its principal, whatever it is for. Attempts to open a session that fail
   * take nothing from those that are open.
   * @param messages how many JSON-RPC messages it is
   * @throws GatewayError `rate-limited` when the address or the principal calls too often
   */
  admitRequest(client: Client, principal: string, purpose: Purpose, messages = 1): void {
    if (!this.#requests || this.exempts(client)) return;
    const now = performance.now();
    const minor = purpose === "opening";
    const wait =
      this.#requests.take(addressKey(client), now, messages, minor) ||
      this.#requests.take(principalKey(principal), now, messages, minor);
    if (wait > 0) throw rateLimited(written(this.#options.requests!.rate), wait);
  }

  /**
   * Counts a session that is opened, which is a request like any other from now on.
   * @throws GatewayError `rate-limited` when the principal opens too many sessions from an address; open ones are not affected
   */
  admitSession(client: Client, principal: string): void {
    if (this.exempts(client)) return;
    const wait = this.#sessions?.take(`${principal} at ${hostOf(client.address)}`) ?? 0;
    if (wait > 0) throw rateLimited(`${this.#options.sessionsPerMinute} new sessions a minute`, wait);
    this.#requests?.charge(addressKey(client));
    this.#requests?.charge(principalKey(principal));
  }

  /** Counts a failed login. @returns the budget that it is beyond */
  loginFailed({ address }: Client): Lockout | undefined {
    return this.#failedLogins.count(address);
  }

  /** Whether no limit applies to the client. */
  exempts({ local }: Client): boolean {
    return this.#options.exemptLoopback && local;
  }
}

const addressKey = ({ address }: Client) => `address ${hostOf(address)}`;
const principalKey = (principal: string) => `principal ${principal}`;

const rateLimited = (limit: string, retryAfter: number) => new GatewayError("rate-limited", { limit }, { retryAfter });

const UNITS: readonly (readonly [seconds: number, name: string])[] = [
  [3_600, "hour"],
  [60, "minute"],
  [1, "second"],
];

/** A rate as it was set: `50 requests a second`, `100 requests in 15 minutes`. */
function written({ times, per }: Rate): string {
  const [seconds, name] = UNITS.find(([unit]) => per % unit === 0) ?? [1, "second"];
  const units = per / seconds;
  return `${times} requests ${units === 1 ? `${name === "hour" ? "an" : "a"} ${name}` : `in ${units} ${name}s`}`;
}
