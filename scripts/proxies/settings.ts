/** What a rendered proxy is told: the same for all five. */

/** One host of the proxy, and the gateways behind it. */
export interface Site {
  /** a-z, 0-9 and -: what the proxy calls it. */
  readonly name: string;
  /** Its host name. @default - any */
  readonly host?: string | undefined;
  /** What else than a service it is: our authorization server, or the host at which a service with logins takes tokens. */
  readonly is?: "authorization server" | "for tokens";
  /** `host:port` of each replica. */
  readonly servers: readonly string[];
}

/** Certificate and key, as paths on the machine of the proxy. */
export interface CertificateFiles {
  readonly certificate: string;
  readonly key: string;
}

/** One user of basic auth, as a line of an htpasswd file has it. */
export interface User {
  readonly name: string;
  readonly hash: string;
}

/** Who must log in at the proxy itself. */
export interface BasicAuth {
  /** The htpasswd file, as a path on the machine of the proxy. */
  readonly file: string;
  readonly users: readonly User[];
}

/** How much one client address may ask for. */
export interface Limit {
  /** Requests a second. */
  readonly rate: number;
  /** Requests at once on top of that. */
  readonly burst: number;
}

/** Everything that a proxy's template is filled in with. */
export interface ProxySettings {
  readonly sites: readonly Site[];
  readonly httpPort: number;
  readonly httpsPort: number;
  /** "acme": the proxy gets certificates itself. @default - no HTTPS */
  readonly tls?: CertificateFiles | "acme" | undefined;
  /** Whom the certificate authority writes to. */
  readonly email?: string | undefined;
  /** Addresses and ranges that may call. @default - all */
  readonly allowed: readonly string[];
  readonly basicAuth?: BasicAuth | undefined;
  /** @default - none but the gateway's own */
  readonly limit?: Limit | undefined;
  /** Whether compose.yaml runs it, and tells the gateway what it must be told. @default false */
  readonly isComposed?: boolean | undefined;
}
