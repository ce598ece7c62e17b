/** Which access tokens open a service, what each costs, and what becomes of its login. */
import { join } from "node:path";
import { describe, expect } from "vitest";
import { Client } from "../../fixtures/client.ts";
import { FakeAuthServer, SECRET } from "../../fixtures/fake-auth-server.ts";
import { SseClient } from "../../fixtures/sse-client.ts";
import { bearing, challengeIn, KEY, RESOURCE, test, type WithLogins } from "../../fixtures/logins.ts";
import { deferred } from "../../deferred.ts";
import { until } from "../../fixtures/harness.ts";

const opened = async ({ client }: WithLogins, token: string) => client(bearing(token)).open();
const status = async ({ client }: WithLogins, token: string) => (await client(bearing(token)).initialize()).status;

test("a token that the authorization server knows opens the service, and is asked about once", async ({
  startWithLogins,
}) => {
  const running = await startWithLogins();
  running.server.issue("token-1", { aud: RESOURCE });
  const client = await opened(running, "token-1");
  await Promise.all(Array.from({ length: 5 }, () => client.text("echo", { text: "x" })));
  expect(running.server.asked).toEqual(["token-1"]);
  expect(running.server.mistakes).toEqual([]);
});

test("many calls that come at once with a new token ask once", async ({ startWithLogins }) => {
  const running = await startWithLogins();
  running.server.issue("token-1", { aud: RESOURCE });
  const { promise, resolve: go } = deferred<void>();
  running.server.pause = promise;
  const answers = Array.from({ length: 8 }, () => status(running, "token-1"));
  await until("it is asked", () => running.server.asked.length > 0);
  go();
  expect(new Set(await Promise.all(answers))).toEqual(new Set([200]));
  expect(running.server.asked).toEqual(["token-1"]);
});

test.for([
  ["that nobody has issued", "unknown", {}],
  ["for another service", "other", { aud: "https://other.example.org/mcp" }],
  ["for the service's host alone", "host", { aud: "https://fixture.example.org" }],
  ["for the service with a slash more", "slash", { aud: `${RESOURCE}/` }],
  ["that has expired", "old", { aud: RESOURCE, exp: Math.floor(Date.now() / 1_000) - 1 }],
] as const)("a token %s is refused with 401, and says so", async ([, token, fields], { startWithLogins }) => {
  const running = await startWithLogins();
  if ("aud" in fields) running.server.issue(token, fields);
  const response = await running.client(bearing(token)).initialize();
  expect(response.status).toBe(401);
  expect(challengeIn(response)).toMatchObject({ error: "invalid_token", scope: "fixture" });
  expect(await status(running, token)).toBe(401);
  expect(running.server.asked).toEqual([token]); // the second time nobody is asked
});

test("a static token opens nothing where there are logins alone", async ({ startWithLogins }) => {
  const running = await startWithLogins({ tokens: [KEY] });
  expect(await status(running, KEY)).toBe(401);
});

test("a token whose scopes are of other services is refused with 403", async ({ startWithLogins }) => {
  const running = await startWithLogins();
  running.server.issue("token-1", { aud: RESOURCE, scope: "other offline_access tools:other:*" });
  const response = await running.client(bearing("token-1")).initialize();
  expect([response.status, challengeIn(response)]).toEqual([
    403,
    expect.objectContaining({ error: "insufficient_scope", scope: "fixture" }),
  ]);
});

test("a revocation is at once: the next call is 401, and what is open ends", async ({ startWithLogins }) => {
  const running = await startWithLogins();
  running.server.issue("token-1", { aud: RESOURCE, grant: "grant-1" });
  running.server.issue("token-2", { aud: RESOURCE, grant: "grant-2", sub: "user-2" });
  const [client, other] = [await opened(running, "token-1"), await opened(running, "token-2")];
  const [stream, otherStream] = [await client.get(), await other.get()];
  running.server.revoke("grant-1");
  expect(await stream.text()).not.toContain("data"); // it ends in good order
  expect((await client.post({ jsonrpc: "2.0", id: 1, method: "ping" })).status).toBe(401);
  expect(await other.request("ping")).toMatchObject({ result: {} });
  await otherStream.body!.cancel();
  expect(running.log.join("")).toContain("the login was revoked");
});

test("a token that is revoked while it is asked about opens nothing", async ({ startWithLogins }) => {
  const running = await startWithLogins();
  running.server.issue("token-1", { aud: RESOURCE });
  running.server.issue("token-2", { aud: RESOURCE });
  const stream = await (await opened(running, "token-2")).get();
  const { promise, resolve: go } = deferred<void>();
  running.server.pause = promise;
  const answer = status(running, "token-1");
  await until("it is asked", () => running.server.asked.includes("token-1")); // and found to be valid
  running.server.revoke("grant-1");
  await stream.text(); // the gateway has heard of it
  go();
  expect(await answer).toBe(401);
});

