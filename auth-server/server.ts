/** The authorization server: its paths, in front of oidc-provider. */
import { once } from "node:events";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import type { Configuration, Provider } from "oidc-provider";
import { INTROSPECTION_PATH, REVOCATIONS_PATH } from "../gateways/auth/introspection.ts";
import { hostOf } from "../gateways/limits/address.ts";
import type { Logger } from "../gateways/log.ts";
import type { Accounts } from "./accounts.ts";
import { auditAuth, auditProvider, fieldsOf } from "./audit.ts";
import { ClientAddresses } from "./client-address.ts";
import { ClientDocuments } from "./clients/documents.ts";
import { PUBLIC, type Reach } from "./clients/public-fetch.ts";
import { register } from "./clients/register.ts";
import type { AuthConfig } from "./config.ts";
import { answerJson, answerPreflight, fail, OPEN, Refusal } from "./http.ts";
import { introspect } from "./introspect.ts";
import { Limits } from "./limits.ts";
import { Logins } from "./logins.ts";
import { isMetadataPath, metadataOf } from "./metadata.ts";
import { createProvider, paths } from "./provider.ts";
import { asIssued, plainAuthorization, sendAsGet } from "./requests.ts";
import { Resources } from "./resources.ts";
import { RevocationStreams } from "./revocations.ts";
import { cookieKeys, signingKeys } from "./store/keys.ts";
import { RETRY_AFTER, StoreAway, type Store } from "./store/store.ts";

/** The pages on which people log in (interactions/). */
export interface Pages {
  /** Answers a request for a page: `/login/...`, `/oauth/callback`, and whatever else is no path of the protocol. */
  handle(req: IncomingMessage, res: ServerResponse, path: string): Promise<void>;
  /**
   * Whether a login may go on at the authorization endpoint: in the browser that has seen its pages, and in no other one.
   * @returns false when the request has been answered
   */
  admit(req: IncomingMessage, res: ServerResponse, uid: string): Promise<boolean>;
  /** A whole page that says what went wrong. */
  errorPage(error: PageError): { readonly headers: Readonly<Record<string, string>>; readonly body: string };
}

/** What went wrong in front of a person. */
export interface PageError {
  readonly status: number;
  /** The RFC's code. */
  readonly code: string;
  readonly description: string | undefined;
  /** The id of the flow in the log, under which the operator finds why. */
  readonly flow?: string | undefined;
}

/** What a running server consists of, for the pages and for tests. */
export interface Parts {
  readonly config: AuthConfig;
  readonly store: Store;
  readonly resources: Resources;
  readonly provider: Provider;
  readonly logins: Logins;
  readonly accounts: Accounts;
  readonly addresses: ClientAddresses;
  readonly limits: Limits;
  readonly log: Logger;
}

/** What stands in other rooms. */
export interface Rooms {
  readonly accounts: (store: Store) => Accounts;
  readonly pages: (parts: Parts) => Pages;
  /** From where metadata documents are fetched. Only tests have another. @default - public addresses */
  readonly reach?: Reach;
}

/** Milliseconds between two looks for what has expired. */
const SWEEP = 600_000;

/** Milliseconds that a server which ends waits for requests that are open. */
const PATIENCE = 10_000;

/** A server that listens until it is closed. */
export class AuthServer {
  readonly parts: Parts;
  readonly #server: Server;
  readonly #pages: Pages;
  readonly #revocations: RevocationStreams;
  readonly #sweeper: NodeJS.Timeout;
  readonly #byLibrary: ReturnType<Provider["callback"]>;

  /**
   * Makes one that does not listen yet, on a store that it closes in the end.
   * @throws ConfigError @throws StoreAway
   */
  static async on(store: Store, config: AuthConfig, log: Logger, rooms: Rooms): Promise<AuthServer> {
    await store.sweep();
    return new AuthServer({ store, config, log, rooms, ...(await keptIn(store, config)) });
  }

