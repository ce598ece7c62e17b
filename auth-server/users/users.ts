/** Who may log in. Commands change it while the server runs, so nothing is remembered. */
import { randomUUID } from "node:crypto";
import type { AddedUser, IdentityKey, User, UserStore } from "../store/contract/users.ts";
import { readName, spelled } from "./names.ts";
import { digestOf, newRecoveryCodes, newSecret, recoveryCode } from "./secret-words.ts";
import { newTotpSecret, stepOf } from "./totp.ts";

/** What a user is to be. */
export interface NewUser {
  readonly name: string;
  readonly teams?: readonly string[];
  readonly password?: string | undefined;
  readonly totp?: boolean;
}

/** The name is taken, or there is nobody of that name. */
export class UserError extends Error {}

/** Milliseconds for which a link to set a password works. */
export const LINK_LIFE = 24 * 3_600_000;

/** What the commands and the pages do with users. */
export class Users {
  readonly #store: UserStore;

  constructor(store: UserStore) {
    this.#store = store;
  }

  list(): Promise<User[]> {
    return this.#store.list();
  }

  find(id: string): Promise<User | undefined> {
    return this.#store.find(id);
  }

  /** @param name in any spelling */
  named(name: string): Promise<User | undefined> {
    return this.#store.named(spelled(name));
  }

  /** @throws BadName @throws UserError when the name is taken */
  async add({ name, teams = [], password, totp = false }: NewUser, now = Date.now()): Promise<User> {
    const user = addedUser({ name, teams, password, totp }, now);
    if (!(await this.#store.add(user)))
      throw new UserError(`There is a user ${user.name} already. Reset or remove that one first.`);
    return this.#still(await this.#store.find(user.id), user.name);
  }

  /** The user of a name. @throws UserError */
  async require(name: string): Promise<User> {
    return this.#still(await this.named(name), spelled(name));
  }

  async remove(id: string): Promise<void> {
    await this.#store.remove(id);
  }

  /**
   * Forgets password, authenticator app, recovery codes and links.
   * @param password the hash of another one. @default - the user must set it anew
   * @throws UserError when the user is gone
   */
  async reset(id: string, totp: boolean, password?: string, now = Date.now()): Promise<User> {
    const reset = { password, totp: totp ? newTotpSecret() : undefined, at: now };
    return this.#still(await this.#store.reset(id, reset), id);
  }

  /** Whoever is disabled cannot log in, until they are enabled again. */
  setDisabled(id: string, isDisabled: boolean): Promise<void> {
    return this.#store.setDisabled(id, isDisabled);
  }

  /** The same password in another form: logins go on. Nothing happens when it was set anew meanwhile. */
  async renewHash(id: string, from: string, to: string): Promise<void> {
    await this.#store.replacePassword(id, from, to);
  }

  /** A login has succeeded. */
  loggedIn(id: string, now = Date.now()): Promise<void> {
    return this.#store.setLastLogin(id, now);
  }

  /** The secret of a link with which the user sets a password. It takes the place of an earlier one. */
  async newLink(id: string, now = Date.now()): Promise<string> {
    const secret = newSecret();
    await this.#store.setLink(id, { digest: digestOf(secret), expires: now + LINK_LIFE });
    return secret;
  }

  /** Whose link it is. */
  byLink(secret: string, now = Date.now()): Promise<User | undefined> {
    return this.#store.ofLink(digestOf(secret), now);
  }

  /** Uses a link up. @returns false when somebody has used it meanwhile */
  useLink(secret: string, hash: string, now = Date.now()): Promise<boolean> {
    return this.#store.useLink(digestOf(secret), hash, now);
  }

  /** Takes a code of the authenticator app. @returns false when it is wrong or was used */
  async useTotp(id: string, code: string, now = Date.now()): Promise<boolean> {
    const totp = (await this.#store.find(id))?.totp;
    const step = totp && stepOf(code, totp.secret, totp.step, now);
    return totp !== undefined && step !== undefined && this.#store.useTotpStep(id, totp.secret, step);
  }

  /** New recovery codes instead of the old ones. They are told once. */
  async newRecoveryCodes(id: string): Promise<string[]> {
    const codes = newRecoveryCodes();
    await this.#store.setRecoveryCodes(id, codes.map(digestOf));
    return codes;
  }

  /** Takes a recovery code, which works once. */
  useRecoveryCode(id: string, typed: string): Promise<boolean> {
    return this.#store.useRecoveryCode(id, digestOf(recoveryCode(typed)));
  }

  /**
   * Who has logged in elsewhere. The first login is that of the user whose name is `name`, who may be new.
   * @returns undefined when that user has logged in there as another subject
   * @throws BadName
   */
  ofIdentity(identity: IdentityKey, name: string): Promise<User | undefined> {
    return this.#store.ofIdentity(identity, addedUser({ name }, Date.now()));
  }

  /** @throws UserError */
  #still(user: User | undefined, name: string): User {
    if (user) return user;
    throw new UserError(`There is no user ${name}. \`users list\` shows all.`);
  }
}

/** @throws BadName */
const addedUser = ({ name, teams = [], password, totp = false }: NewUser, created: number): AddedUser => ({
  id: randomUUID(),
  name: readName(name),
  teams,
  password,
  totp: totp ? newTotpSecret() : undefined,
  created,
});
