/** A gateway in front of a server whose users log in here: what OAuth clients meet on their whole way. */
import { execFile } from "node:child_process";
import { join } from "node:path";
import { promisify } from "node:util";
import { expect } from "vitest";
import { test, until, type Running } from "../gateways/fixtures/harness.ts";
import { Browser, OAuthClient } from "./fixtures/client.ts";
import { follow, submit } from "./fixtures/form.ts";
import { addUser, PASSWORD, registered, startLogin } from "./fixtures/login-server.ts";
import { ada, secretOf, startAuth, stateOf, type RunningAuth } from "./fixtures/server.ts";
import { moveClock } from "./fixtures/clock.ts";

const MAIN = join(import.meta.dirname, "main.ts");
const MEMORY = "https://memory.example.org/mcp";
const bearing = (token: string) => ({ authorization: `Bearer ${token}` });

/** What makes the service of a gateway one whose users log in at a server. */
const loginsAt = ({ issuer }: RunningAuth, publicUrl = MEMORY) => ({
  name: "memory",
  auth: ["oauth" as const],
  authIssuer: issuer,
  authSecret: secretOf("memory"),
  publicUrl,
});

/** An access token of ada, who logs in on the pages. */
async function tokenOfUser({ issuer }: RunningAuth): Promise<string> {
  const login = await registered(issuer, "http://127.0.0.1:33418/callback");
  const browser = new Browser(issuer);
  const page = await (await browser.visit(login.authorizeUrl({ resource: MEMORY, scope: "memory" }))).text();
  const fields = { step: "password", name: "ada@example.org", password: PASSWORD };
  const consent = await (await follow(browser, issuer, await submit(browser, issuer, page, fields))).text();
  const back = await follow(browser, issuer, await submit(browser, issuer, consent, { step: "allow" }));
  const { searchParams } = new URL(back.headers.get("location")!);
  return (await login.exchange(searchParams.get("code")!)).body.access_token;
}

/** The gateway may remember tokens from here on. */
const isListening = ({ log }: Running) =>
  until("the gateway hears of revocations", () => log.some((line) => line.includes("tells of revocations")));

test("a client finds the login by the service's URL alone, and comes back with a token that opens it", async ({
  start,
}) => {
  const server = await startAuth();
  const running = await start({ service: loginsAt(server) });
  const refused = await running.client().initialize();
  expect([refused.status, refused.headers.get("www-authenticate")]).toEqual([
    401,
    expect.stringContaining('scope="memory"'),
  ]);
  const metadata = (await (await running.probe("/.well-known/oauth-protected-resource/mcp")).json()) as Record<
    string,
    string[]
  >;
  expect(metadata["authorization_servers"]).toEqual([server.issuer]);
  const document = (await (await running.probe("/.well-known/oauth-authorization-server")).json()) as {
    issuer: string;
  };
  expect(document.issuer).toBe(server.issuer);
  const [scope, resource] = [metadata["scopes_supported"]!.join(" "), String(metadata["resource"])];
  const tokens = await new OAuthClient(server.issuer).login({ resource, scope });
  const client = await running.client(bearing(tokens.access_token)).open();
  expect(await client.text("echo", { text: "in" })).toContain("in");
});

test("a revocation is at once, and after a new login the same session goes on", async ({ start }) => {
  const server = await startAuth();
  const running = await start({ service: loginsAt(server) });
  await isListening(running);
  const login = new OAuthClient(server.issuer);
  const tokens = await login.login({ resource: MEMORY, scope: "memory" });
  const client = await running.client(bearing(tokens.access_token)).open();
  const stream = await client.get();
  await login.revoke(tokens.refresh_token);
  await stream.text();
  expect((await client.notify("x")).status).toBe(401);
  const again = await login.login({ resource: MEMORY, scope: "memory" });
  client.headers["authorization"] = `Bearer ${again.access_token}`;
  expect(await client.text("echo", { text: "on" })).toContain("on");
});

test("no call gets in after the answer to a revocation, however fast it comes", async ({ start }) => {
  const server = await startAuth();
  const running = await start({ service: loginsAt(server) });
  await isListening(running);
  const login = new OAuthClient(server.issuer);
  const newTokens = () => login.login({ resource: MEMORY, scope: "memory" });
  const client = await running.client(bearing((await newTokens()).access_token)).open();
  const statuses: number[][] = [];
  for (let round = 0; round < 50; round++) {
    const tokens = await newTokens();
    client.headers["authorization"] = `Bearer ${tokens.access_token}`;
    const before = await client.notify("x");
    await login.revoke(round % 2 === 0 ? tokens.refresh_token : tokens.access_token);
    statuses.push([before.status, (await client.notify("x")).status]);
  }
  expect(statuses).toHaveLength(50);
  expect(statuses).toEqual(statuses.map(() => [202, 401]));
});

