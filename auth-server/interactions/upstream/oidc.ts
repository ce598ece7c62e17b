/**
 * A login at an OpenID provider, found by discovery. jose, which oidc-provider brings, checks the ID token; a library for the rest
 * would be another dependency for two requests.
 */
import { createRemoteJWKSet, jwtVerify, type JWTPayload, type JWTVerifyGetKey } from "jose";
import { SIGNATURES } from "../../../gateways/auth/signatures.ts";
import { fetchJson, formOf, textIn } from "./json.ts";
import { UpstreamError, type Identity, type Return, type Start, type Upstream } from "./upstream.ts";

export interface OidcOptions {
  readonly issuer: string;
  readonly clientId: string;
  readonly clientSecret: string;
}

/** What is used of the provider's metadata. */
interface Metadata {
  readonly authorization: string;
  readonly token: string;
  readonly userinfo: string | undefined;
  readonly keys: JWTVerifyGetKey;
  /** Whether each answer names its issuer (RFC 9207). */
  readonly saysIss: boolean;
  readonly takesPost: boolean;
  readonly read: number;
}

/** Milliseconds for which metadata is used. */
const FRESH = 3_600_000;

export class OidcUpstream implements Upstream {
  readonly called: string;
  readonly #options: OidcOptions;
  #metadata: Metadata | undefined;

  constructor(options: OidcOptions) {
    this.#options = options;
    this.called = new URL(options.issuer).host;
  }

  async start({ redirectUri, state, nonce, challenge }: Start): Promise<URL> {
    const url = new URL((await this.#discovered()).authorization);
    const asked = {
      client_id: this.#options.clientId,
      response_type: "code",
      scope: "openid email",
      redirect_uri: redirectUri,
      state,
      nonce,
      code_challenge: challenge,
      code_challenge_method: "S256",
    };
    for (const [name, value] of Object.entries(asked)) url.searchParams.set(name, value);
    return url;
  }

  async finish(back: Return): Promise<Identity> {
    const metadata = await this.#discovered();
    if (metadata.saysIss || back.iss !== undefined) this.#requireIss(back.iss);
    const answer = await this.#exchange(metadata, back);
    const claims = await this.#claimsOf(textIn(answer, "id_token"), back.nonce, metadata);
    const email = verifiedEmail(claims) ?? verifiedEmail(await userinfo(metadata, answer, claims));
    if (email === undefined) throw new UpstreamError("it has verified no e-mail address of this user");
    return { issuer: this.#options.issuer, subject: claims.sub!, email };
  }

  #requireIss(iss: string | undefined): void {
    if (iss !== this.#options.issuer) throw new UpstreamError("the answer is another issuer's");
  }

  #exchange({ token, takesPost }: Metadata, { code, redirectUri, verifier }: Return): Promise<unknown> {
    const { clientId, clientSecret } = this.#options;
    const fields = { grant_type: "authorization_code", code, redirect_uri: redirectUri, code_verifier: verifier };
    if (takesPost) return fetchJson(token, formOf({ ...fields, client_id: clientId, client_secret: clientSecret }));
    const form = formOf(fields);
    return fetchJson(token, {
      ...form,
      headers: { ...(form.headers as object), authorization: basic(clientId, clientSecret) },
    });
  }

  /** OpenID Connect Core, section 3.1.3.7. */
  async #claimsOf(token: string, nonce: string, { keys }: Metadata): Promise<JWTPayload> {
    const { issuer, clientId } = this.#options;
    const rules = {
      issuer,
      audience: clientId,
      algorithms: SIGNATURES,
      requiredClaims: ["sub", "exp", "iat"],
      clockTolerance: 60,
    };
    const { payload } = await jwtVerify(token, keys, rules).catch((error: Error) => {
      throw new UpstreamError(`its ID token is not valid: ${error.message}`);
    });
    if (payload["nonce"] !== nonce) throw new UpstreamError("its ID token is for another login");
    const isForMany = Array.isArray(payload.aud) && payload.aud.length > 1;
    if ((isForMany || payload["azp"] !== undefined) && payload["azp"] !== clientId)
      throw new UpstreamError("its ID token was issued to another client");
    return payload;
  }

  async #discovered(now = Date.now()): Promise<Metadata> {
    if (this.#metadata === undefined || now - this.#metadata.read > FRESH) this.#metadata = await this.#read(now);
    return this.#metadata;
  }

  async #read(now: number): Promise<Metadata> {
    const { issuer } = this.#options;
    const found = (await fetchJson(`${issuer.replace(/\/$/, "")}/.well-known/openid-configuration`)) as Record<
      string,
      unknown
    >;
    if (textIn(found, "issuer") !== issuer)
      throw new UpstreamError(
        `it calls itself ${String(found["issuer"])}, expected ${issuer}: set UPSTREAM_ISSUER to that`,
      );
    const methods = found["token_endpoint_auth_methods_supported"];
    return {
      authorization: secure(textIn(found, "authorization_endpoint"), issuer),
      token: secure(textIn(found, "token_endpoint"), issuer),
      userinfo:
        found["userinfo_endpoint"] === undefined ? undefined : secure(textIn(found, "userinfo_endpoint"), issuer),
      keys: createRemoteJWKSet(new URL(secure(textIn(found, "jwks_uri"), issuer))),
      saysIss: found["authorization_response_iss_parameter_supported"] === true,
      takesPost:
        Array.isArray(methods) && !methods.includes("client_secret_basic") && methods.includes("client_secret_post"),
      read: now,
    };
  }
}

/** Only an issuer that is reached by http, on this machine, has endpoints that are. */
function secure(url: string, issuer: string): string {
  if (URL.canParse(url) && [new URL(issuer).protocol, "https:"].includes(new URL(url).protocol)) return url;
  throw new UpstreamError("one of its endpoints is no https URL");
}

/** RFC 6749, section 2.3.1: both are form-encoded first. */
const basic = (id: string, secret: string) =>
  `Basic ${Buffer.from(`${formEncoded(id)}:${formEncoded(secret)}`).toString("base64")}`;

const formEncoded = (text: string) => new URLSearchParams({ v: text }).toString().slice(2);

async function userinfo({ userinfo: url }: Metadata, answer: unknown, { sub }: JWTPayload): Promise<JWTPayload> {
  if (url === undefined) return {};
  const authorization = `Bearer ${textIn(answer, "access_token")}`;
  const claims = (await fetchJson(url, { headers: { authorization } })) as JWTPayload;
  // OpenID Connect Core, section 5.3.2: another subject's claims are not to be used.
  if (claims.sub !== sub) throw new UpstreamError("its user info is another user's");
  return claims;
}

const verifiedEmail = (claims: JWTPayload): string | undefined =>
  claims["email_verified"] === true && typeof claims["email"] === "string" ? claims["email"] : undefined;
