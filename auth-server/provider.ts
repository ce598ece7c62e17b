/** oidc-provider, set up so that the clients of MCP can log in, and nothing else is possible. */
import {
  Provider,
  errors,
  interactionPolicy,
  type Configuration,
  type JWK,
  type KoaContextWithOIDC,
} from "oidc-provider";
import { OFFLINE_ACCESS } from "../gateways/auth/introspection.ts";
import type { Accounts } from "./accounts.ts";
import { ClientAdapter } from "./clients/client-adapter.ts";
import type { ClientDocuments } from "./clients/documents.ts";
import { LARGEST } from "./clients/public-fetch.ts";
import { isRegistered } from "./clients/redirects.ts";
import { audienceOf, isScopeOf, wordsOf, type Resource, type Resources } from "./resources.ts";
import { RecordAdapter } from "./store/adapter.ts";
import type { Store } from "./store/store.ts";

/** Seconds. Access tokens are checked at each request, so a long life costs nothing: clients refresh badly. */
const TTL = {
  AccessToken: 86_400,
  AuthorizationCode: 60,
  Interaction: 3_600,
  Session: 14 * 86_400,
  /** Since it was last used. */
  RefreshToken: 60 * 86_400,
  Grant: 365 * 86_400,
} as const;

export const paths = {
  authorization: "/oauth/authorize",
  token: "/oauth/token",
  registration: "/oauth/register",
  revocation: "/oauth/revoke",
  jwks: "/oauth/jwks",
} as const;

/** What the provider is made of. */
export interface Parts {
  readonly issuer: string;
  readonly store: Store;
  readonly resources: Resources;
  readonly accounts: Accounts;
  /** The private keys of the server, and what signs cookies (store/keys.ts). */
  readonly jwks: { readonly keys: JWK[] };
  readonly cookieKeys: readonly string[];
  readonly documents: ClientDocuments;
  readonly renderError: NonNullable<Configuration["renderError"]>;
}

/** Makes the provider. It trusts the headers of its requests: server.ts overwrites them. */
export function createProvider(parts: Parts): Provider {
  const provider = new Provider(parts.issuer, configurationOf(parts));
  provider.proxy = true;
  provider.Client.prototype.redirectUriAllowed = function (uri: string) {
    return isRegistered(uri, this.redirectUris ?? []);
  };
  checkResourceFirst(provider, parts.resources);
  return provider;
}

function configurationOf(parts: Parts): Configuration {
  const { issuer, store, resources, accounts, jwks, cookieKeys, documents, renderError } = parts;
  return {
    adapter: (model) => (model === "Client" ? new ClientAdapter(store.clients) : new RecordAdapter(store, model)),
    jwks,
    cookies: cookies(issuer, [...cookieKeys]),
    routes: paths,
    scopes: [OFFLINE_ACCESS],
    responseTypes: ["code"],
    clientAuthMethods: ["none", "private_key_jwt"],
    enabledJWA: {
      idTokenSigningAlgValues: ["ES256"],
      clientAuthSigningAlgValues: ["ES256", "RS256", "PS256", "EdDSA"],
    },
    clientDefaults: {
      application_type: "native",
      grant_types: ["authorization_code", "refresh_token"],
      id_token_signed_response_alg: "ES256",
      response_types: ["code"],
      token_endpoint_auth_method: "none",
    },
    extraClientMetadata: {
      // Real clients say `web`, or nothing, and listen on a loopback port (claude-code#37767).
      properties: ["application_type"],
      validator: (_ctx, _key, _value, metadata) => void (metadata.application_type = "native"),
    },
    // A loopback address is registered without its port, so the only one registered may not be where the client listens.
    allowOmittingSingleRegisteredRedirectUri: false,
    // Clients may be web pages. What they show are codes with PKCE and tokens, never a cookie.
    clientBasedCORS: (_ctx, origin) => origin !== "null",
    pkce: { required: () => true },
    ttl: TTL,
    expiresWithSession: () => false,
    issueRefreshToken: (_ctx, client) => client.grantTypeAllowed("refresh_token"),
    rotateRefreshToken: true,
    revokeGrantPolicy: () => true,
    // A login has a grant of its own: what ends one leaves the client's others alone.
    loadExistingGrant: (ctx) => {
      const id = ctx.oidc.result?.consent?.grantId;
      return id === undefined ? Promise.resolve(undefined) : ctx.oidc.provider.Grant.find(id);
    },
    findAccount: async (_ctx, id) => {
      const account = await accounts.find(id);
      return account && { accountId: id, claims: () => ({ sub: id }) };
    },
    interactions: { policy: policy(), url: (_ctx, interaction) => `/login/${interaction.uid}` },
    renderError,
    fetch: (url) => documents.fetch(url instanceof Request ? url.url : String(url)),
    fetchResponseBodyLimits: { "client_id metadata document": LARGEST, jwks_uri: LARGEST },
    features: {
      devInteractions: { enabled: false },
      userinfo: { enabled: false },
      rpInitiatedLogout: { enabled: false },
      dPoP: { enabled: false },
      pushedAuthorizationRequests: { enabled: false },
      revocation: { enabled: true, allowedPolicy: (_ctx, client, token) => token.clientId === client.clientId },
      rpMetadataChoices: { enabled: true },
      clientIdMetadataDocument: {
        enabled: true,
        ack: "draft-02",
        cacheDuration: { min: 60, max: 86_400 },
        allowFetch: async (_ctx, url) => {
          if (new URL(url).pathname === "/") throw new errors.InvalidClient("client_id is a URL without a path");
          await documents.load(url);
          return true;
        },
      },
      resourceIndicators: {
        enabled: true,
        defaultResource: (ctx, _client, oneOf) => oneOf?.[0] ?? defaultResource(ctx, resources),
        useGrantedResource: () => true,
        getResourceServerInfo: (ctx, url) => resourceServer(ctx, url, resources),
      },
    },
  };
}