  private constructor(made: Made) {
    this.parts = partsOf(made, (...error) => this.#renderError(...error));
    this.#pages = made.rooms.pages(this.parts);
    this.#revocations = new RevocationStreams(this.parts, made.lastRevocation);
    this.parts.provider.use(async (ctx, next) => {
      try {
        await next();
      } finally {
        await this.#afterwards(ctx);
      }
    });
    this.#byLibrary = this.parts.provider.callback();
    this.#server = createServer((req, res) => void this.#answer(req, res));
    this.#sweeper = setInterval(() => void this.#sweep(), SWEEP).unref();
  }

  /** Where it listens. */
  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  async listen(): Promise<void> {
    const { host, port } = this.parts.config;
    await this.parts.addresses.ready();
    this.#server.listen(port, host);
    await once(this.#server, "listening");
  }

  /** Resolves when open requests have been answered. */
  async close(): Promise<void> {
    clearInterval(this.#sweeper);
    this.#revocations.close();
    this.#server.close();
    this.#server.closeIdleConnections();
    setTimeout(() => this.#server.closeAllConnections(), PATIENCE).unref();
    await once(this.#server, "close");
    await this.parts.store.close();
  }

  async #answer(req: IncomingMessage, res: ServerResponse): Promise<void> {
    try {
      await this.#route(req, res);
    } catch (error) {
      const { log } = this.parts;
      if (error instanceof Refusal && !error.isQuiet) auditRefusal(log, (req.url ?? "").split("?")[0]!, error);
      fail(res, error, log);
    }
  }

  async #route(req: IncomingMessage, res: ServerResponse): Promise<void> {
    const { config, resources, addresses, limits } = this.parts;
    addresses.note(req);
    const path = asIssued(req, config.issuer);
    if (path === "/health") return this.#health(res);
    if (req.method === "OPTIONS" && isOpen(path)) return answerPreflight(req, res);
    if (isMetadataPath(path)) return answerJson(res, 200, metadataOf(config.issuer, resources), OPEN);
    if (path === INTROSPECTION_PATH) return introspect(req, res, this.parts);
    if (path === REVOCATIONS_PATH) return this.#revocations.open(req, res, resources);
    if (/\/\.well-known\//.test(path)) throw new Refusal(404, "not_found", "there is no such document here", {}, true);
    if (!path.startsWith("/oauth/") || path === "/oauth/callback") return this.#pages.handle(req, res, path);
    if (!isProtocolPath(path)) throw new Refusal(404, "not_found", "there is no such endpoint here", {}, true);
    limits.admitRequest();
    if (path === paths.registration) return register(req, res, this.parts);
    if (path === paths.authorization && req.method === "POST") return sendAsGet(req, res);
    if (path === paths.authorization) this.#admitLogin(req);
    const resumed = path.startsWith(`${paths.authorization}/`) ? path.slice(paths.authorization.length + 1) : undefined;
    if (resumed !== undefined && !(await this.#pages.admit(req, res, resumed))) return;
    await this.#byLibrary(req, res);
  }

  /** @throws Refusal 429 */
  #admitLogin(req: IncomingMessage): void {
    const { addresses, limits, resources } = this.parts;
    limits.admitLogin(hostOf(addresses.of(req)));
    plainAuthorization(req, resources);
  }

  readonly #renderError: RenderError = (ctx, { error, error_description: description }) => {
    const { flow } = fieldsOf(ctx);
    const { headers, body } = this.#pages.errorPage({ status: ctx.status, code: error, description, flow });
    ctx.set({ ...headers });
    ctx.body = body;
  };

  /** An outage of the store is one of this server. @throws StoreAway */
  async #health(res: ServerResponse): Promise<void> {
    await this.parts.store.revocations.last();
    answerJson(res, 200, { status: "ok" });
  }

  /** What every answer of oidc-provider is followed by, also that to a request which has failed. */
  async #afterwards(ctx: { status: number; set(name: string, value: string): void }): Promise<void> {
    if (ctx.status === 503) ctx.set("Retry-After", String(RETRY_AFTER));
    await this.#revocations.tellNow();
  }

  async #sweep(): Promise<void> {
    const { store, provider, config, log } = this.parts;
    try {
      await store.sweep();
      provider.keys = await cookieKeys(store.keys, config.cookieSecret);
    } catch (err) {
      if (!(err instanceof StoreAway)) log.error({ err }, "could not remove what has expired");
    }
  }
}

/** Of these there is one spelling. oidc-provider would take others, past all that stands here before it. */
const isProtocolPath = (path: string): boolean =>
  Object.values<string>(paths).includes(path) || /^\/oauth\/authorize\/[\w-]+$/.test(path);

type RenderError = NonNullable<Configuration["renderError"]>;

/** Whether any page may call a path: there is nothing at it that a page could not get by itself. */
const isOpen = (path: string): boolean => isMetadataPath(path) || path === paths.registration;

function auditRefusal(log: Logger, step: string, { code, message: reason }: Refusal): void {
  auditAuth(log, "refused", { step, code, reason });
}

/** What a server is made of. */
interface Made {
  readonly store: Store;
  readonly config: AuthConfig;
  readonly log: Logger;
  readonly rooms: Rooms;
  readonly jwks: Awaited<ReturnType<typeof signingKeys>>;
  readonly cookieKeys: readonly string[];
  readonly lastRevocation: number;
}

/** What must be known before the first request. */
const keptIn = async ({ keys, revocations }: Store, { cookieSecret }: AuthConfig) => ({
  jwks: await signingKeys(keys),
  cookieKeys: await cookieKeys(keys, cookieSecret),
  lastRevocation: await revocations.last(),
});

function partsOf({ store, config, log, rooms, jwks, cookieKeys }: Made, renderError: RenderError): Parts {
  const resources = new Resources(config.resourcesFile, (problem) => log.error({ reason: problem }, "mistake"));
  const accounts = rooms.accounts(store);
  const limits = new Limits();
  const documents = new ClientDocuments(store.documents, limits, rooms.reach ?? PUBLIC);
  const { issuer } = config;
  const provider = createProvider({ issuer, store, jwks, cookieKeys, resources, accounts, documents, renderError });
  limits.watchClients(provider);
  auditProvider(provider, accounts, log);
  const addresses = new ClientAddresses(config.trustedProxies);
  const logins = new Logins(provider, resources, store.grants, addresses);
  return { config, store, resources, provider, accounts, addresses, limits, log, logins };
}
