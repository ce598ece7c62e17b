/** Logins beside static tokens: the tokens have host names or a port of their own, where nothing shows OAuth. */
import type { Principal } from "../principal.ts";
import type { Auth, Credentials, LoginWatcher, OAuthDocuments, Refused } from "./auth.ts";

/** Two kinds of auth for one service; where a request has come decides. */
export class OAuthAndKeys implements Auth {
  readonly required = true;
  readonly hasKeys = true;
  readonly #logins: Auth;
  readonly #keys: Auth;

  constructor(logins: Auth, keys: Auth) {
    this.#logins = logins;
    this.#keys = keys;
  }

  get oauth(): OAuthDocuments | undefined {
    return this.#logins.oauth;
  }

  get problem(): string | undefined {
    return this.#logins.problem;
  }

  start(watcher: LoginWatcher): void {
    this.#logins.start?.(watcher);
  }

  stop(): void {
    this.#logins.stop?.();
  }

  identify(request: Credentials): Principal | Promise<Principal> {
    return this.#at(request).identify(request);
  }

  accepts(principal: Principal): boolean {
    return this.#logins.accepts(principal) || this.#keys.accepts(principal);
  }

  challenge(refused: Refused): Readonly<Record<string, string>> {
    return this.#at(refused).challenge(refused);
  }

  #at = ({ takesKeys }: Credentials) => (takesKeys === true ? this.#keys : this.#logins);
}
