/**
 * Where the answer to a form may lead: browsers apply form-action to each redirect that follows (CSP3, section 6.4.1), also to those
 * that the client's own pages make once the user has come back to them.
 */

/** Where clients send their users on to: pages of the web, and programs on the user's computer. */
const ONWARD = ["https:", "http://localhost:*", "http://127.0.0.1:*"];

/**
 * The sources of a policy for a login that ends at a redirect URI. A policy cannot write an IPv6 address (CSP3, section 2.3.1), nor
 * the origin of an app's own scheme, so these are allowed by their scheme.
 */
export function formTargets(redirectUri: string): string[] {
  if (!URL.canParse(redirectUri)) return [];
  const { protocol, hostname } = new URL(redirectUri);
  const isOnward = protocol === "https:" || (protocol === "http:" && /^(localhost|127\.0\.0\.1)$/.test(hostname));
  return isOnward ? ONWARD : [...ONWARD, protocol];
}
