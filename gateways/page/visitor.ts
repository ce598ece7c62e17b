/** Who looks at the page: what they may see, and what they may do. */
import { timingSafeEqual } from "node:crypto";
import type { Credentials } from "../auth/auth.ts";
import { GatewayError } from "../errors.ts";
import type { Principal } from "../principal.ts";
import type { Served } from "../served.ts";
import type { Exchange } from "../transports/exchange.ts";
import { cookieOf } from "./cookie.ts";
import { randomSecret, type Login, type Logins } from "./logins.ts";

/** One visitor, for as long as one request lasts. */
export class PageVisitor {
  readonly #exchange: Exchange;
  readonly #logins: Logins;
  readonly #csrf: string;

  /** @param csrf what proves a page of ours where nobody has logged in */
  constructor(exchange: Exchange, logins: Logins, csrf: string) {
    this.#exchange = exchange;
    this.#logins = logins;
    this.#csrf = csrf;
  }

  /** Whether the browser runs on this machine, and reaches it without a proxy. */
  get isHere(): boolean {
    return this.#exchange.client.local;
  }

  /** Whether the request has a token of its own: it comes from a program, and no browser adds that by itself. */
  get hasToken(): boolean {
    return this.#exchange.header("authorization") !== undefined;
  }

  get login(): Login | undefined {
    return this.hasToken ? undefined : this.#logins.find(cookieOf(this.#exchange));
  }

  /** Whether it is nobody yet: from elsewhere, and without a token. */
  get isStranger(): boolean {
    return !this.isHere && !this.hasToken && this.login === undefined;
  }

  /** What proves that its requests were made by a page of ours. */
  get csrf(): string {
    return this.login?.csrf ?? this.#csrf;
  }

  /** Who it is for a service; undefined = it has no token that opens it. */
  async principalAt({ auth }: Served): Promise<Principal | undefined> {
    try {
      return await auth.identify(this.#credentials);
    } catch {
      return undefined;
    }
  }

  /** Whether it may know what only those know who are on this machine or have a token of the service. */
  async knows(served: Served): Promise<boolean> {
    return this.isHere || (served.auth.required && (await this.principalAt(served)) !== undefined);
  }

  /**
   * Requires proof that a page of ours has made the request. A token of its own is as good: no page of another site can send it.
   * @throws GatewayError `csrf`
   */
  requireOwnPage(proof: string | undefined): void {
    if (this.hasToken) return;
    const [given, expected] = [Buffer.from(proof ?? ""), Buffer.from(this.csrf)];
    if (given.length !== expected.length || !timingSafeEqual(given, expected)) throw new GatewayError("csrf");
  }

  get #credentials(): Credentials {
    const { login } = this;
    return login === undefined ? guessing(this.#exchange) : bearing(login.token);
  }
}

/** What a request shows that may be for any of several services. */
export const guessing = (exchange: Exchange): Credentials => ({
  header: (name) => exchange.header(name),
  takesKeys: exchange.takesKeys,
  isGuess: true,
});

/** The same of a request with this token: a static one, as people type them. */
export const bearing = (token: string): Credentials => ({
  header: (name) => (name === "authorization" ? `Bearer ${token}` : undefined),
  takesKeys: true,
  isGuess: true,
});

/** Makes visitors of requests. */
export class Visitors {
  readonly #logins: Logins;
  /** Strangers can read theirs, and so must not learn what proves a page on this machine. */
  readonly #csrf = { here: randomSecret(), elsewhere: randomSecret() };

  constructor(logins: Logins) {
    this.#logins = logins;
  }

  of(exchange: Exchange): PageVisitor {
    return new PageVisitor(exchange, this.#logins, exchange.client.local ? this.#csrf.here : this.#csrf.elsewhere);
  }
}
