import { beforeEach, expect, test, vi } from "vitest";
import { newStore } from "../fixtures/stores.ts";
import { authenticate } from "./authenticate.ts";
import { BadName, readName } from "./names.ts";
import { fits, hashPassword, isOutdated } from "./passwords.ts";
import type { Store } from "../store/store.ts";
import { stepAt, totpCode } from "./totp.ts";
import { LINK_LIFE, UserError, Users } from "./users.ts";

let users: Users;
let store: Store;
beforeEach(async () => {
  store = await newStore();
  users = new Users(store.users);
});

const PASSWORD = "correct horse battery";

test.each([
  ["Ada@Example.ORG", "ada@example.org"],
  ["ｆｕｌｌｗｉｄｔｈ", "fullwidth"],
  [" ada ", "ada"],
  ["ﬁnn", "finn"],
])("%j is the same user as %j", async (typed, name) => {
  const { id } = await users.add({ name: typed });
  expect(await users.named(name)).toMatchObject({ id, name });
  await expect(users.add({ name })).rejects.toThrow(UserError);
});

test.each(["", " ", "a b", "a\nb", "a\u202eb", "a\u200bb", "<b>", "a".repeat(255), "a\u0000"])(
  "%j is no name",
  (name) => {
    expect(() => readName(name)).toThrow(BadName);
  },
);

test("an id is never given to another user, also when the name is", async () => {
  const { id } = await users.add({ name: "ada" });
  await users.remove(id);
  expect((await users.add({ name: "ada" })).id).not.toBe(id);
  expect(await users.find(id)).toBeUndefined();
});

test("a password opens one user, and is kept as an argon2id hash with its parameters alone", async () => {
  const user = await users.add({ name: "ada", password: await hashPassword(PASSWORD) });
  expect(user.password).toMatch(/^\$argon2id\$v=19\$m=19456,t=2,p=1\$[\w+/]{22}\$[\w+/]{43}$/);
  expect((await authenticate(users, "ADA", PASSWORD))?.id).toBe(user.id);
  for (const wrong of ["", `${PASSWORD} `, PASSWORD.toUpperCase()])
    expect(await authenticate(users, "ada", wrong)).toBeUndefined();
  expect(await authenticate(users, "bob", PASSWORD)).toBeUndefined();
});

test("a password is the same in both forms of Unicode", async () => {
  const hash = await hashPassword("pässwörter sind gut");
  expect(await fits("pässwörter sind gut".normalize("NFD"), hash)).toBe(true);
});

test("nobody logs in who has no password, or is disabled", async () => {
  await users.add({ name: "ada" });
  const bob = await users.add({ name: "bob", password: await hashPassword(PASSWORD) });
  await users.setDisabled(bob.id, true);
  for (const name of ["ada", "bob"]) expect(await authenticate(users, name, PASSWORD)).toBeUndefined();
  await users.setDisabled(bob.id, false);
  expect(await authenticate(users, "bob", PASSWORD)).toBeDefined();
});

test("a hash with other parameters is replaced at the next login", async () => {
  const weak = "$scrypt$ln=14,r=8,p=1$AAAAAAAAAAAAAAAAAAAAAA$";
  const { scryptSync } = await import("node:crypto");
  const digest = scryptSync(PASSWORD, Buffer.alloc(16), 32, { N: 2 ** 14, r: 8, p: 1 })
    .toString("base64")
    .replace(/=+$/, "");
  const { id } = await users.add({ name: "ada", password: weak + digest });
  expect(await authenticate(users, "ada", PASSWORD)).toBeDefined();
  expect((await users.find(id))!.password).toMatch(/^\$argon2id\$/);
  expect(isOutdated((await users.find(id))!.password!)).toBe(false);
  expect(await authenticate(users, "ada", PASSWORD)).toBeDefined();
});

test.each(["", "x", "$argon2id$v=19$m=1,t=1,p=1$$", "$2b$10$abc"])("the hash %j is nobody's", async (hash) => {
  expect(await fits("", hash)).toBe(false);
});

test("a code of the app counts once, and none before it counts any more", async () => {
  const { id, totp } = await users.add({ name: "ada", totp: true });
  const now = Date.now();
  const code = (offset: number) => totpCode(totp!.secret, stepAt(now) + offset);
  expect(await users.useTotp(id, code(0), now)).toBe(true);
  expect(await users.useTotp(id, code(0), now)).toBe(false);
  expect(await users.useTotp(id, code(-1), now)).toBe(false);
  expect(await users.useTotp(id, code(2), now)).toBe(false);
  expect(await users.useTotp(id, ` ${code(1).slice(0, 3)} ${code(1).slice(3)}`, now)).toBe(true);
});

test("a recovery code works once, however it is typed, and only its digest is kept", async () => {
  const { id } = await users.add({ name: "ada", totp: true });
  const kept = vi.spyOn(store.users, "setRecoveryCodes");
  const codes = await users.newRecoveryCodes(id);
  expect(new Set(codes).size).toBe(10);
  for (const code of codes) expect(JSON.stringify(kept.mock.calls)).not.toContain(code);
  expect(await users.useRecoveryCode(id, codes[0]!.toUpperCase().replaceAll("-", " "))).toBe(true);
  expect(await users.useRecoveryCode(id, codes[0]!)).toBe(false);
  await users.newRecoveryCodes(id);
  expect(await users.useRecoveryCode(id, codes[1]!)).toBe(false);
});

test("a link sets a password once, for a day, and a new one takes its place", async () => {
  const { id } = await users.add({ name: "ada" });
  const first = await users.newLink(id);
  const link = await users.newLink(id, 0);
  expect(await users.byLink(first)).toBeUndefined();
  expect(await users.byLink(link, LINK_LIFE)).toBeUndefined();
  expect((await users.byLink(link, LINK_LIFE - 1))?.id).toBe(id);
  expect(await users.useLink(link, "hash", 1)).toBe(true);
  expect(await users.useLink(link, "other", 1)).toBe(false);
  expect((await users.find(id))!.password).toBe("hash");
});

test("a reset forgets the password, the app, the codes and the link", async () => {
  const { id, totp } = await users.add({ name: "ada", totp: true, password: "hash" });
  const [code] = await users.newRecoveryCodes(id);
  const link = await users.newLink(id);
  const user = await users.reset(id, true);
  expect(user.password).toBeUndefined();
  expect(user.totp!.secret).not.toBe(totp!.secret);
  expect([await users.useRecoveryCode(id, code!), await users.byLink(link)]).toEqual([false, undefined]);
});

test("a user whom there is not takes as long as one whom there is", async () => {
  await users.add({ name: "ada", password: await hashPassword(PASSWORD) });
  await authenticate(users, "nobody", PASSWORD); // makes the hash that is nobody's
  const median = async (name: string) => {
    const times: number[] = [];
    for (let at = 0; at < 5; at++) {
      const start = performance.now();
      await authenticate(users, name, "a wrong password");
      times.push(performance.now() - start);
    }
    return times.toSorted((one, other) => one - other)[2]!;
  };
  // Without the hash it would be a hundredth.
  expect(await median("nobody")).toBeGreaterThan((await median("ada")) / 10);
});
