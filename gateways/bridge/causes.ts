/** Why an upstream cannot be reached, in words that say what to do. */

/** What is wrong, in words that follow a colon, and what to do about it, in a sentence. */
interface Cause {
  readonly what: string;
  readonly remedy: string;
}

const NAME = {
  what: "there is no host of that name",
  remedy: "Check the name, and the DNS of this machine or container.",
};
const ROUTE = { what: "there is no way to its network", remedy: "Check the network of this machine or container." };
const SLOW = { what: "it does not accept the connection", remedy: "Check the address, and the firewalls on the way." };
const NO_HTTP = {
  what: "what answers there does not speak HTTP",
  remedy: "Check the port, and write https:// if it speaks TLS.",
};
const AUTHORITY = {
  what: "no authority that is known here has signed its certificate",
  remedy: "Set NODE_EXTRA_CA_CERTS to a file with the authority's certificate.",
};
const PLAIN = {
  what: "it does not speak TLS on this port",
  remedy: "Check the port, or use http:// if it has no TLS.",
};

/** By the code of Node's error. */
export const causes: Readonly<Record<string, Cause>> = {
  ECONNREFUSED: {
    what: "connection refused",
    remedy: "Is it running? In a container, localhost is the container itself.",
  },
  ENOTFOUND: NAME,
  EAI_AGAIN: NAME,
  ENODATA: NAME,
  ENETUNREACH: ROUTE,
  EHOSTUNREACH: ROUTE,
  EADDRNOTAVAIL: ROUTE,
  ETIMEDOUT: SLOW,
  ECONNRESET: {
    what: "it closed the connection at once",
    remedy: "Check the port, and whether it takes http:// or https://.",
  },
  HPE_INVALID_CONSTANT: NO_HTTP,
  HPE_INVALID_HEADER_TOKEN: NO_HTTP,
  HPE_INVALID_VERSION: NO_HTTP,
  DEPTH_ZERO_SELF_SIGNED_CERT: AUTHORITY,
  SELF_SIGNED_CERT_IN_CHAIN: AUTHORITY,
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: AUTHORITY,
  UNABLE_TO_GET_ISSUER_CERT: AUTHORITY,
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: AUTHORITY,
  CERT_HAS_EXPIRED: { what: "its certificate has expired", remedy: "Renew the certificate." },
  ERR_TLS_CERT_ALTNAME_INVALID: {
    what: "its certificate is for another name",
    remedy: "Use the name in the certificate.",
  },
  EPROTO: PLAIN,
  ERR_SSL_WRONG_VERSION_NUMBER: PLAIN,
  ERR_SSL_PACKET_LENGTH_TOO_LONG: PLAIN,
};

/** @param reason the code of an error, or a text that says what happened */
export function causeOf(reason: string): Cause {
  const cause = causes[reason];
  if (cause) return { what: `${cause.what} (${reason})`, remedy: cause.remedy };
  return { what: reason, remedy: "Check its URL and the network." };
}

/** What the operator of an upstream reads about it. @param doing `Cannot connect to` */
export function toldOf(doing: string, url: string, reason: string): string {
  const { what, remedy } = causes[reason] ?? causeOf(reason);
  return `${doing} ${shownUrl(url)}: ${what}. ${remedy}`;
}

/** A URL without what may be a secret: its query, its user, and long parts of its path. */
export function shownUrl(url: string | URL): string {
  const { origin, pathname } = new URL(url);
  return `${origin}${pathname.replace(/[^/]{20,}/g, "…")}`.slice(0, 200);
}
