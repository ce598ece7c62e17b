/**
 * Claude Code and Codex log in to a service of ours, as far as they do so without an account. They are installed by
 * `npm run lab -- clients`; without them, and without util-linux's `script`, these tests are skipped.
 */
import { spawn } from "node:child_process";
import { existsSync, mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { stripVTControlCharacters } from "node:util";
import { describe, expect, test, vi } from "vitest";
import { startOwn } from "../../kit/fixtures/own-server.ts";
import { installed } from "./gateway.ts";
import { everything } from "./servers.ts";

const packages = join(import.meta.dirname, "../clients/packages");
const claude = join(packages, "claude-code/node_modules/@anthropic-ai/claude-code/cli-wrapper.cjs");
const codex = join(packages, "codex/node_modules/.bin/codex");
const hasScript = existsSync("/usr/bin/script");

// Makers serve the documents of their clients: no test fetches them.
vi.mock("../../../auth-server/clients/public-fetch.ts", async (original) => {
  const documents: Readonly<Record<string, readonly string[]>> = {
    "https://claude.ai/oauth/claude-code-client-metadata": ["http://localhost/callback", "http://127.0.0.1/callback"],
    "https://chatgpt.com/oauth/codex/client.json": ["http://127.0.0.1/callback"],
  };
  const fetchPublic = (url: string) => {
    const text = JSON.stringify({ client_id: url, client_name: "Agent", redirect_uris: documents[url] });
    return Promise.resolve({ text, cacheControl: "" });
  };
  return { ...(await original<object>()), fetchPublic };
});

/** It ends with something that no URL has: then all of it is there. */
const AUTHORIZE = /http\S+[?&]response_type=code\S*(?=\s)/;

/** Runs a command until it ends. @param onUrl is told the first authorization request that it prints. @returns what it said */
async function run(
  [file = "", ...args]: readonly string[],
  home: string,
  onUrl?: (url: string) => Promise<unknown>,
): Promise<string> {
  const env = { PATH: process.env["PATH"], HOME: home, TERM: "xterm", BROWSER: "true", DISABLE_AUTOUPDATER: "1" };
  const agent = spawn(file, args, { cwd: home, env: { ...env, CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC: "1" } });
  let said = "";
  let isWaiting = onUrl !== undefined;
  const hear = (chunk: Buffer) => {
    said += chunk.toString();
    const [url] = AUTHORIZE.exec(stripVTControlCharacters(said)) ?? [];
    if (!isWaiting || url === undefined) return;
    isWaiting = false;
    void onUrl?.(url);
  };
  agent.stdout.on("data", hear);
  agent.stderr.on("data", hear);
  await new Promise((done) => agent.once("close", done));
  return said;
}

async function start() {
  const own = await startOwn({}, everything().command);
  const { visit } = own.browser();
  const logIn = async (url: string) => fetch((await visit({ url }))!);
  return { url: own.url, home: mkdtempSync(join(tmpdir(), "agent-")), logIn };
}

describe.skipIf(!installed)("agents", () => {
  test.skipIf(!existsSync(claude) || !hasScript)("Claude Code logs in and is connected", async () => {
    const { url, home, logIn } = await start();
    const words = [process.execPath, claude, "mcp"];
    await run([...words, "add", "--transport", "http", "memory", url], home);
    // It logs in at a terminal alone.
    const said = await run(["script", "-qfec", [...words, "login", "memory"].join(" "), "/dev/null"], home, logIn);
    expect(said).toContain('Authenticated with "memory"');
    expect(await run([...words, "list"], home)).toMatch(/memory: .*Connected/);
  });

  test.skipIf(!existsSync(codex))("Codex logs in", async () => {
    const { url, home, logIn } = await start();
    const said = await run([codex, "mcp", "add", "memory", "--url", url], home, logIn);
    expect(said).toContain("Successfully logged in");
    expect(await run([codex, "mcp", "list"], home)).toMatch(/memory .*OAuth/);
  });
});
