/** Logins that are under way, and consents, in Redis. */
import type { ConsentKey, ConsentStore, Expected, LoginSteps, Step } from "../contract/logins.ts";
import type { Keyspace } from "./keyspace.ts";

export class RedisSteps implements LoginSteps {
  readonly #keys: Keyspace;

  constructor(keys: Keyspace) {
    this.#keys = keys;
  }

  async begin(uid: string, browser: string, expires: number): Promise<Step | undefined> {
    return stepIn((await this.#keys.run("beginStep", uid, browser, expires)) as Kept, browser);
  }

  async find(uid: string, browser: string): Promise<Step | undefined> {
    const key = this.#keys.key("step", uid);
    return stepIn(await this.#keys.send((redis) => redis.hmget(key, "browser", "account", "expires")), browser);
  }

  async setAccount(uid: string, account: string | null): Promise<void> {
    await this.#keys.run("setStep", uid, "account", account);
  }

  async expect(uid: string, { state, nonce, verifier }: Expected): Promise<void> {
    await this.#keys.run("setStep", uid, "state", state, "nonce", nonce, "verifier", verifier);
  }

  async take(uid: string, state: string): Promise<Omit<Expected, "state"> | undefined> {
    const [nonce, verifier] = (await this.#keys.run("takeStep", uid, state)) as string[];
    return nonce === undefined || verifier === undefined ? undefined : { nonce, verifier };
  }
}

/** The browser of a step, its account, and when it expires in milliseconds since 1970; null where there is none. */
type Kept = readonly (string | null)[];

function stepIn([owner, account, expires]: Kept, browser: string): Step | undefined {
  return owner === browser && Number(expires) > Date.now() ? { account: account || null } : undefined;
}

export class RedisConsents implements ConsentStore {
  readonly #keys: Keyspace;

  constructor(keys: Keyspace) {
    this.#keys = keys;
  }

  async scopesOf(key: ConsentKey): Promise<string[]> {
    const consents = this.#keys.key("consents", key.user);
    const scopes = await this.#keys.send((redis) => redis.hget(consents, aboutOf(key)));
    return scopes === null ? [] : scopes.split(" ");
  }

  async add(key: ConsentKey, scopes: readonly string[]): Promise<void> {
    await this.#keys.run("addConsent", key.user, aboutOf(key), ...scopes);
  }
}

const aboutOf = ({ client, redirect, resource }: ConsentKey) => JSON.stringify([client, redirect, resource]);
