/** What one gateway tells another about a request that it forwards. */

/** The header that carries it, signed. */
export const FORWARDED = "gangway-forwarded";

/** A request that another gateway has checked and forwarded. */
export interface Forwarded {
  /** The id of the principal whose request it is. */
  readonly principal: string;
  /** The client's address. */
  readonly address: string;
  /** SHA-256 of the body, in base64url. */
  readonly digest: string;
}

/** The client's headers that the other gateway reads. The token, which has been checked, is not among them. */
export const isPassed = (name: string): boolean => /^(accept|content-type|last-event-id|mcp-.*)$/.test(name);
