/** Users in Redis. */
import type { AddedUser, IdentityKey, Link, Reset, User, UserStore } from "../contract/users.ts";
import type { Fields, Keyspace } from "./keyspace.ts";

export class RedisUsers implements UserStore {
  readonly #keys: Keyspace;

  constructor(keys: Keyspace) {
    this.#keys = keys;
  }

  async list(): Promise<User[]> {
    const ids = await this.#keys.send((redis) => redis.hvals(this.#keys.key("names")));
    const found = await this.#keys.hashes(ids.map((id) => ["user", id]));
    return found.map(userOf).toSorted((one, other) => (one.name < other.name ? -1 : 1));
  }

  async find(id: string): Promise<User | undefined> {
    return userIn(await this.#keys.hash("user", id));
  }

  async named(name: string): Promise<User | undefined> {
    const id = await this.#keys.send((redis) => redis.hget(this.#keys.key("names"), name));
    return id === null ? undefined : this.find(id);
  }

  add(user: AddedUser): Promise<boolean> {
    return this.#keys.did("addUser", ...valuesOf(user));
  }

  remove(id: string): Promise<boolean> {
    return this.#keys.did("removeUser", id);
  }

  async reset(id: string, { password, totp, at }: Reset): Promise<User | undefined> {
    return userIn(await this.#keys.fields("resetUser", id, password, totp, at));
  }

  async setDisabled(id: string, isDisabled: boolean): Promise<void> {
    await this.#keys.run("setUser", id, "isDisabled", isDisabled ? "1" : "");
  }

  replacePassword(id: string, from: string, to: string): Promise<boolean> {
    return this.#keys.did("replacePassword", id, from, to);
  }

  async setLastLogin(id: string, at: number): Promise<void> {
    await this.#keys.run("setUser", id, "lastLogin", at);
  }

  async setLink(id: string, { digest, expires }: Link): Promise<void> {
    await this.#keys.run("setLink", id, digest, expires);
  }

  async ofLink(digest: string, at: number): Promise<User | undefined> {
    return userIn(await this.#keys.fields("userOfLink", digest, at));
  }

  useLink(digest: string, password: string, at: number): Promise<boolean> {
    return this.#keys.did("useLink", digest, password, at);
  }

  useTotpStep(id: string, secret: string, step: number): Promise<boolean> {
    return this.#keys.did("useTotpStep", id, secret, step);
  }

  async setRecoveryCodes(id: string, digests: readonly string[]): Promise<void> {
    await this.#keys.run("setRecoveryCodes", id, ...digests);
  }

  async useRecoveryCode(id: string, digest: string): Promise<boolean> {
    return (await this.#keys.send((redis) => redis.srem(this.#keys.key("recovery-codes", id), digest))) === 1;
  }

  async ofIdentity({ issuer, subject }: IdentityKey, user: AddedUser): Promise<User | undefined> {
    return userIn(await this.#keys.fields("userOfIdentity", issuer, subject, ...valuesOf(user)));
  }
}

const valuesOf = ({ id, name, teams, password, totp, created }: AddedUser) =>
  [id, name, JSON.stringify(teams), password, totp, created] as const;

const userIn = (fields: Fields | undefined): User | undefined => fields && userOf(fields);

const userOf = (fields: Fields): User => ({
  id: fields["id"]!,
  name: fields["name"]!,
  teams: JSON.parse(fields["teams"]!) as string[],
  password: fields["password"],
  totp: totpOf(fields),
  created: Number(fields["created"]),
  changed: Number(fields["changed"]),
  lastLogin: fields["lastLogin"] === undefined ? undefined : Number(fields["lastLogin"]),
  isDisabled: fields["isDisabled"] !== undefined,
});

const totpOf = ({ totp, isConfirmed, step }: Fields): User["totp"] =>
  totp === undefined ? undefined : { secret: totp, isConfirmed: isConfirmed !== undefined, step: Number(step) };
