/** Why an upstream cannot be reached, in words that say what to do. */

interface Cause {
  readonly what: string;
  readonly remedy: string;
}

const NAME = {
  what: "its name does not resolve",
  remedy: "Check the host name, and the DNS of this machine or container.",
};
const ROUTE = { what: "there is no way to its network", remedy: "Check the network of this machine or container." };
const SLOW = { what: "it does not accept the connection", remedy: "Check the address, and the firewalls on the way." };
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
    what: "nothing listens there",
    remedy: "Start it, or check the port. In a container, localhost is the container itself.",
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
export function causeOf(reason: string): { readonly reason: string; readonly remedy: string } {
  const cause = causes[reason];
  if (cause) return { reason: `${reason}, ${cause.what}`, remedy: cause.remedy };
  return { reason, remedy: "Check its URL and the network." };
}
