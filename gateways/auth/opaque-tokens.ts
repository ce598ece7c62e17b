/** Tokens of gangway's authorization server: nobody else can say what they open, so it is asked about each, once. */
import { hash } from "node:crypto";
import { GatewayError } from "../errors.ts";
import type { Logger } from "../log.ts";
import type { Principal } from "../principal.ts";
import type { LoginWatcher } from "./auth.ts";
import type { ActiveToken, Introspection } from "./introspection.ts";
import { Introspector, type AskedServer } from "./introspector.ts";
import { KnownTokens } from "./known-tokens.ts";
import { comparable } from "./resource-urls.ts";
import { Revocations, type Watch } from "./revocations.ts";
import { scopesIn, toolsIn } from "./scopes.ts";
import type { TokenCheck, TokensFor } from "./token-check.ts";
import { userId } from "./user.ts";

/**
 * Milliseconds after which a token that is used is asked about again: so the authorization server knows what is still in use.
 * That it has ended is known at once.
 */
const REMEMBERED = 300_000;

/** Ours have 43 characters. Nothing longer is asked about. */
const LONGEST = 512;

const NOBODY: LoginWatcher = { ended: () => {}, recheck: () => {} };

/** Checks the tokens of one service. */
export class OpaqueTokens implements TokenCheck {
  readonly #for: TokensFor;
  readonly #audiences: ReadonlySet<string>;
  readonly #introspector: Introspector;
  readonly #revocations: Revocations;
  readonly #known = new KnownTokens();
  /** Questions that are open, by the digest of the token: many calls come at once with a new one. */
  readonly #asking = new Map<string, Promise<Principal>>();
  /** The grants that principals come from. */
  readonly #grants = new WeakMap<Principal, string>();
  #watcher = NOBODY;

  constructor(tokensFor: TokensFor, asked: AskedServer, log: Logger) {
    this.#for = tokensFor;
    this.#audiences = new Set(tokensFor.audiences.map(comparable));
    this.#introspector = new Introspector(asked);
    this.#revocations = new Revocations(asked, this, log);
  }

  get problem(): string | undefined {
    return this.#revocations.problem;
  }

  start(watcher: LoginWatcher): void {
    this.#watcher = watcher;
    this.#revocations.start();
  }

  stop(): void {
    this.#revocations.stop();
  }

  check(token: string): Principal | Promise<Principal> {
    if (token.length > LONGEST) throw refused("not a token of this authorization server");
    const digest = hash("sha256", token, "base64url");
    return this.#known.find(digest, Date.now()) ?? this.#asking.get(digest) ?? this.#ask(token, digest);
  }

  opened(): void {
    this.#known.forget();
    this.#watcher.recheck((principal) => this.#grants.has(principal));
  }

  broken(): void {
    this.#known.forget();
  }

  revoked(grant: string): void {
    this.#known.endGrant(grant);
    this.#watcher.ended((principal) => this.#grants.get(principal) === grant);
  }

  #ask(token: string, digest: string): Promise<Principal> {
    const asking = this.#revocations
      .during(async (watch) => this.#judge(await this.#introspector.ask(token), digest, watch))
      .finally(() => this.#asking.delete(digest));
    this.#asking.set(digest, asking);
    return asking;
  }

  #judge(answer: Introspection, digest: string, watch: Watch): Principal {
    const reason = this.#problemOf(answer, watch);
    if (reason !== undefined || !answer.active) {
      this.#known.refuse(digest, reason ?? "", Date.now());
      throw refused(reason ?? "");
    }
    const principal = this.#principalOf(answer);
    this.#grants.set(principal, answer.grant);
    const until = Math.min(answer.exp * 1_000, Date.now() + REMEMBERED);
    if (watch.isUnbroken) this.#known.keep(digest, { principal, until, grant: answer.grant });
    return principal;
  }

  #problemOf(answer: Introspection, { ended }: Watch): string | undefined {
    if (!answer.active || ended.has(answer.grant)) return "the token has expired, was revoked, or was never issued";
    if (answer.exp * 1_000 <= Date.now()) return "the token has expired";
    if (!this.#audiences.has(comparable(answer.aud))) return "the token is for another service";
    return undefined;
  }

  /** @throws GatewayError `insufficient-scope` when its scopes open nothing here */
  #principalOf({ sub, username, teams, scope, exp }: ActiveToken): Principal {
    const { issuer, service } = this.#for;
    const scopedTools = toolsIn(scopesIn(scope), service);
    if (scopedTools?.length === 0) throw new GatewayError("insufficient-scope", { tool: service, scope: service });
    return {
      id: userId(issuer, sub),
      name: username,
      teams,
      expires: exp * 1_000,
      ...(scopedTools && { scopedTools }),
    };
  }
}

const refused = (reason: string) => new GatewayError("login-required", { reason });
