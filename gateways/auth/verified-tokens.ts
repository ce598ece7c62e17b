/**
 * What an API has said of tokens, remembered for a while: by the digest of each, never the token. The API is asked once for
 * however many requests come with a token, and strangers cannot make us ask it as often as they like.
 */
import { hash } from "node:crypto";
import { GatewayError } from "../errors.ts";
import { RateLimit } from "../limits/rate.ts";
import type { Logger } from "../log.ts";
import { secrets, told } from "../secrets.ts";
import type { Verification, Verifier } from "./verifiers/verifier.ts";

/** What is known of a token: whose it is, or why it is refused. */
export type Known = { readonly clientId: string } | { readonly refused: string };

/** Milliseconds for which a valid token counts as valid, and a wrong one as wrong. */
const VALID_FOR = 300_000;
const REFUSED_FOR = 30_000;

/** How many of either are remembered; the one that was used longest ago is forgotten. */
const MOST_VALID = 256;
const MOST_REFUSED = 4_096;

/** Questions about tokens that were never valid: so many at once, and then so many a second. */
const BURST = 20;
const PER_SECOND = 2;

/** The most questions that are open at once. */
const MOST_OPEN = 32;

/** Milliseconds after which a question counts as unanswered. */
const TIME = 10_000;

/** Seconds in which an API that could not be asked is not asked about strangers, and the most that it may ask for itself. */
const PAUSE = 2;
const LONGEST_PAUSE = 60;

/** The longest identity that is taken. */
const LONGEST = 256;

interface Valid {
  readonly clientId: string;
  readonly until: number;
  /** Makes its token unknown to the log again. */
  readonly forget: () => void;
}

/** The tokens of one service's callers. */
export class VerifiedTokens {
  readonly #verifier: Verifier;
  readonly #log: Logger;
  /** Whose tokens count as valid. */
  readonly #admits: (clientId: string) => boolean | Promise<boolean>;
  /** By digest, in the order of their last use. */
  readonly #valid = new Map<string, Valid>();
  readonly #refused = new Map<string, { readonly why: string; readonly until: number }>();
  /** What makes tokens unknown to the log again that another gateway has checked. */
  readonly #hidden = new Map<string, () => void>();
  readonly #open = new Map<string, Promise<Known>>();
  readonly #strangers = new RateLimit(PER_SECOND, BURST);
  #away: { readonly until: number } | undefined;

  /** @param admits whether an account may call; what it throws is thrown on, and nothing is remembered */
  constructor(verifier: Verifier, admits: (clientId: string) => boolean | Promise<boolean>, log: Logger) {
    this.#verifier = verifier;
    this.#admits = admits;
    this.#log = log;
  }

  /** What is remembered of a token; undefined = the API has to be asked. */
  remembered(token: string, now = performance.now()): Known | undefined {
    const digest = digestOf(token);
    const valid = this.#valid.get(digest);
    if (valid && now < valid.until) {
      this.#valid.delete(digest); // setting it again makes it the last one
      this.#valid.set(digest, valid);
      return { clientId: valid.clientId };
    }
    const refused = this.#refused.get(digest);
    return refused && now < refused.until ? { refused: refused.why } : undefined;
  }

