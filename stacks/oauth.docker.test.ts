import { readFileSync } from "node:fs";
import { afterAll, beforeAll, describe, expect, inject, test } from "vitest";
import { group } from "./catalog/kinds/group.ts";
import { npm } from "./catalog/kinds/npm.ts";
import { Caller } from "./fixtures/caller.ts";
import { type Container, containers, freePort, removeDeployment } from "./fixtures/engine.ts";
import { Login } from "./fixtures/login.ts";
import { type Catalog, Project } from "./fixtures/project.ts";
import { Traffic } from "./fixtures/traffic.ts";
import { docker } from "./provision/docker.ts";
import { introspectionSecret, serviceToken } from "./tokens.ts";

const MASTER = "test-bearer-token-of-nobody";
const [NAME, PASSWORD] = ["ada@example.org", "a-long-password-of-ada-47"];

const [memory, notes, team, late, auth] = (await Promise.all(Array.from({ length: 5 }, freePort))) as [
  number,
  number,
  number,
  number,
  number,
];
const issuer = `http://127.0.0.1:${auth}`;
const urlOf = (port: number) => `http://127.0.0.1:${port}/mcp`;
const keyUrl = urlOf(memory + 1000);

const server = npm("@modelcontextprotocol/server-memory@2026.8.31");
const probe = { tool: "read_graph" };
const catalog = {
  "test-memory": { server, port: memory, auth: ["oauth", "bearer"], probe },
  "test-notes": { server, port: notes, auth: "oauth", probe },
  "test-team": { server: group(["test-notes"]), port: team, auth: "oauth" },
} satisfies Catalog;
const grown = { ...catalog, "test-late": { server, port: late, auth: "oauth" } } satisfies Catalog;

const authServers = async () => (await containers(/^auth-/)).filter(({ Name }) => Name !== "/auth-port");

/** The one that runs. */
async function authServer(): Promise<Container> {
  const running = (await authServers()).filter(({ State }) => State.Running);
  expect(running).toHaveLength(1);
  return running[0]!;
}

async function logIn(port: number, service: string) {
  const login = await new Login(issuer).register();
  await (await login.begin(urlOf(port), service)).enter(NAME, PASSWORD);
  const { access_token: token } = await login.exchange(await login.allow(), urlOf(port));
  return { login, token };
}

const read = async (url: string, token: string) => (await new Caller(url, { token }).open()).call("read_graph");

/** The authorization server's, which anybody may ask for. A proxy that reloads closes idle connections: that is tried again. */
async function metadata(): Promise<void> {
  const url = `${issuer}/.well-known/oauth-authorization-server`;
  const answer = await fetch(url).catch(() => fetch(url));
  if (!answer.ok) throw new Error(`HTTP ${answer.status}`);
}

const refusal = async (url: string, headers: Record<string, string> = {}) =>
  (await fetch(url, { method: "POST", headers: { "content-type": "application/json", ...headers }, body: "{}" }))
    .status;

