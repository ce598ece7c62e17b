/** The checks before every request: who may call, from where, and what needs no token. */
import { expect } from "vitest";
import { Client } from "../../fixtures/client.ts";
import { test } from "../../fixtures/harness.ts";
import { sendRaw } from "../../fixtures/raw.ts";

const service = { isolation: "shared" } as const;
const withTokens = { service, tokens: ["first-token", "second-token"] };
const bearer = (token: string) => ({ authorization: `Bearer ${token}` });

test("without the right token every request to /mcp is 401, with WWW-Authenticate", async ({ start }) => {
  const { client, service: running } = await start({ ...withTokens, loginRate: 1_000 });
  for (const headers of [
    {},
    bearer("wrong"),
    bearer(""),
    { authorization: "Basic Zmlyc3QtdG9rZW4=" },
    bearer("FIRST-TOKEN"),
  ]) {
    const stranger = client(headers);
    for (const response of [await stranger.initialize(), await stranger.get(), await stranger.end()]) {
      expect(response.status).toBe(401);
      expect(response.headers.get("www-authenticate")).toMatch(/^Bearer/);
      expect(await response.json()).toMatchObject({ jsonrpc: "2.0", id: null, error: { code: -32000 } });
    }
  }
  expect(running.sessions.size).toBe(0);
});

test("each of several tokens is accepted, and a session is only found with the one that opened it", async ({
  start,
}) => {
  const { client } = await start(withTokens);
  const [first, second] = [await client(bearer("first-token")).open(), await client(bearer("second-token")).open()];
  expect(await first.text("echo", { text: "a" })).toBe("a");
  expect(await second.text("echo", { text: "b" })).toBe("b");
  const thief = new Client(first.url, bearer("second-token"));
  thief.session = first.session;
  for (const response of [await thief.notify("x"), await thief.get(), await thief.end()]) {
    expect(response.status).toBe(404);
    expect(await response.json()).toMatchObject({ error: { code: -32001 } });
  }
  expect(await first.text("echo", { text: "still mine" })).toBe("still mine");
});

test("an address that fails to log in too often is 429 with Retry-After, and the right token still passes", async ({
  start,
}) => {
  const { client } = await start({ ...withTokens, loginRate: 3, exemptLoopback: false });
  const answers = [];
  for (let tries = 0; tries < 4; tries++) answers.push(await client(bearer("guess")).initialize());
  expect(answers.map(({ status }) => status)).toEqual([401, 401, 401, 429]);
  expect(Number(answers[3]!.headers.get("retry-after"))).toBeGreaterThan(0);
  expect((await client(bearer("first-token")).initialize()).status).toBe(200);
});

test("health and readiness need no token and reveal no secret; OAuth paths are 404", async ({ start }) => {
  const { probe } = await start({ ...withTokens, service: { ...service, version: "1.2.3" } });
  const health = await probe("/health");
  expect(health.status).toBe(200);
  const expected = { status: "ok", service: "fixture-mcp", version: "1.2.3", timestamp: expect.any(String) as string };
  expect(await health.json()).toEqual(expected);
  expect((await probe("/ready")).status).toBe(200);
  for (const path of [
    "oauth-authorization-server",
    "oauth-protected-resource",
    "oauth-protected-resource/mcp",
    "openid-configuration",
  ]) {
    const response = await probe(`/.well-known/${path}`);
    expect(response.status).toBe(404);
    expect(response.headers.get("content-type")).toBe("application/json");
  }
});

test("a request to an unknown host name is 403, as in DNS rebinding", async ({ start }) => {
  const { port, service: running } = await start({ service, allowedHosts: ["mcp.example.org"] });
  const body = '{"jsonrpc":"2.0","id":1,"method":"initialize","params":{}}';
  const initialize = (host: string) =>
    sendRaw(
      port,
      `POST /mcp HTTP/1.1\r\nHost: ${host}\r\nContent-Type: application/json\r\nContent-Length: ${body.length}\r\n\r\n${body}`,
    );
  for (const host of [
    "evil.example",
    "evil.example:8080",
    "localhost.evil.example",
    "127.0.0.1.evil.example",
    "mcp.example.org.evil.example",
  ]) {
    const answer = await initialize(host);
    expect(answer.status).toBe(403);
    expect(JSON.parse(answer.body)).toMatchObject({ jsonrpc: "2.0", error: { code: -32000 } });
  }
  expect(running.sessions.size).toBe(0);
  for (const host of ["localhost", `127.0.0.1:${port}`, "[::1]:1", "MCP.example.org", "fixture-mcp-gateway"]) {
    expect((await initialize(host)).status).toBe(200);
  }
});

test("a browser page of another site is 403; local and allowed pages pass", async ({ start }) => {
  const { client, service: running } = await start({ service, allowedOrigins: ["https://app.example.org"] });
  for (const origin of [
    "https://evil.example",
    "null",
    "http://localhost.evil.example",
    "https://app.example.org.evil.example",
    "file://",
  ]) {
    const response = await client({ origin }).initialize();
    expect(response.status).toBe(403);
    expect(response.headers.get("access-control-allow-origin")).toBeNull();
    expect(await response.json()).toMatchObject({ jsonrpc: "2.0", error: { code: -32000 } });
  }
  expect(running.sessions.size).toBe(0);
  for (const origin of ["https://app.example.org", "http://localhost:6274"]) {
    expect((await client({ origin }).initialize()).status).toBe(200);
  }
});

test("a service with its own tokens requires one even if the gateway has none, and accepts both kinds if it has", async ({
  start,
}) => {
  const own = { ...service, tokens: ["own-token"] };
  for (const tokens of [[], ["first-token"]]) {
    const { client } = await start({ service: own, tokens });
    expect((await client().initialize()).status).toBe(401);
    expect((await client(bearer("wrong")).initialize()).status).toBe(401);
    for (const token of ["own-token", ...tokens]) expect((await client(bearer(token)).initialize()).status).toBe(200);
  }
});
