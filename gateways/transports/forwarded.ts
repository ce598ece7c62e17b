/** What one gateway tells another about a request that it forwards. */
import type { IncomingHttpHeaders } from "node:http";
import type { Principal } from "../principal.ts";

/** The header that carries it, signed. */
export const FORWARDED = "gangway-forwarded";

/** The header with which a gateway that ends says how many milliseconds the open calls of a connection have. */
export const DRAIN = "gangway-drain";

/** RFC 9110, section 15.5.20: the gateway has not run the request and does not want it. */
export const MISDIRECTED = 421;

/**
 * What one gateway tells another of a principal besides its id. A caller's own secret is among it, which the server of the
 * caller's session is given: like the request that it came with, it passes, and is kept nowhere.
 */
export type Rights = {
  readonly [Name in Exclude<keyof Principal, "id">]?: Principal[Name] | undefined;
};

/** A request that another gateway has checked and forwarded. */
export interface Forwarded {
  /** The id of the principal whose request it is. */
  readonly principal: string;
  /** Who that is, and what its token opens, if that is more than the id; undefined = the other gateway knows it by the id. */
  readonly rights?: Rights | undefined;
  /** The client's address. */
  readonly address: string;
  /** SHA-256 of the body, in base64url. */
  readonly digest: string;
}

/** The client's headers that the other gateway reads. The token, which has been checked, is not among them. */
const PASSED = /^(accept|content-type|last-event-id|mcp-.*|gangway-drain)$/;

/** The headers with which a request is forwarded. A session that was named in the query is one of them. */
export function passedHeaders(
  headers: IncomingHttpHeaders,
  session: string | undefined,
): [name: string, value: string | string[] | undefined][] {
  const all = { ...headers, ...(session !== undefined && { "mcp-session-id": session }) };
  return Object.entries(all).filter(([name]) => PASSED.test(name));
}
