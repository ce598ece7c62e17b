/**
 * Clients whose id is the URL of their metadata document (draft-ietf-oauth-client-id-metadata-document). oidc-provider decides
 * what is in one and keeps it for a while; what is here fetches, and keeps the last good one for when that fails.
 */
import { errors } from "oidc-provider";
import type { Documents } from "../store/contract/clients.ts";
import type { Limits } from "../limits.ts";
import { FetchError, fetchPublic, type Loaded, type Reach } from "./public-fetch.ts";

/** Milliseconds for which a failure is remembered. */
const FAILED = 30_000;
/** How many documents, and failures, are held in memory. */
const MOST = 1_000;
/** Seconds for which oidc-provider keeps a document that could not be fetched again. */
const LAST_GOOD = 60;

interface Failure {
  readonly error: FetchError;
  readonly until: number;
}

/** The documents of all clients. */
export class ClientDocuments {
  readonly #documents: Documents;
  readonly #limits: Limits;
  readonly #reach: Reach;
  readonly #failures = new Map<string, Failure>();
  readonly #getting = new Map<string, Promise<Loaded>>();
  /** What was read for oidc-provider and not taken yet. */
  readonly #loaded = new Map<string, Loaded>();

  constructor(documents: Documents, limits: Limits, reach: Reach) {
    this.#documents = documents;
    this.#limits = limits;
    this.#reach = reach;
  }

  /**
   * Gets a document, which `fetch` then gives to oidc-provider.
   * @throws OIDCProviderError that tells it apart from a client that there is not
   */
  async load(url: string): Promise<void> {
    const getting = this.#getting.get(url) ?? this.#get(url).finally(() => this.#getting.delete(url));
    this.#getting.set(url, getting);
    const loaded = await getting;
    this.#loaded.set(url, loaded);
    if (this.#loaded.size > MOST) this.#loaded.delete(this.#loaded.keys().next().value!);
  }

  /** What oidc-provider fetches: a document that is loaded, or the keys of a client. */
  readonly fetch = async (url: string): Promise<Response> => {
    const loaded = this.#loaded.get(url) ?? (await this.#fetchKeys(url));
    this.#loaded.delete(url);
    const headers = { "content-type": "application/json", "cache-control": loaded.cacheControl };
    return new Response(loaded.text, { headers });
  };

  /** Whoever writes a document may have us ask anybody for keys. */
  #fetchKeys(url: string): Promise<Loaded> {
    this.#limits.admitDocument(new URL(url).host);
    return fetchPublic(url, this.#reach);
  }

  async #get(url: string): Promise<Loaded> {
    try {
      return await this.#fetch(url);
    } catch (error) {
      const text = await this.#documents.find(url);
      if (text !== undefined) return { text, cacheControl: `max-age=${LAST_GOOD}` };
      throw error instanceof FetchError ? unavailable(url, error) : error;
    }
  }

  async #fetch(url: string): Promise<Loaded> {
    const failure = this.#failures.get(url);
    if (failure && failure.until > Date.now()) throw failure.error;
    this.#failures.delete(url);
    this.#limits.admitDocument(new URL(url).host);
    try {
      const { text, cacheControl } = await fetchPublic(url, this.#reach);
      const document = readDocument(text, url);
      await this.#documents.keep(url, document);
      return { text: document, cacheControl };
    } catch (error) {
      if (error instanceof FetchError) this.#remember(url, error);
      throw error;
    }
  }

  #remember(url: string, error: FetchError): void {
    this.#failures.set(url, { error, until: Date.now() + FAILED });
    if (this.#failures.size > MOST) this.#failures.delete(this.#failures.keys().next().value!);
  }
}

/** @throws FetchError when it is not a document of this client */
function readDocument(text: string, url: string): string {
  let read: unknown;
  try {
    read = JSON.parse(text);
  } catch {
    throw new FetchError("it is not JSON", false);
  }
  const document = (read ?? {}) as Record<string, unknown>;
  if (document["client_id"] !== url) throw new FetchError("its client_id is not its URL", false);
  const known = KNOWN.filter((name) => document[name] !== undefined).map((name) => [name, document[name]]);
  return JSON.stringify(withoutChoice(Object.fromEntries(known) as Record<string, unknown>));
}

/** What counts here. A scope or an algorithm of ID tokens that there is not here is no reason to refuse a client. */
const KNOWN = [
  "client_id",
  "client_name",
  "client_uri",
  "logo_uri",
  "tos_uri",
  "policy_uri",
  "redirect_uris",
  "grant_types",
  "response_types",
  "token_endpoint_auth_method",
  "token_endpoint_auth_methods_supported",
  "token_endpoint_auth_signing_alg",
  "jwks",
  "jwks_uri",
  // oidc-provider refuses a client that shows its secret to everybody.
  "client_secret",
  "client_secret_expires_at",
];

/** A client that offers to be a public one is one: only `none` is advertised, and ChatGPT's prefers to sign otherwise. */
function withoutChoice({
  token_endpoint_auth_methods_supported: methods,
  ...document
}: Record<string, unknown>): object {
  if (!Array.isArray(methods)) return document;
  if (!methods.includes("none")) return { ...document, token_endpoint_auth_methods_supported: methods };
  // How it would sign is refused of a client that does not.
  const { token_endpoint_auth_signing_alg: _how, ...unsigned } = document;
  return { ...unsigned, token_endpoint_auth_method: "none" };
}

/** `invalid_client` would make a client forget its login because of a failure that passes. */
function unavailable(url: string, { message, isTemporary }: FetchError): errors.OIDCProviderError {
  const description = `the client's metadata document ${url} could not be read: ${message}`;
  if (!isTemporary) return new errors.InvalidClient(description);
  const error = new errors.CustomOIDCProviderError("temporarily_unavailable", description);
  return Object.assign(error, { status: 503, statusCode: 503 });
}
