/** Logins in a project of one's own: the authorization server is a package beside the other one. */
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, onTestFinished, test } from "vitest";
import { Login } from "../../stacks/fixtures/login.ts";
import { McpClient } from "../kit/mcp/client.ts";
import { freePort } from "../kit/ports.ts";
import { Installed } from "./installed.ts";
import { nodeOf } from "./nodes.ts";
import { ownRegistry } from "./own-registry.ts";
import { pack, type Tarball } from "./pack.ts";
import { packages } from "./packages.ts";

const folder = mkdtempSync(join(tmpdir(), "package-"));
const node22 = await nodeOf(22, folder);
const tarballs = new Map<string, Tarball>();
let env: Readonly<Record<string, string>>;

beforeAll(async () => {
  for (const one of packages) tarballs.set(one.name, await pack(one, folder));
  const [hub, key, auth, own] = await Promise.all([0, 0, 0, 0].map(() => freePort()));
  const ports = { HUB_PORT: hub, HUB_KEY_PORT: key, AUTH_PORT: auth, PORT_SMALL: own };
  const asText = Object.entries(ports).map(([name, port]) => [name, String(port)] as const);
  env = { AUTH: "oauth", npm_config_offline: "true", ...Object.fromEntries(asText) };
});
afterAll(() => rmSync(folder, { recursive: true }));

/** A folder with these packages, until the test is over. */
async function having<T>(names: readonly string[], work: (installed: Installed) => Promise<T>): Promise<T> {
  const installed = await Installed.from(...names.map((name) => tarballs.get(name)!.file));
  try {
    return await work(installed);
  } finally {
    installed.remove();
  }
}

test("with gangway-auth installed, a user is added, logs in, and calls a tool", async () => {
  await having(["gangway-mcp", "gangway-auth"], async (installed) => {
    const added = await installed.runWith(["users", "add", "ada@example.org"], { env, input: "a long password\n" });
    expect(added).toEqual({ code: 0, output: expect.stringContaining("ada@example.org") as string });
    const url = `http://127.0.0.1:${env["PORT_SMALL"]}/mcp`;
    const said = await installed.duringLogins(env, async () => {
      const login = await new Login(`http://127.0.0.1:${env["AUTH_PORT"]}`).register();
      await login.begin(url, "small");
      await login.enter("ada@example.org", "a long password");
      const { access_token: token } = await login.exchange(await login.allow(), url);
      const client = new McpClient(url, token);
      await client.initialize({});
      return client.tool("node");
    });
    expect(said).toBe(process.version);
    const sessions = await installed.runWith(["auth", "sessions", "--json"], { env });
    expect(sessions).toEqual({ code: 0, output: expect.stringContaining("ada@example.org") as string });
  });
});

const manifestOf = (name: string) =>
  JSON.parse(readFileSync(join(folder, name, "package.json"), "utf8")) as { readonly version: string };

test("without it, the first start installs it, and a user is added", async () => {
  const registry = await ownRegistry([...tarballs.values()], manifestOf);
  onTestFinished(registry.close);
  const online = { ...env, npm_config_offline: "false", npm_config_registry: registry.url };
  await having(["gangway-mcp"], async (installed) => {
    const metadata = await installed.duringLogins(online, async () => {
      const answer = await fetch(`http://127.0.0.1:${env["AUTH_PORT"]}/.well-known/oauth-authorization-server`);
      return answer.json();
    });
    expect(metadata).toMatchObject({ issuer: `http://127.0.0.1:${env["AUTH_PORT"]}` });
    registry.close();
    const added = await installed.runWith(["users", "add", "ada@example.org"], { env, input: "a long password\n" });
    expect(added).toEqual({ code: 0, output: expect.stringContaining("ada@example.org") as string });
  });
});

test("without it, and without a way to npm, it is said what installs it", async () => {
  await having(["gangway-mcp"], async (installed) => {
    const { code, output } = await installed.runWith(["users", "list"], { env });
    expect(output).toMatch(/gangway-auth@\d+\.\d+\.\d+, which logins need, cannot be installed: /);
    expect(output).toMatch(/To try by hand:\n {2}npm install --save-dev --save-exact gangway-auth@\d+\.\d+\.\d+\n/);
    expect(code).toBe(1);
  });
});

test.skipIf(node22 === undefined)(
  "on Node 22 it is said which Node logins need, and everything else goes on",
  async () => {
    await having(["gangway-mcp", "gangway-auth"], async (installed) => {
      expect(await installed.callThroughStart(node22)).toMatch(/^v22\./);
      const refused = await installed.runWith(["start"], { env, node: node22! });
      expect(refused.output).toMatch(/logins need Node 24\.7 or newer for the authorization server; this is Node 22\./);
      expect(refused.code).toBe(1);
    });
  },
);
