/** The door for everything that finds out who calls. */
import type { GatewayError } from "../errors.ts";
import type { Principal } from "../principal.ts";

/** What a request shows of its caller. */
export interface Credentials {
  /** A request header, by its name in lower case. */
  header(name: string): string | undefined;
  /** Whether it is tried at every service, so that none may ask anybody else about it. @default false */
  readonly isGuess?: boolean;
  /** Whether it has come where static tokens alone are taken, beside logins elsewhere (`keyHosts`, `keyPort`). @default false */
  readonly takesKeys?: boolean;
}

/** Where a client has called. */
export interface Called {
  /** The host that the request names, as it does. */
  readonly host: string | undefined;
  /** What of its path names the service: `/memory` on a hub, nothing elsewhere. */
  readonly base: string;
  /** The path below that: `/mcp`. */
  readonly path: string;
}

/** A request that is refused for who calls. */
export interface Refused extends Called, Credentials {
  readonly error: GatewayError;
}

/** Hears of logins that end while their requests are being answered. */
export interface LoginWatcher {
  /** @param isOver whether a principal's login has ended */
  ended(isOver: (principal: Principal) => boolean): void;
  /** Logins may have ended unheard. @param isOf whose are asked about again @default - those that the auth accepts */
  recheck(isOf?: (principal: Principal) => boolean): void;
}

/** How the callers of one service prove who they are. */
export interface Auth {
  /** Whether a caller must prove anything. */
  readonly required: boolean;
  /**
   * @throws GatewayError `unauthorized` or `login-required`, with the reason for the audit as its detail `reason`;
   * `auth-server-away` when that cannot be found out now
   */
  identify(request: Credentials): Principal | Promise<Principal>;
  /** Whether a caller that was identified for another service may call this one, too. */
  accepts(principal: Principal): boolean;
  /**
   * The principal of an id, where it is one of these that do not change: an older gateway that forwards a request tells the id
   * alone. @default nobody is known by the id
   */
  known?(id: string): Principal | undefined;
  /** Takes note of a caller whose request another gateway of the service has checked. @default - there is nothing to note */
  forwarded?(principal: Principal): void;
  /** Headers that tell a refused caller how to log in. */
  challenge(refused: Refused): Readonly<Record<string, string>>;
  /** What OAuth clients are told. @default - the service has no logins */
  readonly oauth?: OAuthDocuments | undefined;
  /** Whether it takes static tokens beside logins, at an address for these alone. @default false */
  readonly hasKeys?: boolean;
  /** Begins to hear of logins that end. @default - none does while the gateway runs */
  start?(watcher: LoginWatcher): void;
  stop?(): void;
  /** Why nobody can log in at the moment. @default - nothing hinders it */
  readonly problem?: string | undefined;
}

/** The documents of a service that OAuth clients read. */
export interface OAuthDocuments {
  /** Of the service, as a protected resource (RFC 9728). */
  resourceMetadata(called: Called): object;
  /** Of its authorization server (RFC 8414). @throws GatewayError `auth-server-away` */
  serverMetadata(): Promise<ServerDocument>;
}

/** The metadata of an authorization server. */
export interface ServerDocument {
  /** As the server sent them. */
  readonly bytes: Buffer;
  readonly content: Readonly<Record<string, unknown>>;
}