  /** What is known of a token, asked of the API unless it is remembered. @throws GatewayError `token-unchecked` */
  async ask(token: string, own = false): Promise<Known> {
    const known = this.remembered(token);
    if (known) return known;
    const digest = digestOf(token);
    const open = this.#open.get(digest);
    if (open) return open;
    if (!own && !this.#valid.has(digest)) this.#admitStranger();
    const asked = this.#decide(token, digest).finally(() => this.#open.delete(digest));
    this.#open.set(digest, asked);
    return asked;
  }

  /** Keeps a token out of the log that was not asked about here. */
  hide(token: string): void {
    const digest = digestOf(token);
    if (this.#valid.has(digest)) return;
    const forget = this.#hidden.get(digest) ?? secrets.add("token", token);
    this.#hidden.delete(digest); // setting it again makes it the last one
    this.#hidden.set(digest, forget);
    if (this.#hidden.size <= MOST_VALID) return;
    const [oldest] = this.#hidden.keys();
    this.#hidden.get(oldest!)!();
    this.#hidden.delete(oldest!);
  }

  /** Asks the API, whatever is remembered. @throws Error when it cannot be asked, with nothing of the token in it */
  async verification(token: string): Promise<Verification> {
    const late = new AbortController();
    const timer = setTimeout(() => late.abort(), TIME);
    try {
      const said = await Promise.race([this.#verifier.verifyToken(token), lateAnswer(late.signal)]);
      if (this.#away) this.#log.info({ api: this.#verifier.name }, "the API that checks tokens answers again");
      this.#away = undefined;
      return checked(said, token);
    } catch (thrown) {
      throw unavailable(thrown, token);
    } finally {
      clearTimeout(timer);
    }
  }

  async #decide(token: string, digest: string): Promise<Known> {
    const said = await this.#verificationOrRefusal(token);
    if (!said.valid) return this.#refuse(digest, `${this.#verifier.name} refuses the token: ${said.error}`);
    const isAdmitted = await this.#admits(said.clientId);
    return isAdmitted ? this.#accept(token, digest, said.clientId) : this.#refuse(digest, FOREIGN_ACCOUNT);
  }

  /** @throws GatewayError `token-unchecked` */
  async #verificationOrRefusal(token: string): Promise<Verification> {
    try {
      return await this.verification(token);
    } catch (error) {
      const { message: reason, retryAfter } = error as Unavailable;
      if (!this.#away)
        this.#log.warn({ api: this.#verifier.name, reason }, "the API that checks tokens cannot be asked");
      this.#away = { until: performance.now() + retryAfter * 1_000 };
      throw new GatewayError("token-unchecked", { reason: "the API cannot be asked" }, { retryAfter });
    }
  }

  /** @throws GatewayError `token-unchecked` when the API has been asked too often of late, or has not answered */
  #admitStranger(): void {
    const away = ((this.#away?.until ?? 0) - performance.now()) / 1_000;
    if (away > 0)
      throw new GatewayError("token-unchecked", { reason: "the API cannot be asked" }, { retryAfter: away });
    const busy = this.#open.size >= MOST_OPEN ? 1 : this.#strangers.take("");
    if (busy > 0)
      throw new GatewayError(
        "token-unchecked",
        { reason: "too many unknown tokens came at once" },
        { retryAfter: busy },
      );
  }

  #accept(token: string, digest: string, clientId: string): Known {
    this.#refused.delete(digest);
    const forget = this.#valid.get(digest)?.forget ?? secrets.add("token", token);
    this.#valid.delete(digest);
    this.#valid.set(digest, { clientId, until: performance.now() + VALID_FOR, forget });
    for (const [oldest, valid] of this.#valid) {
      if (this.#valid.size <= MOST_VALID) break;
      this.#valid.delete(oldest);
      valid.forget();
    }
    return { clientId };
  }

  /** A token that was valid stays known to the log: its server may still run. */
  #refuse(digest: string, why: string): Known {
    this.#refused.delete(digest);
    this.#refused.set(digest, { why, until: performance.now() + REFUSED_FOR });
    const [oldest] = this.#refused.keys();
    if (this.#refused.size > MOST_REFUSED) this.#refused.delete(oldest!);
    return { refused: why };
  }
}

const FOREIGN_ACCOUNT = "the token of another account, which is not admitted";

const digestOf = (token: string) => hash("sha256", token, "base64url");

/** An API that cannot be asked. */
class Unavailable extends Error {
  readonly retryAfter: number;

  constructor(reason: string, retryAfter: number) {
    super(reason);
    this.retryAfter = retryAfter;
  }
}

/** A module of somebody's own may throw anything, also what it was given. */
function unavailable(thrown: unknown, token: string): Unavailable {
  const { message = "", retryAfter } = (thrown instanceof Error ? thrown : {}) as {
    message?: string;
    retryAfter?: unknown;
  };
  const asked = typeof retryAfter === "number" && retryAfter > 0 ? Math.min(retryAfter, LONGEST_PAUSE) : PAUSE;
  return new Unavailable(withoutToken(message, token) || "it did not say why", asked);
}

const withoutToken = (text: string, token: string) =>
  told(text.replaceAll(token, "[token]").replaceAll(encodeURIComponent(token), "[token]"), { limit: 200 });

/** @throws Error when it is not an answer: then nothing is known about the token */
function checked(said: unknown, token: string): Verification {
  const { valid, clientId, error } = (typeof said === "object" && said !== null ? said : {}) as Record<string, unknown>;
  if (valid === false)
    return { valid, error: typeof error === "string" ? withoutToken(error, token) : "it does not say why" };
  if (valid !== true) throw new Error("its answer is neither valid nor invalid");
  if (typeof clientId !== "string" || clientId === "" || clientId.length > LONGEST)
    throw new Error(`its answer names no clientId of 1 to ${LONGEST} characters`);
  return { valid, clientId };
}

const lateAnswer = (signal: AbortSignal) =>
  new Promise<never>((_, reject) =>
    signal.addEventListener("abort", () => reject(new Error(`no answer in ${TIME / 1_000} s`)), { once: true }),
  );
