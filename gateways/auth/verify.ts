/**
 * Callers prove who they are with a token of the API behind the service (`auth: "verify"`). Admitted are the account of the
 * service's own secret and those on the allow list: never just any account of that API.
 */
import { hash } from "node:crypto";
import { GatewayError } from "../errors.ts";
import type { Logger } from "../log.ts";
import type { Principal } from "../principal.ts";
import type { Auth, Credentials, LoginWatcher } from "./auth.ts";
import { loginMistake } from "./login-mistakes.ts";
import { OwnSecret, type NamedSecret } from "./own-secret.ts";
import { VerifiedTokens, type Known } from "./verified-tokens.ts";
import type { Verifier } from "./verifiers/verifier.ts";

/** Whom a service admits. */
export interface VerifyParts {
  readonly verifier: Verifier;
  /** The service's own secret, whose account is admitted. @default - only the allow list is */
  readonly secret: NamedSecret | undefined;
  /** Identities that are admitted besides, as the API names them. */
  readonly allow: readonly string[];
  /** Whether a token is known to be for something else, and so must not be shown to the API. */
  readonly isOther: (token: string) => boolean;
  readonly log: Logger;
  /** Milliseconds between two looks at the tokens of open streams. @default 5 s; the API is asked when a token's time is over */
  readonly look?: number;
}

/** The default. */
const LOOK = 5_000;

/** The callers of one service, as its API knows them. */
export class VerifyAuth implements Auth {
  readonly required = true;
  /** Undefined where the service has no secret. */
  readonly ownSecret: OwnSecret | undefined;
  readonly #parts: VerifyParts;
  readonly #tokens: VerifiedTokens;
  /** Those that were identified here, whose streams may be open. */
  readonly #callers = new WeakSet<Principal>();
  #timer: NodeJS.Timeout | undefined;

  constructor(parts: VerifyParts) {
    const { verifier, secret, allow, log } = parts;
    const allowed = new Set(allow);
    const admits = (clientId: string) => allowed.has(clientId) || (this.ownSecret?.isOf(clientId) ?? false);
    this.#parts = parts;
    this.#tokens = new VerifiedTokens(verifier, admits, log);
    this.ownSecret = secret && new OwnSecret(secret, (token) => this.#tokens.verification(token), log);
  }

  identify(request: Credentials): Principal | Promise<Principal> {
    const token = tokenIn(request.header("authorization"));
    const known = this.#tokens.remembered(token);
    if (known) return this.#principal(known, token);
    if (this.#isForeign(token)) throw refused("the token of something else");
    if (request.isGuess) return this.#guessed(token);
    return this.#asked(token);
  }

  /** Whoever only listens sends nothing more that could be refused: the tokens of open streams are looked at from time to time. */
  start(watcher: LoginWatcher): void {
    this.#timer = setInterval(
      () => watcher.recheck((principal) => this.#callers.has(principal)),
      this.#parts.look ?? LOOK,
    );
    this.#timer.unref();
  }

  stop(): void {
    clearInterval(this.#timer);
  }

  /** Its server may say its token. */
  forwarded({ credential }: Principal): void {
    if (credential !== undefined) this.#tokens.hide(credential);
  }

  accepts({ id, credential }: Principal): boolean {
    const known = credential === undefined ? undefined : this.#tokens.remembered(credential);
    return known !== undefined && "clientId" in known && this.#idOf(known.clientId) === id;
  }

  challenge(): Readonly<Record<string, string>> {
    return { "www-authenticate": "Bearer" };
  }

  async #asked(token: string): Promise<Principal> {
    return this.#principal(await this.#tokens.ask(token, this.#isOwn(token)), token);
  }

  #isForeign(token: string): boolean {
    const { verifier, isOther } = this.#parts;
    return !this.#isOwn(token) && (verifier.foreign?.test(token) === true || isOther(token));
  }

  /** Of a token that is tried at every service, most APIs must not even hear: it counts where it is known anyway. */
  #guessed(token: string): Principal {
    const clientId = this.#isOwn(token) ? this.ownSecret?.clientId : undefined;
    if (clientId === undefined) throw refused("unknown token");
    return this.#principal({ clientId }, token);
  }

  /** By the digests: the time of comparing tokens would tell how much of one is right. */
  #isOwn(token: string): boolean {
    const { secret } = this.#parts;
    return secret !== undefined && hash("sha256", token) === hash("sha256", secret.value);
  }

  /** It is made anew for each request, so that nothing keeps the token which no session needs. */
  #principal(known: Known, token: string): Principal {
    if ("refused" in known) throw refused(known.refused);
    const principal = { id: this.#idOf(known.clientId), name: known.clientId, credential: token };
    this.#callers.add(principal);
    return principal;
  }

  #idOf(clientId: string): string {
    return `${this.#parts.verifier.name}-${hash("sha256", clientId, "hex").slice(0, 16)}`;
  }
}

/** The least and the most characters of a token that is shown to an API. */
const TOKEN = /^[\x21-\x7e]{8,4096}$/;

/** @throws GatewayError `unauthorized` for what can be no token: no API is asked about that */
function tokenIn(header: string | undefined): string {
  if (header === undefined) throw refused("no token");
  const token = /^Bearer +(\S+) *$/i.exec(header)?.[1];
  if (token === undefined || !TOKEN.test(token) || loginMistake(header) !== undefined) throw refused("unknown token");
  return token;
}

const refused = (reason: string) => new GatewayError("unauthorized", { reason });
