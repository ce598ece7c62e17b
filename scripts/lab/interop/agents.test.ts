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
import { installed } from "./gateway.ts";
import { everything } from "./servers.ts";
import { announceWays, ways } from "./ways.ts";

announceWays();

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

/** They call their makers for nothing but what they are told to do. */
const QUIET = { DISABLE_AUTOUPDATER: "1", CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC: "1" };

/** Runs a command until it ends. @param onUrl is told the first authorization request that it prints. @returns what it said */
async function run(
  [file = "", ...args]: readonly string[],
  home: string,
  more: Readonly<Record<string, string>>,
  onUrl?: (url: string) => Promise<unknown>,
): Promise<string> {
  const env = { PATH: process.env["PATH"], HOME: home, TERM: "xterm", BROWSER: "true", ...QUIET };
  const agent = spawn(file, args, { cwd: home, env: { ...env, ...more } });
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

describe.skipIf(!installed).each(Object.entries(ways))("agents, %s", (_, startWay) => {
  const start = async () => {
    const { url, env, arrive } = await startWay(everything().command);
    return { url, env, home: mkdtempSync(join(tmpdir(), "agent-")), logIn: (to: string) => arrive(new URL(to)) };
  };

  test.skipIf(!existsSync(claude) || !hasScript)("Claude Code logs in and is connected", async () => {
    const { url, home, env, logIn } = await start();
    const words = [process.execPath, claude, "mcp"];
    await run([...words, "add", "--transport", "http", "memory", url], home, env);
    // It logs in at a terminal alone.
    const said = await run(["script", "-qfec", [...words, "login", "memory"].join(" "), "/dev/null"], home, env, logIn);
    expect(said).toContain('Authenticated with "memory"');
    expect(await run([...words, "list"], home, env)).toMatch(/memory: .*Connected/);
  });

  test.skipIf(!existsSync(codex))("Codex logs in", async () => {
    const { url, home, env, logIn } = await start();
    const said = await run([codex, "mcp", "add", "memory", "--url", url], home, env, logIn);
    expect(said).toContain("Successfully logged in");
    expect(await run([codex, "mcp", "list"], home, env)).toMatch(/memory .*OAuth/);
  });
});
