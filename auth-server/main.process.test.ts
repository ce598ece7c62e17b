/** The program itself: it survives being killed, and its commands work beside it. */
import { execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, mkdtempSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { expect, onTestFinished, test } from "vitest";
import { freePort } from "../gateways/fixtures/free-port.ts";
import { until } from "../gateways/fixtures/harness.ts";
import { OAuthClient } from "./fixtures/client.ts";
import { resourceOf } from "./fixtures/server.ts";

const MAIN = join(import.meta.dirname, "main.ts");

async function environment() {
  const dataDir = join(mkdtempSync(join(tmpdir(), "auth-main-")), "data");
  const resources = `${dataDir}.json`;
  writeFileSync(resources, JSON.stringify([resourceOf("memory")]));
  const port = await freePort();
  const issuer = `http://127.0.0.1:${port}`;
  const env = { ISSUER: issuer, PORT: String(port), DATA_DIR: dataDir, RESOURCES_FILE: resources };
  return { env, issuer, dataDir };
}

async function start(env: Record<string, string>, issuer: string) {
  const child = spawn(process.execPath, [MAIN, "serve"], { env, stdio: ["ignore", "pipe", "inherit"] });
  onTestFinished(async () => {
    if (child.exitCode !== null || child.signalCode !== null) return;
    child.kill("SIGKILL");
    await once(child, "exit");
  });
  await until("it serves", () =>
    fetch(`${issuer}/health`).then(
      ({ ok }) => ok,
      () => false,
    ),
  );
  return child;
}

const command = (env: Record<string, string>, ...args: string[]) =>
  promisify(execFile)(process.execPath, [MAIN, ...args], { env });

test("what it has given out is there after it was killed, and it stops by a signal", async () => {
  const { env, issuer, dataDir } = await environment();
  const killed = await start(env, issuer);
  const client = new OAuthClient(issuer);
  const { body } = await client.register();
  const jwks = async () => (await fetch(`${issuer}/oauth/jwks`)).text();
  const keys = await jwks();
  killed.kill("SIGKILL");
  await once(killed, "exit");
  const next = await start(env, issuer);
  expect((await client.register()).body.client_id).toBe(body.client_id);
  expect(await jwks()).toBe(keys);
  const { stdout } = await command(env, "clients", "--json");
  expect(JSON.parse(stdout)).toMatchObject([{ id: body.client_id, name: "Test", sessions: 0, used: null }]);
  expect((await command(env, "sessions")).stdout).toBe("Nobody is logged in.\n");
  const refused = { code: 1, stderr: "There is no grant nothing. `sessions` shows all.\n" };
  await expect(command(env, "revoke", "nothing")).rejects.toMatchObject(refused);
  expect([statSync(dataDir).mode & 0o777, statSync(join(dataDir, "auth.sqlite")).mode & 0o777]).toEqual([0o700, 0o600]);
  next.kill("SIGTERM");
  expect(await once(next, "exit")).toEqual([0, null]);
});

test("when it is told to stop, it keeps serving until a proxy has found the next release", async () => {
  const { env, issuer } = await environment();
  const child = await start({ ...env, DRAIN_DELAY: "2s" }, issuer);
  const stopping = new Promise<void>((resolve) =>
    child.stdout.on("data", (text) => String(text).includes('"stopping"') && resolve()),
  );
  child.kill("SIGTERM");
  await stopping;
  expect((await fetch(`${issuer}/health`)).ok).toBe(true);
  expect(await once(child, "exit")).toEqual([0, null]);
});

test("says all that is wrong with its settings, and exits with 2", async () => {
  const failed = await command({ PORT: "x" }, "serve").catch(
    (error: unknown) => error as { code: number; stderr: string },
  );
  expect(failed).toMatchObject({
    code: 2,
    stderr: expect.stringMatching(/ISSUER is not set.*\n.*PORT: got "x"/s) as string,
  });
  const { env } = await environment();
  const unknown = await command(env, "session").catch((error: unknown) => error as { code: number; stderr: string });
  expect(unknown).toMatchObject({ code: 2, stderr: expect.stringContaining("got session, expected") as string });
});

test("a database that cannot be used is one sentence, and no stack", async () => {
  const { env, dataDir } = await environment();
  mkdirSync(dataDir, { mode: 0o700 });
  writeFileSync(join(dataDir, "auth.sqlite"), "this is no database, however long it is looked at".repeat(20));
  const stderr = expect.stringMatching(/^gangway-auth: its database cannot be used: [^\n]+\n$/) as string;
  await expect(command(env, "users", "list")).rejects.toMatchObject({ code: 1, stderr });
});
