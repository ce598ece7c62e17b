/** What is known of how a client logs in. Pure data: the doctor replays it, and tests run the replays against our own server. */

/** A client of MCP that logs in with OAuth. */
export interface OAuthClient {
  /** Lower case, with hyphens. */
  readonly id: string;
  readonly title: string;
  /** Where the facts are from, and when they were true; what nobody has seen for sure. */
  readonly source: { readonly from: string; readonly date: string; readonly unverified?: string };
  /** Whether its requests come from its maker's servers, from addresses that all of its users share. */
  readonly isHosted: boolean;
  /** The header of its requests to the service. @default - the one of Node's fetch */
  readonly userAgent?: string;
  /** What `initialize` says of it. */
  readonly name: string;
  /**
   * How it compares the metadata's `resource` with the URL that people enter: `exact` character by character, `normalized`
   * as parsed URLs, `prefix` also a part of its path.
   */
  readonly comparesResource: "exact" | "normalized" | "prefix";
  /** Whether it reads an OpenID Connect document beside the one of RFC 8414, and stops at a half-valid one. */
  readonly needsCompleteOidc?: boolean;
  /** Whether it looks for the authorization server's metadata below the path of the service, too. */
  readonly probesServicePath?: boolean;
  /** The client ID metadata document that it identifies itself with. @default - it registers itself */
  readonly document?: ClientDocument;
  /** What it sends to the registration endpoint (RFC 7591). `{port}` and `{callback}` stand for what is new each time. */
  readonly registration: Registration;
  /** The redirect addresses that it sends to the authorization endpoint when it has registered itself. */
  readonly redirects: readonly string[];
  /** Whether it appends `offline_access` to the scope where the authorization server lists it. */
  readonly asksOfflineAccess: boolean;
  /** Whether it then asks for consent each time (OpenID Connect Core, section 11). @default true */
  readonly promptsConsent?: boolean;
  /** Whether several of its requests may refresh the same token at once. */
  readonly refreshesInParallel: boolean;
  /** Whether it logs out again and again where access tokens are short-lived. */
  readonly needsLongTokens?: boolean;
  /** Milliseconds after which it gives up on discovery, registration and token. */
  readonly timeout: number;
}

/** A client ID metadata document, as the client's maker serves it. */
export interface ClientDocument {
  /** Its `client_id`. */
  readonly url: string;
  /** Whether it is used only where the server says that it returns `iss` (RFC 9207). @default false */
  readonly needsIss?: boolean;
  /** What the document says, besides its `client_id`. */
  readonly says: Registration;
  /** The redirect addresses that it sends then. @default - the client's */
  readonly redirects?: readonly string[];
}

/** Metadata of a client (RFC 7591). */
export interface Registration {
  readonly client_name: string;
  readonly redirect_uris: readonly string[];
  readonly [member: string]: string | readonly string[];
}

/** The grants and the response that every one of them uses. */
export const codeAndRefresh = {
  grant_types: ["authorization_code", "refresh_token"],
  response_types: ["code"],
} as const;

/** Milliseconds that a client without a known limit is given. */
export const PATIENT = 30_000;
