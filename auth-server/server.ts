/** The authorization server: its paths, in front of oidc-provider. */
import { once } from "node:events";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import type { Provider } from "oidc-provider";
import { INTROSPECTION_PATH, REVOCATIONS_PATH } from "../gateways/auth/introspection.ts";
import type { Logger } from "../gateways/log.ts";
import type { Accounts } from "./accounts.ts";
import { auditProvider } from "./audit.ts";
import { ClientAddresses } from "./client-address.ts";
import { databaseIn, type AuthConfig } from "./config.ts";
import { answerJson, fail } from "./http.ts";
import { introspect } from "./introspect.ts";
import { Logins } from "./logins.ts";
import { isMetadataPath, metadataOf } from "./metadata.ts";
import { createProvider, paths } from "./provider.ts";
import { register } from "./register.ts";
import { Resources } from "./resources.ts";
import { Revocations } from "./revocations.ts";
import { Database } from "./store/database.ts";
import { sweep } from "./store/sweep.ts";

/** The pages on which people log in (interactions/). */
export interface Pages {
  /** Answers a request for `/login/...` or `/oauth/callback`. */
  handle(req: IncomingMessage, res: ServerResponse, path: string): Promise<void>;
  /**
   * Whether a login may go on at the authorization endpoint: in the browser that has seen its pages, and in no other one.
   * @returns false when the request has been answered
   */
  admit(req: IncomingMessage, res: ServerResponse, uid: string): boolean;
  /** A whole page that says what went wrong. */
  errorPage(error: PageError): { readonly headers: Readonly<Record<string, string>>; readonly body: string };
}

/** What went wrong in front of a person. */
export interface PageError {
  readonly status: number;
  /** The RFC's code. */
  readonly code: string;
  readonly description: string | undefined;
  /** The id of the flow in the log. */
  readonly flow?: string | undefined;
}

/** What a running server consists of, for the pages and for tests. */
export interface Parts {
  readonly config: AuthConfig;
  readonly database: Database;
  readonly resources: Resources;
  readonly provider: Provider;
  readonly logins: Logins;
  readonly accounts: Accounts;
  readonly addresses: ClientAddresses;
  readonly log: Logger;
}

/** What stands in other rooms. */
export interface Rooms {
  readonly accounts: (database: Database) => Accounts;
  readonly pages: (parts: Parts) => Pages;
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

  /** @throws ConfigError, or Error when the database cannot be opened */
  constructor(config: AuthConfig, log: Logger, rooms: Rooms) {
    const database = new Database(databaseIn(config.dataDir));
    const resources = new Resources(config.resourcesFile, (problem) => log.error({ reason: problem }, "mistake"));
    const accounts = rooms.accounts(database);
    const provider = createProvider({
      ...{ ...config, database, resources, accounts },
      renderError: (ctx, { error, error_description: description }) => {
        const { headers, body } = this.#pages.errorPage({ status: ctx.status, code: error, description });
        ctx.set({ ...headers });
        ctx.body = body;
      },
    });
    this.parts = {
      config,
      database,
      resources,
      provider,
      accounts,
      addresses: new ClientAddresses(config.trustedProxies),
      log,
      logins: new Logins(provider, resources, database),
    };
    auditProvider(provider, log);
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
    const { config, provider, resources, addresses } = this.parts;
    addresses.note(req);
    const path = asIssued(req, config.issuer);
    if (path === "/health") return answerJson(res, 200, { status: "ok" });
    if (isMetadataPath(path)) return answerJson(res, 200, metadataOf(config.issuer, resources), OPEN);
    if (path === INTROSPECTION_PATH) return introspect(req, res, this.parts);
    if (path === REVOCATIONS_PATH) return this.#revocations.open(req, res, resources);
    if (path === paths.registration) return register(req, res, this.parts);
    if (path.startsWith("/login/") || path === "/oauth/callback") return this.#pages.handle(req, res, path);
    const [, resumed] = /^\/oauth\/authorize\/([^/]+)$/.exec(path) ?? [];
    if (resumed !== undefined && !this.#pages.admit(req, res, resumed)) return;
    if (!path.startsWith("/oauth/")) return answerJson(res, 404, { error: "not_found" });
    await provider.callback()(req, res);
  }
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
