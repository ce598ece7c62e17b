/** How far each login is. It is in the store, so that a login goes on after a restart. */
import type { LoginSteps, Step } from "../store/contract/logins.ts";
import { digestOf } from "../users/secret-words.ts";

/** What a login elsewhere is to return with. */
export interface Expected {
  readonly state: string;
  readonly nonce: string;
  readonly verifier: string;
}

/** Milliseconds for which a step is kept: longer than an interaction lives. */
const LIFE = 2 * 3_600_000;

/** The store keeps digests alone of what opens a login. */
export class Steps {
  readonly #store: LoginSteps;

  constructor(store: LoginSteps) {
    this.#store = store;
  }

  /** The step of a login, which belongs to this browser from its first page on; undefined = it is another browser's. */
  of(uid: string, browser: string, now = Date.now()): Promise<Step | undefined> {
    return this.#store.begin(digestOf(uid), digestOf(browser), now + LIFE);
  }

  /** The step of a login that this browser has begun. */
  begun(uid: string, browser: string): Promise<Step | undefined> {
    return this.#store.find(digestOf(uid), digestOf(browser));
  }

  /** Who has given the right password; undefined = the login starts again. */
  setAccount(uid: string, account: string | undefined): Promise<void> {
    return this.#store.setAccount(digestOf(uid), account ?? null);
  }

  expect(uid: string, { state, ...expected }: Expected): Promise<void> {
    return this.#store.expect(digestOf(uid), { ...expected, state: digestOf(state) });
  }

  /** Takes what was expected: it counts once. @returns undefined when the state is another one */
  take(uid: string, state: string): Promise<Omit<Expected, "state"> | undefined> {
    return this.#store.take(digestOf(uid), digestOf(state));
  }
}
