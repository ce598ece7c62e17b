/** Access tokens of an issuer of one's own: JWTs, which its published keys verify (RFC 9068). */
import { hash } from "node:crypto";
import type { JWTPayload, JWTVerifyGetKey, ProtectedHeaderParameters } from "jose";
import { GatewayError } from "../errors.ts";
import type { Principal } from "../principal.ts";
import { away } from "./ask-server.ts";
import type { ServerDocument } from "./auth.ts";
import { KnownTokens } from "./known-tokens.ts";
import { principalIn } from "./jwt-claims.ts";
import { endpointIn } from "./server-metadata.ts";
import { SIGNATURES } from "./signatures.ts";
import type { TokenCheck, TokensFor } from "./token-check.ts";

/** What a token may call itself: an access token, or a JWT of no kind that is known (RFC 7519, section 5.1). */
const TYPES: ReadonlySet<string> = new Set(["at+jwt", "application/at+jwt", "jwt"]);

/** Seconds by which clocks may differ. */
const SKEW = 30;

/** Milliseconds for which a token that was verified is not verified again: the issuer may withdraw a key. */
const KEPT = 60_000;

/** Milliseconds: keys are fetched within, at most so often for a key that is not known, and again after. */
const KEYS = { timeoutDuration: 5_000, cooldownDuration: 30_000, cacheMaxAge: 600_000 };

/** Characters of the longest token that is looked at. */
const LONGEST = 12 * 1024;

export interface JwtParts {
  /** The claim that names a user. @default - the first of those that are usual */
  readonly claim: string | undefined;
  /** What the issuer says of itself. */
  readonly metadata: () => Promise<ServerDocument>;
}

/** Checks the tokens of one service. jose is loaded with the first one. */
export class JwtTokens implements TokenCheck {
  readonly #for: TokensFor;
  readonly #parts: JwtParts;
  readonly #known = new KnownTokens();
  #keys: JWTVerifyGetKey | undefined;
  #problem: string | undefined;

  constructor(tokensFor: TokensFor, parts: JwtParts) {
    this.#for = tokensFor;
    this.#parts = parts;
  }

  get problem(): string | undefined {
    return this.#problem;
  }

  check(token: string): Principal | Promise<Principal> {
    if (token.length > LONGEST) throw refused("the token is too long");
    const digest = hash("sha256", token, "base64url");
    return this.#known.find(digest, Date.now()) ?? this.#verify(token, digest);
  }

  async #verify(token: string, digest: string): Promise<Principal> {
    const { payload } = await this.#verified(token, digest);
    const expires = payload.exp! * 1_000;
    const principal = { ...principalIn(payload, this.#for, this.#parts.claim), expires };
    this.#known.keep(digest, { principal, until: Math.min(expires, Date.now() + KEPT) });
    return principal;
  }

  /** @throws GatewayError */
  async #verified(token: string, digest: string): Promise<{ readonly payload: JWTPayload }> {
    const { jwtVerify } = await import("jose");
    const { issuer, audiences } = this.#for;
    try {
      const keys = (this.#keys ??= await this.#discover());
      const expected = { issuer, audience: [...audiences], algorithms: SIGNATURES, clockTolerance: SKEW };
      const verified = await jwtVerify(token, keys, { ...expected, requiredClaims: ["exp", "sub"] });
      requireType(verified.protectedHeader);
      this.#problem = undefined;
      return verified;
    } catch (error) {
      throw this.#told(error, digest);
    }
  }

  async #discover(): Promise<JWTVerifyGetKey> {
    const { createRemoteJWKSet } = await import("jose");
    const url = endpointIn(await this.#parts.metadata(), "jwks_uri");
    if (url === undefined) throw away("its metadata names no jwks_uri");
    return createRemoteJWKSet(new URL(url), KEYS);
  }

  /** A mistake in the token is its sender's, and everything else keeps us from knowing. */
  #told(error: unknown, digest: string): GatewayError {
    if (error instanceof GatewayError && error.name !== "auth-server-away") return error;
    const reason = reasonFor((error as { readonly code?: unknown }).code);
    if (reason === undefined) {
      const told = error instanceof GatewayError ? error : away("its keys cannot be read");
      this.#problem = String(told.details["reason"]);
      return told;
    }
    // A key that is not known yet may be there the next time.
    if (reason !== UNKNOWN_KEY) this.#known.refuse(digest, reason, Date.now());
    return refused(reason);
  }
}

const UNKNOWN_KEY = "the token is signed with a key that its issuer does not publish";

/** Codes of jose's errors that are about the token (https://github.com/panva/jose, util/errors). */
const REASONS: Readonly<Record<string, string>> = {
  ERR_JWS_INVALID: "not a JWT",
  ERR_JWT_INVALID: "not a JWT",
  ERR_JWS_SIGNATURE_VERIFICATION_FAILED: "the token's signature is wrong",
  ERR_JOSE_ALG_NOT_ALLOWED: "the token is signed in a way that is not accepted",
  ERR_JOSE_NOT_SUPPORTED: "the token is signed in a way that is not accepted",
  ERR_JWT_EXPIRED: "the token has expired",
  ERR_JWT_CLAIM_VALIDATION_FAILED: "the token is not for this service, not from its issuer, or not valid yet",
  ERR_JWKS_NO_MATCHING_KEY: UNKNOWN_KEY,
  ERR_JWKS_MULTIPLE_MATCHING_KEYS: "the token does not say which key has signed it",
};

const reasonFor = (code: unknown) => (typeof code === "string" ? REASONS[code] : undefined);

/** @throws GatewayError `login-required` for a token of another use, such as a logout token */
function requireType({ typ }: ProtectedHeaderParameters & { readonly typ?: string }): void {
  if (typ === undefined || TYPES.has(typ.toLowerCase())) return;
  throw refused("the token is not an access token");
}

const refused = (reason: string) => new GatewayError("login-required", { reason });
