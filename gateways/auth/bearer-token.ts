/** The token in an Authorization header (RFC 6750, section 2.1). */

/** @returns undefined when there is none */
export const bearerTokenIn = (header: string | undefined): string | undefined =>
  /^Bearer +(\S+) *$/i.exec(header ?? "")?.[1];
