/** The service's own secret at its API: whose it is, and whether it is of any use. Asked until it is known, with growing pauses. */
import { GatewayError } from "../errors.ts";
import type { Logger } from "../log.ts";
import type { Verification } from "./verifiers/verifier.ts";

/** Milliseconds until it is asked about again; doubled each time, up to the second. */
const PAUSES = { first: 5_000, longest: 300_000 };

/** Milliseconds in which callers do not have it asked about again. */
const FRESH = 2_000;

/** What the secret is to people: the name of its variable. */
export interface NamedSecret {
  readonly name: string;
  readonly value: string;
}

/** The configured secret of one service. */
export class OwnSecret {
  /** Whose it is; undefined while nobody knows. */
  clientId: string | undefined;
  /** Why it is of no use, in a sentence; undefined = it is, or nobody knows. */
  refused: string | undefined;
  /** Called when that has changed. */
  onChange: (() => void) | undefined;
  readonly #secret: NamedSecret;
  readonly #ask: (token: string) => Promise<Verification>;
  readonly #log: Logger;
  #pause = PAUSES.first / 2;
  #asking: Promise<void> | undefined;
  #asked = -Infinity;
  #timer: NodeJS.Timeout | undefined;
  #stopped = false;

  /** @param ask asks the API; it throws when that cannot be asked */
  constructor(secret: NamedSecret, ask: (token: string) => Promise<Verification>, log: Logger) {
    this.#secret = secret;
    this.#ask = ask;
    this.#log = log;
  }

  /** Resolves when it has been asked about once. */
  start(): Promise<void> {
    return this.#learn();
  }

  stop(): void {
    this.#stopped = true;
    clearTimeout(this.#timer);
  }

  /**
   * Whether an account is that of the secret.
   * @throws GatewayError `token-unchecked` while nobody knows whose the secret is
   */
  async isOf(clientId: string): Promise<boolean> {
    if (this.clientId === undefined && performance.now() - this.#asked > FRESH) await this.#learn();
    await this.#asking;
    if (this.clientId === undefined && this.refused === undefined)
      throw new GatewayError("token-unchecked", { reason: "the API has not yet said whose account admits callers" });
    return this.clientId === clientId;
  }

  #learn(): Promise<void> {
    return (this.#asking ??= this.#askOnce().finally(() => {
      this.#asking = undefined;
      this.#asked = performance.now();
    }));
  }

  async #askOnce(): Promise<void> {
    clearTimeout(this.#timer);
    try {
      const said = await this.#ask(this.#secret.value);
      if (said.valid) this.#accepted(said.clientId);
      else this.#isRefused(said.error);
    } catch (error) {
      const { message: reason } = error as Error;
      this.#log.warn(
        { secret: this.#secret.name, reason },
        "the API cannot say whether the service's own secret is valid",
      );
    }
    if (this.clientId === undefined) this.#askLater();
  }

  #accepted(clientId: string): void {
    if (this.refused !== undefined)
      this.#log.info({ secret: this.#secret.name }, "the API takes the service's own secret");
    this.clientId = clientId;
    this.refused = undefined;
    this.onChange?.();
  }

  #isRefused(reason: string): void {
    if (this.refused === undefined)
      this.#log.error({ secret: this.#secret.name, reason }, "the API refuses the service's own secret");
    this.refused = `its API refuses ${this.#secret.name} (${reason}): set one that is valid`;
    this.onChange?.();
  }

  #askLater(): void {
    if (this.#stopped) return;
    this.#pause = Math.min(this.#pause * 2, PAUSES.longest);
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => void this.#learn(), this.#pause);
    this.#timer.unref();
  }
}
