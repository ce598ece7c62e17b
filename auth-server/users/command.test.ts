import { beforeEach, expect, test } from "vitest";
import { newStore } from "../fixtures/stores.ts";
import { authenticate } from "./authenticate.ts";
import { runUsers } from "./command.ts";
import { Users } from "./users.ts";

const PASSWORD = "correct horse battery";
let users: Users;
let ended: string[];
let said: string[];

beforeEach(async () => {
  users = new Users((await newStore()).users);
  [ended, said] = [[], []];
});

/** Runs the command as an operator does. @returns its exit code, and what it wrote */
async function run(line: string, password = PASSWORD): Promise<{ code: number; out: string }> {
  const out: string[] = [];
  const parts = {
    users,
    issuer: "https://auth.example.org",
    endGrants: async (id: string) => ended.push(id),
    readPassword: () => Promise.resolve(password),
    print: (text: string) => void out.push(text),
  };
  const code = await runUsers(line.split(" "), parts, (text) => said.push(text));
  return { code, out: out.join("\n") };
}

const json = async (line: string) => JSON.parse((await run(`${line} --json`)).out) as Record<string, unknown>;

test("a user who is added with a password can log in, and nobody is shown the password", async () => {
  const { code, out } = await run("add Ada@example.org --team ops --team dev");
  expect([code, out]).toEqual([0, "Added ada@example.org."]);
  expect((await authenticate(users, "ada@example.org", PASSWORD))?.teams).toEqual(["ops", "dev"]);
  expect(await json("list")).toMatchObject([
    { name: "ada@example.org", teams: ["ops", "dev"], hasPassword: true, totp: false, lastLogin: null },
  ]);
  expect(JSON.stringify(await json("list"))).not.toMatch(/argon2|horse/);
});

test("a link is printed once, and no password is asked for", async () => {
  const { link } = await json("add ada --link");
  expect(link).toMatch(/^https:\/\/auth\.example\.org\/login\/password\/[\w-]{43}$/);
  expect((await users.byLink(String(link).split("/").at(-1)!))?.name).toBe("ada");
  expect((await run("list")).out).toBe("ada  has set no password  has never logged in");
});

test("an authenticator app is told of at once where the operator sets the password", async () => {
  const { totp, recoveryCodes } = await json("add ada --totp");
  expect(totp).toMatch(/^otpauth:\/\/totp\/auth\.example\.org:ada\?secret=/);
  expect(await users.useRecoveryCode((await users.named("ada"))!.id, (recoveryCodes as string[])[0]!)).toBe(true);
});

test.each(["reset", "remove", "disable"])("%s ends the user's grants", async (verb) => {
  await run("add ada");
  const { id } = (await users.named("ada"))!;
  expect((await run(`${verb} ADA`)).out).toContain("One grant has ended.");
  expect(ended).toEqual([id]);
});

test("a reset keeps that an app is asked for, with a new secret", async () => {
  await run("add ada --totp");
  const before = (await users.named("ada"))!.totp!.secret;
  await run("reset ada --link");
  expect((await users.named("ada"))!.totp!.secret).not.toBe(before);
});

test.each([
  ["add ada", "short", "The password is too short. Use at least 12 characters."],
  ["add a<b", PASSWORD, '"a<b" is no name for a user.'],
  ["reset bob", PASSWORD, "There is no user bob."],
])("%s with the password %j is refused in words", async (line, password, message) => {
  expect((await run(line, password)).code).toBe(1);
  expect(said.join("\n")).toContain(message);
  expect([await users.list(), ended]).toEqual([[], []]);
});

test.each(["", "list ada", "add", "add a b", "frob ada", "add ada --frob", "constructor ada"])(
  "wrong use is explained: %j",
  async (line) => {
    expect((await run(line)).code).toBe(2);
    expect(said.join("\n")).toContain("users add <name>");
  },
);
