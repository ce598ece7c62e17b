/** The command `users` beside a running server, with a pipe and at a terminal. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdtempSync, readFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { expect, test } from "vitest";
import { Browser, introspectWith, OAuthClient } from "../fixtures/client.ts";
import { follow, submit } from "../fixtures/form.ts";
import { addUser, PASSWORD, startLogin } from "../fixtures/login-server.ts";

const MAIN = join(import.meta.dirname, "../main.ts");

/** Runs it with these lines on stdin. */
async function users(
  dataDir: string,
  args: readonly string[],
  stdin = "",
): Promise<{ code: number; out: string; err: string }> {
  const env = { ISSUER: "https://auth.example.org", DATA_DIR: dataDir };
  const child = spawn(process.execPath, [MAIN, "users", ...args], { env });
  child.stdin.end(stdin);
  const [out, err, [code]] = await Promise.all([text(child.stdout), text(child.stderr), once(child, "close")]);
  return { code: code as number, out, err };
}

/** A token that a user has logged in for. */
async function tokenOf({ issuer, users: store }: Awaited<ReturnType<typeof startLogin>>): Promise<string> {
  await addUser(store);
  const client = new OAuthClient(issuer);
  await client.register();
  const browser = new Browser(issuer);
  let html = await (await browser.visit(client.authorizeUrl())).text();
  const form = { step: "password", name: "ada@example.org", password: PASSWORD };
  html = await (await follow(browser, issuer, await submit(browser, issuer, html, form))).text();
  const back = await follow(browser, issuer, await submit(browser, issuer, html, { step: "allow" }));
  const { body } = await client.exchange(new URL(back.headers.get("location")!).searchParams.get("code")!);
  return body.access_token;
}

test.each([
  ["remove", ["remove", "ADA@example.org"], ""],
  ["reset", ["reset", "ada@example.org", "--link"], ""],
  ["disable", ["disable", "ada@example.org"], ""],
])("%s ends the user's tokens at once, while the server runs", async (_, args, stdin) => {
  const auth = await startLogin();
  const token = await tokenOf(auth);
  const active = async () => (await introspectWith(auth.issuer, auth.secretOf("memory"), token)).body["active"];
  expect(await active()).toBe(true);
  const { code, out } = await users(auth.dataDir, args, stdin);
  expect([code, out]).toEqual([0, expect.stringContaining("One grant has ended.")]);
  expect(await active()).toBe(false);
});

test("a password is the first line of stdin, and is nowhere afterwards", async () => {
  const dataDir = mkdtempSync(join(tmpdir(), "users-"));
  const added = await users(dataDir, ["add", "ada", "--json"], `${PASSWORD}\nsomething else\n`);
  expect([added.code, added.err, JSON.parse(added.out)]).toMatchObject([0, "", { name: "ada", hasPassword: true }]);
  for (const end of ["", "-wal"]) {
    const file = join(dataDir, `auth.sqlite${end}`);
    expect(readIfThere(file)).not.toContain(PASSWORD);
  }
  expect((await users(dataDir, ["add", "bob"], "short\n")).code).toBe(1);
  expect(await users(dataDir, ["add", "bob"], "")).toMatchObject({
    code: 1,
    err: expect.stringContaining("No password came on standard input") as string,
  });
  expect((await users(dataDir, ["add"], "")).code).toBe(2);
  expect(JSON.parse((await users(dataDir, ["list", "--json"])).out)).toHaveLength(1);
});

/** Of util-linux: it makes a terminal. */
const script = process.platform === "linux" && ["/usr/bin/script", "/bin/script"].find(existsSync);

test.skipIf(!script)("a password that is typed at a terminal is asked for twice, and never shown", async () => {
  const dataDir = mkdtempSync(join(tmpdir(), "users-"));
  const env = { ...process.env, ISSUER: "https://auth.example.org", DATA_DIR: dataDir };
  const line = `'${process.execPath}' '${MAIN}' users add ada`;
  const child = spawn(String(script), ["-q", "-e", "-c", line, "/dev/null"], { env });
  let shown = "";
  const answers = new Map([
    ["Password: ", PASSWORD],
    ["Again: ", PASSWORD],
  ]);
  child.stdout.on("data", (chunk: Buffer) => {
    shown += chunk.toString();
    for (const [question, answer] of answers) {
      if (!shown.includes(question)) continue;
      answers.delete(question);
      child.stdin.write(`${answer}\r`);
    }
  });
  const [code] = await once(child, "close");
  expect([code, shown]).toEqual([0, expect.stringContaining("Added ada.")]);
  expect(shown).not.toContain(PASSWORD);
});

const readIfThere = (file: string): string => {
  try {
    return readFileSync(file, "latin1");
  } catch {
    return "";
  }
};
