/** `gangway doctor` as a person types it. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { expect, test } from "vitest";
import { FaultyServer } from "./doctor/oauth/fixtures/faulty-server.ts";

async function doctor(...words: readonly string[]) {
  const gangway = join(import.meta.dirname, "gangway.ts");
  const child = spawn(process.execPath, [gangway, "doctor", ...words], { stdio: ["ignore", "pipe", "pipe"] });
  const [stdout, stderr, [code]] = await Promise.all([text(child.stdout), text(child.stderr), once(child, "close")]);
  return { code: code as number, stdout, stderr };
}

test("without a flag it lists what it can check", async () => {
  const { code, stdout } = await doctor();
  expect(code).toBe(0);
  expect(stdout).toContain("npx gangway doctor --oauth <service>");
});

test("without a terminal it checks what needs no login, and says what it has not checked", async () => {
  await using server = await FaultyServer.start();
  const { code, stdout } = await doctor("--oauth", server.url);
  expect(stdout).toMatch(/Claude Code +ok +ok +ok +ok +ok +ok +- +- +-\n/);
  expect(stdout).toMatch(/nothing was found[^]*not checked, as nobody logged in: tokens/);
  expect(code).toBe(0);
});

test("what fails is told once, for whom, and with what mends it", async () => {
  await using server = await FaultyServer.start("resource-without-path");
  const { code, stdout } = await doctor("--oauth", server.url);
  expect(stdout).toMatch(
    /FAIL for Claude \(web, desktop, mobile\), Claude Code, ChatGPT, VS Code: the resource\s+metadata says/,
  );
  expect(stdout).toContain("Set PUBLIC_URL to the URL that people enter");
  expect(stdout).toMatch(/Warning for Cursor, Codex, TypeScript SDK 1\.x/);
  expect(code).toBe(1);
});

test("--json has every step of every client", async () => {
  await using server = await FaultyServer.start("half-oidc");
  const { code, stdout } = await doctor("--oauth", server.url, "--json");
  const { ok, loggedInAs, clients } = JSON.parse(stdout) as {
    readonly ok: boolean;
    readonly loggedInAs: string | null;
    readonly clients: readonly { client: string; ok: boolean; steps: readonly { step: string; state: string }[] }[];
  };
  expect({ ok, loggedInAs, code }).toEqual({ ok: false, loggedInAs: null, code: 1 });
  const chatgpt = clients.find(({ client }) => client === "chatgpt")!;
  expect(chatgpt.steps.map(({ step, state }) => `${step} ${state}`)).toEqual([
    "401 ok",
    "resource ok",
    "server failed",
    "register ok",
    "authorize ok",
    "token ok",
    "tools skipped",
    "refresh skipped",
    "revoke skipped",
  ]);
});

test("a service that is not there is told as that", async () => {
  const { code, stderr } = await doctor("--oauth", "http://127.0.0.1:1/mcp", "--env", "mars");
  expect(code).toBe(2);
  expect(stderr).toContain('--env is "mars"');
});
