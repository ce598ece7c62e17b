/** The authorization server: its paths, in front of oidc-provider. */
import { once } from "node:events";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import type { Provider } from "oidc-provider";
import { INTROSPECTION_PATH, REVOCATIONS_PATH } from "../gateways/auth/introspection.ts";
import { hostOf } from "../gateways/limits/address.ts";
import { clientOf, TrustedProxies } from "../gateways/limits/trusted-proxies.ts";
import type { Logger } from "../gateways/log.ts";
import type { Accounts } from "./accounts.ts";
import { auditProvider } from "./audit.ts";
import { databaseIn, type AuthConfig } from "./config.ts";
import { answerJson, fail, Refusal } from "./http.ts";
import { introspect } from "./introspect.ts";
import { Limits } from "./limits.ts";
import { Logins } from "./logins.ts";
import { isMetadataPath, metadataOf } from "./metadata.ts";
import { createProvider, paths } from "./provider.ts";
import { ClientDocuments } from "./clients/documents.ts";
import { PUBLIC, type Reach } from "./clients/public-fetch.ts";
import { register } from "./clients/register.ts";
import { audienceOf, Resources } from "./resources.ts";
import { Revocations } from "./revocations.ts";
import { Database } from "./store/database.ts";
import { sweep } from "./store/sweep.ts";

/** The pages on which people log in (interactions/). */
export interface Pages {
  /**
   * Answers a request for a page: `/login/...`, `/oauth/callback`, and whatever else is no path of the protocol.
   * @param address of the browser
   */
  handle(req: IncomingMessage, res: ServerResponse, path: string, address: string): Promise<void>;
  /** A whole page that says what went wrong. */
  errorPage(error: PageError): string;
}

/** What went wrong in front of a person. */
export interface PageError {
  readonly status: number;
  /** The RFC's code. */
  readonly code: string;
  readonly description: string | undefined;
}

/** What a running server consists of, for the pages and for tests. */
export interface Parts {
  readonly config: AuthConfig;
  readonly database: Database;
  readonly resources: Resources;
  readonly provider: Provider;
  readonly logins: Logins;
  readonly accounts: Accounts;
  readonly limits: Limits;
  readonly log: Logger;
}

/** What stands in other rooms. */
export interface Rooms {
  readonly accounts: (database: Database) => Accounts;
  readonly pages: (parts: Parts) => Pages;
  /** From where metadata documents are fetched. Only tests have another. @default - public addresses */
  readonly reach?: Reach;
}

/** Milliseconds between two looks for what has expired. */
const SWEEP = 600_000;

/** A server that listens until it is closed. */
export class AuthServer {
  readonly parts: Parts;
  readonly #server: Server;
  readonly #pages: Pages;
  readonly #revocations: Revocations;
  readonly #sweeper: NodeJS.Timeout;
  readonly #trusted: TrustedProxies;

  /** @throws ConfigError, or Error when the database cannot be opened */
  constructor(config: AuthConfig, log: Logger, rooms: Rooms) {
    const database = new Database(databaseIn(config.dataDir));
    const resources = new Resources(config.resourcesFile, (problem) => log.error({ reason: problem }, "mistake"));
    const accounts = rooms.accounts(database);
    const limits = new Limits();
    const documents = new ClientDocuments(database, limits, rooms.reach ?? PUBLIC);
    const provider = createProvider({
      documents,
      issuer: config.issuer,
      cookieSecret: config.cookieSecret,
      database,
      resources,
      accounts,
      renderError: (ctx, { error, error_description: description }) => {
        ctx.type = "html";
        ctx.body = this.#pages.errorPage({ status: ctx.status, code: error, description });
      },
    });
    limits.watchClients(provider);
    auditProvider(provider, log);
    const logins = new Logins(provider, resources, database);
    this.parts = { config, database, resources, provider, accounts, limits, log, logins };
    this.#trusted = new TrustedProxies(config.trustedProxies);
    this.#pages = rooms.pages(this.parts);
    this.#revocations = new Revocations(database);
    this.#server = createServer((req, res) => void this.#answer(req, res));
    sweep(database);
    this.#sweeper = setInterval(() => sweep(database), SWEEP).unref();
  }

  /** Where it listens. */
  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  async listen(): Promise<void> {
    await this.#trusted.ready();
    const { host, port } = this.parts.config;
    this.#server.listen(port, host);
    await once(this.#server, "listening");
  }

  /** Resolves when open requests have been answered. */
  async close(): Promise<void> {
    clearInterval(this.#sweeper);
    this.#revocations.close();
    this.#server.close();
    this.#server.closeIdleConnections();
    await once(this.#server, "close");
    this.parts.database.close();
  }

  async #answer(req: IncomingMessage, res: ServerResponse): Promise<void> {
    try {
      await this.#route(req, res);
    } catch (error) {
      fail(res, error, this.parts.log);
    }
  }

  async #route(req: IncomingMessage, res: ServerResponse): Promise<void> {
    const { config, provider, resources, limits } = this.parts;
    const { address } = clientOf(req.socket.remoteAddress ?? "", req.headers, this.#trusted);
    const path = asIssued(req, config.issuer);
    if (path === "/health") return answerJson(res, 200, { status: "ok" });
    if (isMetadataPath(path)) return answerJson(res, 200, metadataOf(config.issuer, resources), OPEN);
    if (path === INTROSPECTION_PATH) return introspect(req, res, this.parts);
    if (path === REVOCATIONS_PATH) return this.#revocations.open(req, res, resources);
    if (path.startsWith("/.well-known/")) throw new Refusal(404, "not_found", "there is no such document here");
    if (!path.startsWith("/oauth/") || path === "/oauth/callback") return this.#pages.handle(req, res, path, address);
    limits.admitRequest();
    if (path === paths.registration) return register(req, res, this.parts);
    if (path === paths.authorization) {
      limits.admitLogin(hostOf(address));
      nameResource(req, resources);
    }
    await provider.callback()(req, res);
  }
}

/** A service has one name from here on, in whichever spelling a client asks for it. */
function nameResource(req: IncomingMessage, resources: Resources): void {
  const [path = "", query = ""] = (req.url ?? "").split(/\?(.*)/s);
  const parameters = new URLSearchParams(query);
  const asked = parameters.getAll("resource");
  if (asked.length === 0) return;
  const known = asked
    .map((url) => resources.at(url))
    .map((resource, at) => (resource ? audienceOf(resource) : asked[at]!));
  parameters.delete("resource");
  for (const url of new Set(known)) parameters.append("resource", url);
  req.url = `${path}?${parameters.toString()}`;
}

/** Any page may read what is public. */
const OPEN = { "access-control-allow-origin": "*" };

/**
 * Makes the request one to the issuer, whatever it says of itself: addresses in answers never come from a header.
 * @returns the path
 */
function asIssued(req: IncomingMessage, issuer: string): string {
  const { host, protocol } = new URL(issuer);
  for (const name of ["x-forwarded-host", "x-forwarded-for", "forwarded", "x-forwarded-port"]) delete req.headers[name];
  req.headers.host = host;
  req.headers["x-forwarded-proto"] = protocol.slice(0, -1);
  return new URL(req.url ?? "/", issuer).pathname;
}
