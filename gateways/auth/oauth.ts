/** Logins by OAuth 2.1: the service is a resource server, and its users log in at the authorization server. */
import { GatewayError } from "../errors.ts";
import type { Logger } from "../log.ts";
import type { Principal } from "../principal.ts";
import type { Auth, Called, Credentials, LoginWatcher, OAuthDocuments, Refused, ServerDocument } from "./auth.ts";
import { bearerTokenIn } from "./bearer-token.ts";
import { scopeOf } from "./introspection.ts";
import { JwtTokens } from "./jwt-tokens.ts";
import { OpaqueTokens } from "./opaque-tokens.ts";
import { ResourceUrls } from "./resource-urls.ts";
import { quotedScope } from "./scopes.ts";
import { ServerMetadata } from "./server-metadata.ts";
import type { TokenCheck } from "./token-check.ts";
import { isUserOf } from "./user.ts";

/** What is set about the logins of a service. */
export interface OAuthParts {
  /** Its name, which is its scope. */
  readonly service: string;
  readonly issuer: string;
  /** Where the gateway reaches the authorization server. @default - at its issuer */
  readonly server?: string | undefined;
  /** As whom the gateway asks about tokens. @default - the issuer is one of the operator's own, and its tokens are JWTs */
  readonly secret?: string | undefined;
  /** The service's URL as clients are given it. */
  readonly publicUrl: string;
  /** Audiences besides the URL; with an issuer of the operator's own, all of them. @default - the URL */
  readonly audiences: readonly string[];
  /** The claim that names a user. @default - the first of those that are usual */
  readonly claim?: string | undefined;
}

/** The logins of one service. */
export class OAuth implements Auth {
  readonly required = true;
  readonly oauth: OAuthDocuments = this;
  readonly #parts: OAuthParts;
  readonly #urls: ResourceUrls;
  readonly #server: ServerMetadata;
  readonly #tokens: TokenCheck;

  constructor(parts: OAuthParts, log: Logger) {
    this.#parts = parts;
    this.#urls = new ResourceUrls(parts.publicUrl);
    this.#server = new ServerMetadata(parts.issuer, parts.server);
    this.#tokens = this.#checkOf(parts, log);
  }

  get problem(): string | undefined {
    return this.#tokens.problem;
  }

  start(watcher: LoginWatcher): void {
    this.#tokens.start?.(watcher);
  }

  stop(): void {
    this.#tokens.stop?.();
  }

  identify(request: Credentials): Principal | Promise<Principal> {
    const header = request.header("authorization");
    const token = bearerTokenIn(header);
    if (token !== undefined) return this.#tokens.check(token);
    throw new GatewayError("login-required", { reason: header === undefined ? "no token" : "no bearer token" });
  }

  accepts({ id }: Principal): boolean {
    return isUserOf(this.#parts.issuer, id);
  }

  /** RFC 6750, section 3, and RFC 9728, section 5.1. */
  challenge(refused: Refused): Readonly<Record<string, string>> {
    const words = [
      `resource_metadata="${this.#urls.metadataAt(refused)}"`,
      ...errorWords(refused),
      ...this.#scopeWords(refused),
    ];
    return { "www-authenticate": `Bearer ${words.join(", ")}` };
  }

  resourceMetadata(called: Called): object {
    return {
      resource: this.#urls.resourceAt(called),
      authorization_servers: [this.#parts.issuer],
      ...(this.#isOurs && { scopes_supported: [scopeOf(this.#parts.service)] }),
      bearer_methods_supported: ["header"],
      resource_name: this.#parts.service,
    };
  }

  serverMetadata(): Promise<ServerDocument> {
    return this.#server.get();
  }

  /** The operator's own issuer does not know our scopes, and refuses those that it does not know. */
  get #isOurs(): boolean {
    return this.#parts.secret !== undefined;
  }

  /** Clients ask for these and no others. */
  #scopeWords({ error }: Refused): string[] {
    const wanted = error.name === "insufficient-scope" ? error.details["scope"] : undefined;
    if (typeof wanted === "string") return [`scope=${quotedScope(wanted)}`];
    return this.#isOurs ? [`scope=${quotedScope(scopeOf(this.#parts.service))}`] : [];
  }

  #checkOf({ issuer, server = issuer, secret, service, audiences, claim }: OAuthParts, log: Logger): TokenCheck {
    const own = this.#urls.audiences;
    if (secret === undefined) {
      const of = { issuer, service, audiences: audiences.length > 0 ? audiences : own };
      return new JwtTokens(of, { claim, metadata: () => this.#server.get() });
    }
    const asked = { server: server.replace(/\/$/, ""), secret };
    return new OpaqueTokens({ issuer, service, audiences: [...own, ...audiences] }, asked, log);
  }
}

function errorWords(refused: Refused): string[] {
  if (refused.error.name === "insufficient-scope") return [`error="insufficient_scope"`];
  if (refused.header("authorization") === undefined) return [];
  return [`error="invalid_token"`, `error_description="${DESCRIPTION}"`];
}

const DESCRIPTION = "The access token has expired, was revoked, or is not for this service";
