/** Checks names and passwords. It takes as long for somebody who does not exist. */
import { fits, hashPassword, isOutdated } from "./passwords.ts";
import { newSecret } from "./secret-words.ts";
import type { User } from "../store/contract/users.ts";
import type { Users } from "./users.ts";

/** Whose password is checked where there is no user: nobody's. */
let nobodys: Promise<string> | undefined;

/** The user of a name and a password; undefined = there is none, it is another password, or the user is disabled. */
export async function authenticate(users: Users, name: string, password: string): Promise<User | undefined> {
  nobodys ??= hashPassword(newSecret());
  const user = await users.named(name);
  const hash = user?.password ?? (await nobodys);
  const isRight = await fits(password, hash);
  if (!isRight || user?.password === undefined || user.isDisabled) return undefined;
  if (isOutdated(hash)) await users.renewHash(user.id, hash, await hashPassword(password));
  return user;
}