test("after a new login of the same user the session goes on", async ({ startWithLogins }) => {
  const running = await startWithLogins();
  running.server.issue("token-1", { aud: RESOURCE, grant: "grant-1" });
  const client = await opened(running, "token-1");
  running.server.revoke("grant-1");
  await until(
    "it is refused",
    async () => (await client.post({ jsonrpc: "2.0", id: 1, method: "ping" })).status === 401,
  );
  running.server.issue("token-2", { aud: RESOURCE, grant: "grant-2" });
  client.headers["authorization"] = "Bearer token-2";
  expect(await client.text("echo", { text: "still here" })).toContain("still here");
});

test("the session of one user is not there for another one", async ({ startWithLogins }) => {
  const running = await startWithLogins();
  running.server.issue("token-1", { aud: RESOURCE });
  running.server.issue("token-2", { aud: RESOURCE, sub: "user-2", grant: "grant-2" });
  const client = await opened(running, "token-1");
  client.headers["authorization"] = "Bearer token-2";
  expect((await client.post({ jsonrpc: "2.0", id: 1, method: "ping" })).status).toBe(404);
});

test("while the stream of revocations is broken every request asks, and what was revoked meanwhile ends", async ({
  startWithLogins,
}) => {
  const running = await startWithLogins();
  running.server.issue("token-1", { aud: RESOURCE });
  const client = await opened(running, "token-1");
  const stream = await client.get();
  const asked = running.server.asked.length;
  running.server.breakStreams();
  running.server.revoke("grant-1"); // nobody hears it
  await until("it is open again", () => running.server.streams === 1);
  await stream.text();
  expect((await client.post({ jsonrpc: "2.0", id: 1, method: "ping" })).status).toBe(401);
  expect(running.server.asked.length).toBeGreaterThan(asked);
});

const urlOf = (name: string) => `https://${name}.example.org/mcp`;

test("a token for one service of a hub opens neither another nor the hub, and what reopens the stream of one cuts nothing of another", async ({
  start,
  onTestFinished,
}) => {
  const server = await FakeAuthServer.start(onTestFinished);
  const login = { auth: "oauth", authIssuer: server.issuer, authSecret: SECRET };
  const child = { command: process.execPath, args: [join(import.meta.dirname, "../../fixtures/child.ts")] };
  const servers = Object.fromEntries(
    ["memory", "notes"].map((name) => [name, { ...child, ...login, publicUrl: urlOf(name) }]),
  );
  const { gateway } = await start({ servers });
  await until("both streams are open", () => server.streams === 2);
  server.issue("token-1", { aud: urlOf("memory"), scope: "memory notes hub" });
  server.issue("token-2", { aud: urlOf("notes"), scope: "notes", grant: "grant-2" });
  const at = (path: string, token: string) => new Client(`http://127.0.0.1:${gateway.port}${path}/mcp`, bearing(token));
  const memory = await at("/memory", "token-1").open();
  const notes = await at("/notes", "token-2").open();
  expect((await at("/notes", "token-1").initialize()).status).toBe(401);
  expect((await at("/memory", "token-2").initialize()).status).toBe(401);
  expect((await memory.request("tools/list")).result).toBeDefined();
  const hub = await at("", "token-1").open(); // which has no logins of its own, and nothing without them
  expect((await hub.request("tools/list")).result).toMatchObject({ tools: [] });
  expect((await hub.tool("memory_echo", { text: "x" })).error).toBeDefined();
  const streams = [await memory.get(), await notes.get()];
  const asked = server.asked.length;
  server.breakStreams();
  await until("both are open again", () => server.streams === 2);
  await until("each login was asked about", () => new Set(server.asked.slice(asked)).size === 2);
  server.revoke("grant-2");
  await streams[1]!.text().catch(String); // it is over, whether by the question or by the stream of revocations
  expect((await memory.request("ping")).result).toBeDefined();
  const end = streams[0]!.text().catch(String);
  expect(await Promise.race([end, Promise.resolve("open")])).toBe("open");
  server.revoke("grant-1");
  expect(await end).not.toContain("terminated");
});

test("while the authorization server is away the answer is 503, never 401, and then all goes on", async ({
  startWithLogins,
}) => {
  const running = await startWithLogins();
  running.server.issue("token-1", { aud: RESOURCE });
  const client = await opened(running, "token-1");
  await running.server.close();
  await until("the gateway knows", async () => (await client.notify("x")).status === 503);
  const response = await client.notify("x");
  expect([response.status, response.headers.get("retry-after"), response.headers.get("www-authenticate")]).toEqual([
    503,
    "5",
    null,
  ]);
  await running.server.open();
  await until("it is back", async () => (await client.notify("x")).status === 202);
  expect(await client.text("echo", { text: "x" })).toContain("x");
});

