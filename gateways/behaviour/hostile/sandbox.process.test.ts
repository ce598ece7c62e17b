/** A hostile server gets nothing in a sandbox, and everything without one: each attack is made in both. */
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterAll, beforeAll, describe, expect, vi } from "vitest";
import { findSandbox } from "../../bridge/sandbox/find-sandbox.ts";
import { Client } from "../../fixtures/client.ts";
import { test, type GatewayProcess } from "../../fixtures/process.ts";

const found = findSandbox();
const without = "program" in found ? undefined : `${found.reason}. ${found.remedy}`;
if (without !== undefined) console.warn(`Skipped: no sandbox here: ${without}`);

const SECRET = "a-secret-of-another-service";
const place = mkdtempSync(join(tmpdir(), "sandbox-"));
const elsewhere = mkdtempSync("/tmp/gangway-other-program-");
const project = join(place, "project");
const gangway = join(project, ".gangway");
const home = join(place, "home");
const work = join(gangway, "work/bad");
const data = join(gangway, "data/bad");

const files: Readonly<Record<string, string>> = {
  env: join(project, ".env"),
  config: join(gangway, "gateway.json"),
  otherWork: join(gangway, "work/other/notes"),
  otherData: join(gangway, "data/other/notes"),
  key: join(home, ".ssh/id_ed25519"),
  cloud: join(home, ".aws/credentials"),
  history: join(home, ".bash_history"),
  npm: join(home, ".npmrc"),
  temporary: join(elsewhere, "notes"),
  documents: join(home, "documents/letter"),
  memory: join(data, "memory.jsonl"),
};

beforeAll(() => {
  for (const path of Object.values(files)) {
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, SECRET);
  }
  mkdirSync(work, { recursive: true });
  vi.stubEnv("HOME", home);
  vi.stubEnv("API_KEY_OF_ANOTHER", SECRET);
});

afterAll(() => {
  vi.unstubAllEnvs();
  for (const folder of [place, elsewhere]) rmSync(folder, { recursive: true });
});

/** A gateway with the hostile server, as `npm start` configures it. */
const fileWith = (sandbox: boolean, own: object = {}) => ({
  hidden: [gangway, files["env"]],
  mcpServers: {
    bad: {
      command: process.execPath,
      args: [join(import.meta.dirname, "../../fixtures/hostile-child.ts"), `--root=${join(home, "documents")}`],
      env: { MEMORY_FILE_PATH: files["memory"] },
      cwd: work,
      sandbox,
      ...own,
    },
  },
});

type Target = (gateway: GatewayProcess) => object;
const at =
  (name: string): Target =>
  () => ({ path: files[name] });

/** What it must not get: the attack, what it is told, and what shows that it had success. */
const attacks: readonly (readonly [what: string, attack: string, target: Target, success: RegExp])[] = [
  ["the secrets in .env", "read", at("env"), /a-secret/],
  ["gateway.json", "read", at("config"), /a-secret/],
  ["another service's working folder", "read", at("otherWork"), /a-secret/],
  ["another service's data", "read", at("otherData"), /a-secret/],
  ["the names of other services", "list", () => ({ path: join(gangway, "work") }), /other/],
  ["an SSH key", "read", at("key"), /a-secret/],
  ["a cloud's credentials", "read", at("cloud"), /a-secret/],
  ["what was typed", "read", at("history"), /a-secret/],
  ["npm's token", "read", at("npm"), /a-secret/],
  ["temporary files of other programs", "read", at("temporary"), /a-secret/],
  ["an SSH key in place of another", "replace", () => ({ path: files["key"], text: SECRET }), /a-secret/],
  ["environments of processes", "environments", () => ({}), /API_KEY_OF_ANOTHER/],
  ["command lines of processes", "commands", () => ({}), /gateways\/main/],
  ["the gateway's memory", "memory", ({ pid }) => ({ pid }), /stack/],
  ["files by way of the gateway", "root", ({ pid }) => ({ pid, path: files["env"] }), /a-secret/],
  ["a signal to the gateway", "signal", ({ pid }) => ({ pid, text: "SIGURG" }), /got: true/],
];

/** What it needs. */
const needs: readonly (readonly [what: string, attack: string, target: Target, success: RegExp])[] = [
  ["a file in a folder that an argument names", "read", at("documents"), /a-secret/],
  ["a file that a variable names", "read", at("memory"), /a-secret/],
  ["files beside it", "write", () => ({ path: join(data, "memory.jsonl-wal"), text: "kept" }), /kept/],
  ["its working folder", "write", () => ({ path: join(work, "notes"), text: "kept" }), /kept/],
  ["the home folder, for its cache", "write", () => ({ path: join(home, ".cache/own"), text: "kept" }), /kept/],
  ["temporary files", "write", () => ({ path: "/tmp/own/notes", text: "kept" }), /kept/],
  ["the network", "call", ({ port }) => ({ port }), /connected/],
];

async function attempt(gateway: GatewayProcess, attack: string, target: Target): Promise<string> {
  const client = await new Client(`http://127.0.0.1:${gateway.port}/bad/mcp`).open();
  return client.text(attack, target(gateway));
}

/** What of a table succeeds, by what it is about. */
async function outcomes(gateway: GatewayProcess, table: typeof attacks): Promise<Record<string, boolean>> {
  const client = await new Client(`http://127.0.0.1:${gateway.port}/bad/mcp`).open();
  const found: Record<string, boolean> = {};
  for (const [what, attack, target, success] of table)
    found[what] = success.test(await client.text(attack, target(gateway)));
  return found;
}

const each = (table: typeof attacks, is: boolean) => Object.fromEntries(table.map(([what]) => [what, is]));

describe.skipIf(without !== undefined)("a server in a sandbox", () => {
  test("gets nothing by its attacks, which succeed without one", async ({ run }) => {
    expect(await outcomes(await run({ file: fileWith(true) }), attacks)).toEqual(each(attacks, false));
    expect(await outcomes(await run({ file: fileWith(false) }), attacks)).toEqual(each(attacks, true));
  });

  test("has what it needs", async ({ run }) => {
    expect(await outcomes(await run({ file: fileWith(true) }), needs)).toEqual(each(needs, true));
  });

  test("keeps what it writes for others", () => {
    expect(readFileSync(join(data, "memory.jsonl-wal"), "utf8")).toBe("kept");
  });

  test("cannot open the gateway's debugger, nor can one without", async ({ run }) => {
    for (const sandbox of [true, false]) {
      const gateway = await run({ file: fileWith(sandbox) });
      await attempt(gateway, "signal", ({ pid }) => ({ pid, text: "SIGUSR1" }));
      await attempt(gateway, "list", () => ({ path: "/" })); // time for a debugger to open
      expect(gateway.log + gateway.other).not.toMatch(/Debugger listening/);
    }
  });

  test('has no network with egress "none"', async ({ run }) => {
    const gateway = await run({ file: fileWith(true, { egress: "none" }) });
    expect(await attempt(gateway, "call", ({ port }) => ({ port }))).toMatch(/failed: E/);
  });

  test("leaves nothing when its gateway is killed", async ({ run }) => {
    const gateway = await run({ file: fileWith(true) });
    await attempt(gateway, "list", () => ({ path: "/" }));
    gateway.kill("SIGKILL");
    await gateway.exited; // what still ran then would fail the file
  });
});
