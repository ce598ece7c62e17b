/** Requests to an upstream that may be redirected. The secret never goes to another origin. */
import { GatewayError } from "../errors.ts";
import { reach, type Patience } from "./upstream-patience.ts";
import { type Remedies, REMEDIES } from "./upstream-refusal.ts";
import type { UpstreamRequest, UpstreamResponse } from "./upstream-request.ts";
import { readSmallBody } from "./upstream-response.ts";

const REDIRECTS: ReadonlySet<number> = new Set([301, 302, 303, 307, 308]);

/** How many redirects are followed in a row. */
const MAX_HOPS = 3;

/** Whom a request is for. */
export interface Asked {
  readonly service: string;
  readonly remedies?: Remedies;
  readonly patience?: Patience;
}

/** A response, and the URL that gave it. */
export interface Reached {
  readonly response: UpstreamResponse;
  readonly url: URL;
}

/**
 * Sends a request and follows redirects within the origin, such as the one from /mcp to /mcp/. A POST is followed only where
 * it stays one: with 307 and 308 (RFC 9110, section 15.4).
 * @throws GatewayError `upstream-redirects` for any other redirect, or whatever `exchange` throws
 */
export async function exchangeWithin(url: URL, request: UpstreamRequest, asked: Asked): Promise<Reached> {
  const { service, patience, remedies = REMEDIES } = asked;
  for (let hops = 0; ; hops++) {
    const response = await reach(url, request, patience);
    const { status, headers } = response;
    if (!REDIRECTS.has(status)) return { response, url };
    void readSmallBody(response);
    const target = URL.canParse(headers.location ?? "", url.href) ? new URL(headers.location ?? "", url) : undefined;
    const keepsMethod = request.method !== "POST" || status >= 307;
    if (!target || target.origin !== url.origin || !keepsMethod || hops >= MAX_HOPS) {
      throw new GatewayError("upstream-redirects", {
        service,
        status,
        location: shown(target),
        remedy: remedies.redirect,
      });
    }
    url = target;
  }
}

/** Without what may be a secret: a query, a user. */
function shown(target: URL | undefined): string {
  return target ? `${target.origin}${target.pathname}`.slice(0, 200) : "a place that it does not name";
}