const cookies = (issuer: string, keys: string[]): NonNullable<Configuration["cookies"]> => {
  const secure = issuer.startsWith("https:");
  const options = { httpOnly: true, sameSite: "lax", signed: true, secure } as const;
  return { keys, long: options, short: options };
};

/** A user is asked at every login; the pages may answer in the user's name what was allowed before. */
function policy() {
  const prompts = interactionPolicy.base();
  const consent = prompts.get("consent")!;
  consent.checks.remove("native_client_prompt");
  const { Check } = interactionPolicy;
  prompts.get("login")!.checks.add(new Check("user_gone", "the user is gone", "login_required", isGone));
  const why = "each login has a grant of its own";
  consent.checks.add(new Check("grant_missing", why, "consent_required", hasNoGrant));
  return prompts;
}

/** oidc-provider takes it for granted that there is a user whose session it finds. */
const isGone = ({ oidc }: KoaContextWithOIDC): boolean =>
  oidc.session?.accountId !== undefined && oidc.account === undefined;

const hasNoGrant = (ctx: KoaContextWithOIDC): boolean => !ctx.oidc.result?.consent?.grantId;

/** The only service, or the one whose scopes are asked for. @throws InvalidTarget */
function defaultResource(ctx: KoaContextWithOIDC, resources: Resources): string {
  const { all } = resources;
  const scopes = [...ctx.oidc.requestParamScopes];
  const meant = all.length === 1 ? all : all.filter(({ service }) => scopes.some((scope) => isScopeOf(service, scope)));
  if (meant.length === 1) return audienceOf(meant[0]!);
  throw new errors.InvalidTarget(
    "resource is missing, and there are several services here: send the URL of the one that the token is for",
  );
}

/** What a token for a service may hold. @throws InvalidTarget for anything but one of our services */
function resourceServer(ctx: KoaContextWithOIDC, url: string, resources: Resources) {
  const resource = resources.at(url);
  if (Array.isArray(ctx.oidc.params?.["resource"]) && ctx.oidc.params["resource"].length > 1)
    throw new errors.InvalidTarget("got several resources, expected one: each token is for one service");
  if (!resource) throw new errors.InvalidTarget("resource is not the URL of a service here");
  return {
    audience: audienceOf(resource),
    scope: scopesFor(ctx, resource).join(" "),
    accessTokenFormat: "opaque" as const,
    accessTokenTTL: TTL.AccessToken,
  };
}

/** The scopes of a service that are asked for, or that were granted. Without any of them, all of its tools are asked for. */
function scopesFor(ctx: KoaContextWithOIDC, resource: Resource): string[] {
  const { params, entities } = ctx.oidc;
  const isOurs = (scope: string) => isScopeOf(resource.service, scope);
  const asked = wordsOf(params?.["scope"]);
  if (ctx.oidc.route === "authorization" && params && !asked.some(isOurs))
    params["scope"] = [...asked, resource.service].join(" ");
  const granted = entities.Grant?.getResourceScope(audienceOf(resource)) ?? "";
  return [...new Set([resource.service, ...asked.filter(isOurs), ...wordsOf(granted).filter(isOurs)])];
}

/**
 * oidc-provider looks at `resource` after it has used up a code. A client that sends another spelling, or a wrong one, must be
 * able to try again (workers-oauth-provider#246).
 */
function checkResourceFirst(provider: Provider, resources: Resources): void {
  for (const model of [provider.AuthorizationCode, provider.RefreshToken]) {
    const consume = Object.getOwnPropertyDescriptor(model.prototype, "consume")!.value as (
      this: object,
    ) => Promise<void>;
    model.prototype.consume = function (this: { resource?: string | string[] }) {
      admitResource(this.resource, resources);
      return consume.call(this);
    };
  }
}

/** @throws InvalidTarget when a token request names another service than the one that was granted */
function admitResource(granted: string | string[] | undefined, resources: Resources): void {
  const params = Provider.ctx?.oidc.params;
  const asked = params?.["resource"];
  if (!params || asked === undefined) return;
  const [one = "", ...more] = [asked].flat().map(String);
  const service = resources.at(one)?.service;
  if (more.length > 0 || service === undefined || service !== resources.at(String(granted))?.service)
    throw new errors.InvalidTarget("resource is not the service that the user has logged in to");
  params["resource"] = granted;
}
