/** Where the answer to a form may lead: browsers apply form-action to each redirect that follows (CSP3, section 6.4.1). */

/**
 * The source of a redirect URI in a policy: its origin. A policy cannot write an IPv6 address (CSP3, section 2.3.1), nor the
 * origin of an app's own scheme, so these are allowed by their scheme.
 */
export function formTarget(redirectUri: string): string[] {
  if (!URL.canParse(redirectUri)) return [];
  const { protocol, origin, hostname } = new URL(redirectUri);
  const isWritable = /^https?:$/.test(protocol) && /^[\w.-]+$/.test(hostname);
  return [isWritable ? origin : protocol];
}