describe.skipIf(inject("lacking") !== "")("services with logins on this machine's Docker", () => {
  const project = new Project();

  beforeAll(async () => {
    project.env = { MCP_BEARER_TOKEN: MASTER, AUTH_PORT: String(auth) };
    await project.deploy(catalog);
    const { Id } = await authServer();
    await docker(["exec", "--interactive", Id, "node", "main.js", "users", "add", NAME], `${PASSWORD}\n`);
  });

  afterAll(async () => {
    await removeDeployment();
    project.remove();
  });

  test("pass npx gangway verify, which finds what a client finds that logs in", async () => {
    const { code, output } = await project.verb("verify", "--env", "local-docker");
    expect(output).toContain("all is well (3 of 3 checked)");
    expect(code).toBe(0);
  });

  test("a person logs in through the proxy, and the token opens that service and no other", async () => {
    const { token } = await logIn(memory, "test-memory");
    expect(JSON.parse(await read(urlOf(memory), token))).toEqual({ entities: [], relations: [] });
    expect(await refusal(urlOf(notes), { authorization: `Bearer ${token}` })).toBe(401);
    expect(await refusal(keyUrl, { authorization: `Bearer ${token}` })).toBe(401);
  });

  test("what is revoked opens nothing from then on", async () => {
    const { login, token } = await logIn(notes, "test-notes");
    await read(urlOf(notes), token);
    await login.revoke(token);
    // The gateway hears of it by a stream, in which the authorization server looks ten times a second.
    const asked = () => refusal(urlOf(notes), { authorization: `Bearer ${token}` });
    await expect.poll(asked, { timeout: 5_000 }).toBe(401);
  });

  test("a token of the deployment opens the address for tokens alone, where nothing shows OAuth", async () => {
    for (const token of [MASTER, serviceToken(MASTER, "test-memory")]) {
      await read(keyUrl, token);
      expect(await refusal(urlOf(memory), { authorization: `Bearer ${token}` })).toBe(401);
      expect(await refusal(urlOf(notes), { authorization: `Bearer ${token}` })).toBe(401);
    }
    const { origin } = new URL(keyUrl);
    for (const path of ["oauth-protected-resource/mcp", "oauth-protected-resource", "oauth-authorization-server"])
      expect((await fetch(`${origin}/.well-known/${path}`)).status, path).toBe(404);
  });

  test("a group reaches a member whose own callers log in", async () => {
    const { token } = await logIn(team, "test-team");
    expect(await (await new Caller(urlOf(team), { token }).open()).call("test-notes_read_graph")).toContain("entities");
  });

  test("the authorization server may do next to nothing on its host", async () => {
    const { Config, HostConfig } = await authServer();
    expect(Config.User).toBe("node");
    expect(HostConfig).toMatchObject({
      ReadonlyRootfs: true,
      CapDrop: ["ALL"],
      SecurityOpt: ["no-new-privileges:true"],
      PidsLimit: 256,
      Memory: 256 * 2 ** 20,
      MemorySwap: 256 * 2 ** 20,
      Privileged: false,
    });
  });

  test("no secret is in the state, in a container's environment or in a log", async () => {
    const { token } = await logIn(memory, "test-memory");
    const all = await containers(/^(auth-|test-)/);
    const logs = await Promise.all(all.map(({ Id }) => docker(["logs", Id])));
    const state = readFileSync(project.path(".gangway/state/local.tfstate"), "utf8");
    const secrets = [MASTER, PASSWORD, token, ...Object.keys(catalog).map((name) => introspectionSecret(MASTER, name))];
    for (const text of [state, JSON.stringify(all), ...logs])
      expect(secrets.filter((secret) => text.includes(secret))).toEqual([]);
  });

  test("it has releases, to which npx gangway rollback goes back", async () => {
    const { output } = await project.verb("rollback", "auth");
    expect(output).toMatch(
      /auth has no earlier release on this machine's Docker: it has only ever run auth [0-9a-f]{16} there/,
    );
  });

  test("a service that is added does not restart the authorization server, which knows it at once", async () => {
    const before = await authServer();
    await project.deploy(grown);
    expect((await authServer()).Id).toBe(before.Id);
    const { token } = await logIn(late, "test-late");
    await read(urlOf(late), token);
  });

  test("a login that one release has begun goes on at the next, and what was given out stays", async () => {
    const { token } = await logIn(memory, "test-memory");
    const before = await authServer();
    const login = await new Login(issuer).register();
    await login.begin(urlOf(memory), "test-memory");
    const callers = await Promise.all([1, 2].map(() => new Caller(urlOf(memory), { token }).open()));
    const [calls, strangers] = [new Traffic(), new Traffic()];
    calls.start(callers, (caller) => caller.call("read_graph"));
    strangers.start(callers, metadata);
    project.env = { ...project.env, LOG_LEVEL: "debug" };
    await project.deploy(grown);
    await Promise.all([calls.stop(), strangers.stop()]);
    expect([...calls.failures, ...strangers.failures]).toEqual([]);
    expect(Math.min(calls.done.length, strangers.done.length)).toBeGreaterThan(20);
    expect((await authServer()).Id).not.toBe(before.Id);
    await login.enter(NAME, PASSWORD);
    const tokens = await login.exchange(await login.allow(), urlOf(memory));
    for (const each of [token, tokens.access_token]) await read(urlOf(memory), each);
  });
});