test("/ready says on this machine that nobody can log in, and stays 200: calls of known tokens go on elsewhere", async ({
  startWithLogins,
}) => {
  const running = await startWithLogins();
  const ready = async () => {
    const response = await running.probe("/ready");
    return { status: response.status, ...((await response.json()) as object) };
  };
  await until("logins work", async () => !("login" in (await ready())));
  await running.server.close();
  await until("it is told", async () => "login" in (await ready()));
  expect(await ready()).toMatchObject({
    status: 200,
    ready: true,
    login: expect.stringContaining("cannot be reached") as string,
  });
});

const soon = () => Math.floor(Date.now() / 1_000) + 2;

describe("a token that expires while it is used", () => {
  test("is refused from then on; a stream ends soon after, and a call is answered", async ({ startWithLogins }) => {
    const running = await startWithLogins();
    running.server.issue("token-1", { aud: RESOURCE, exp: soon() });
    const client = await opened(running, "token-1");
    const stream = await client.get();
    const call = client.text("slow", { ms: 3_000, text: "answered" });
    await until("it is refused", async () => (await client.notify("x")).status === 401);
    expect(await call).toContain("answered");
    await stream.text();
    running.server.issue("token-2", { aud: RESOURCE });
    client.headers["authorization"] = "Bearer token-2";
    expect(await client.text("echo", { text: "on" })).toContain("on");
  });

  test("keeps its stream of HTTP with SSE where its client has shown a newer one", async ({ startWithLogins }) => {
    const running = await startWithLogins();
    running.server.issue("token-1", { aud: RESOURCE, exp: soon() });
    running.server.issue("token-2", { aud: RESOURCE });
    const base = `http://127.0.0.1:${running.port}`;
    const [old, renewed] = [1, 2].map(() => new SseClient(`${base}/sse`, bearing("token-1"))) as [SseClient, SseClient];
    for (const client of [old, renewed]) await (await client.connect()).open();
    renewed.headers["authorization"] = "Bearer token-2";
    expect(await renewed.text("echo", { text: "new" })).toContain("new");
    await old.ended;
    expect(await renewed.text("echo", { text: "still" })).toContain("still");
    renewed.leave();
  });

  test("takes its WebSocket with it", async ({ startWithLogins }) => {
    const running = await startWithLogins();
    running.server.issue("token-1", { aud: RESOURCE, exp: soon() });
    const socket = new WebSocket(`ws://127.0.0.1:${running.port}/ws`, ["mcp", "bearer.token-1"]);
    await new Promise((resolve) => socket.addEventListener("open", resolve));
    await new Promise((resolve) => socket.addEventListener("close", resolve));
  });
});

test("a revocation takes the WebSocket with it", async ({ startWithLogins }) => {
  const running = await startWithLogins();
  running.server.issue("token-1", { aud: RESOURCE });
  const socket = new WebSocket(`ws://127.0.0.1:${running.port}/ws`, ["mcp", "bearer.token-1"]);
  await new Promise((resolve) => socket.addEventListener("open", resolve));
  running.server.revoke("grant-1");
  await new Promise((resolve) => socket.addEventListener("close", resolve));
});

test.for([
  ["is no JSON", "text"],
  ["is no introspection", '{"active":true}'],
  ["is of endless length", `{"active":false,"x":"${"x".repeat(300_000)}"}`],
] as const)("an answer that %s is 503", async ([, body], { startWithLogins }) => {
  const running = await startWithLogins();
  running.server.instead = (res) => void res.end(body);
  expect(await status(running, "token-1")).toBe(503);
});

test.for([401, 403, 404, 429, 500, 302])("an answer with status %i is 503", async (code, { startWithLogins }) => {
  const running = await startWithLogins();
  running.server.instead = (res) => void res.writeHead(code, { location: "/oauth/introspect" }).end("{}");
  expect(await status(running, "token-1")).toBe(503);
});

test("refused logins lock nobody out: the clients of many users share few addresses", async ({ startWithLogins }) => {
  const running = await startWithLogins({ loginRate: 1, exemptLoopback: false });
  for (let n = 0; n < 20; n++) expect(await status(running, `wrong-${n}`)).toBe(401);
  expect((await running.client().initialize()).status).toBe(401);
});

test("no token and no secret is in the log", async ({ startWithLogins }) => {
  const running = await startWithLogins();
  running.server.issue("planted-token-1", { aud: RESOURCE });
  await opened(running, "planted-token-1");
  await status(running, "planted-token-2");
  running.server.revoke("grant-1");
  expect(running.log.join("")).toMatch(/AUTH session-opened/);
  expect(running.log.join("")).not.toMatch(/planted-token|introspection-secret/);
});