test("a user who is removed is out at once, with what is open", async ({ start }) => {
  const server = await startLogin();
  await addUser(server.users);
  const running = await start({ service: loginsAt(server) });
  await isListening(running);
  const client = await running.client(bearing(await tokenOfUser(server))).open();
  const stream = await client.get();
  const env = { ISSUER: server.issuer, ...stateOf(server.dataDir) };
  await promisify(execFile)(process.execPath, [MAIN, "users", "remove", "ada@example.org"], { env });
  await stream.text();
  expect((await client.notify("x")).status).toBe(401);
});

test("what is in use is asked about every few minutes, and the operator sees it", async ({ start }) => {
  const server = await startAuth();
  const running = await start({ service: loginsAt(server) });
  await isListening(running);
  const tokens = await new OAuthClient(server.issuer).login({ resource: MEMORY, scope: "memory" });
  const client = await running.client(bearing(tokens.access_token)).open();
  const used = async () => (await server.parts.store.grants.list())[0]!.used;
  const before = await used();
  moveClock(240);
  expect([(await client.notify("x")).status, await used()]).toEqual([202, before]);
  moveClock(301);
  expect([(await client.notify("x")).status, (await used()) > before]).toEqual([202, true]);
});

test("a refreshed token goes on in the same session", async ({ start }) => {
  const server = await startAuth();
  const running = await start({ service: loginsAt(server) });
  const login = new OAuthClient(server.issuer);
  const tokens = await login.login({ resource: MEMORY, scope: "memory" });
  const client = await running.client(bearing(tokens.access_token)).open();
  const { body } = await login.refresh(tokens.refresh_token);
  client.headers["authorization"] = `Bearer ${body.access_token}`;
  expect(await client.text("echo", { text: "on" })).toContain("on");
});

test("a token for one service does not open another, although the same server has issued it", async ({ start }) => {
  const server = await startAuth({ resources: [{ service: "memory" }, { service: "notes" }] });
  const running = await start({ service: loginsAt(server) });
  const login = new OAuthClient(server.issuer);
  const tokens = await login.login({ resource: "https://notes.example.org/mcp", scope: "notes" });
  expect((await running.client(bearing(tokens.access_token)).initialize()).status).toBe(401);
});

test("a refresh token and a code open nothing", async ({ start }) => {
  const server = await startAuth();
  const running = await start({ service: loginsAt(server) });
  const login = new OAuthClient(server.issuer);
  await login.register();
  const code = (await login.authorize({ resource: MEMORY, scope: "memory" })).get("code")!;
  expect((await running.client(bearing(code)).initialize()).status).toBe(401);
  const { body } = await login.exchange(code);
  expect((await running.client(bearing(body.refresh_token)).initialize()).status).toBe(401);
});

test("on this machine every name of it is good for the login and for the call", async ({ start }) => {
  const server = await startAuth({ resources: [{ service: "memory", urls: ["http://127.0.0.1:8082/mcp"] }] });
  const running = await start({ service: loginsAt(server, "http://127.0.0.1:8082/mcp") });
  const tokens = await new OAuthClient(server.issuer).login({ resource: "http://localhost:8082/mcp", scope: "memory" });
  expect((await running.client(bearing(tokens.access_token)).initialize()).status).toBe(200);
});

test("a user is the same principal at every login, by whichever client", async ({ start }) => {
  const server = await startAuth();
  const running = await start({ service: loginsAt(server) });
  for (const name of ["One", "Two"]) {
    const login = new OAuthClient(server.issuer);
    await login.register({ client_name: name });
    await running.client(bearing((await login.login({ resource: MEMORY, scope: "memory" })).access_token)).open();
  }
  const ids = running.log.flatMap((line) => /"session-opened".*"principal":"(user-[0-9a-f]+)"/.exec(line)?.[1] ?? []);
  expect([ids.length, new Set(ids).size]).toEqual([2, 1]);
  expect(ids[0]).not.toContain(ada.id);
});

test("while the server is away the gateway says 503, and goes on when it is back", async ({ start }) => {
  const server = await startAuth();
  const running = await start({ service: loginsAt(server) });
  await isListening(running);
  const tokens = await new OAuthClient(server.issuer).login({ resource: MEMORY, scope: "memory" });
  const client = await running.client(bearing(tokens.access_token)).open();
  await server.stop();
  await until("the gateway knows", async () => (await client.notify("x")).status === 503);
  await startAuth({ dataDir: server.dataDir, env: { ISSUER: server.issuer, PORT: new URL(server.issuer).port } });
  await until("it is back", async () => (await client.notify("x")).status === 202);
});
