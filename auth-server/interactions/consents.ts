/** What users have allowed before: a client with one redirect, at one service. */
import type { ConsentKey, ConsentStore } from "../store/contract/logins.ts";

/** What is asked for. */
export interface Asked extends ConsentKey {
  readonly scopes: readonly string[];
}

export class Consents {
  readonly #store: ConsentStore;

  constructor(store: ConsentStore) {
    this.#store = store;
  }

  /** Whether a user has allowed all of this before. */
  async covers(asked: Asked): Promise<boolean> {
    const known = new Set(await this.#store.scopesOf(keyOf(asked)));
    return asked.scopes.length > 0 && asked.scopes.every((scope) => known.has(scope));
  }

  /** Remembers what is allowed, besides what was. */
  remember(asked: Asked): Promise<void> {
    return this.#store.add(keyOf(asked), asked.scopes);
  }
}

const keyOf = ({ user, client, redirect, resource }: Asked): ConsentKey => ({
  user,
  client,
  redirect: withoutPort(redirect),
  resource,
});

const LOOPBACK = new Set(["localhost", "127.0.0.1", "[::1]"]);

/** A program on the user's computer has another port each time (RFC 8252, section 7.3). */
function withoutPort(redirect: string): string {
  if (!URL.canParse(redirect)) return redirect;
  const url = new URL(redirect);
  if (url.protocol !== "http:" || !LOOPBACK.has(url.hostname)) return redirect;
  url.port = "";
  return url.href;
}
