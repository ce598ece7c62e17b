/** The checks before every modern request: who may call, from where and how often. */
import { expect } from "vitest";
import { Client } from "../../fixtures/client.ts";
import { test } from "../../fixtures/harness.ts";
import { ModernClient } from "../../fixtures/modern-client.ts";

const service = { isolation: "shared" } as const;
const PAGE = "https://app.example.org";

/** Sends the preflight of a browser for a page of another origin. */
const preflight = (port: number, headers: Record<string, string>) =>
  fetch(`http://127.0.0.1:${port}/mcp`, { method: "OPTIONS", headers: { origin: PAGE, ...headers } });

const namesIn = (response: Response, header: string) =>
  response.headers
    .get(header)
    ?.toLowerCase()
    .split(/\s*,\s*/) ?? [];

test("an allowed page may send all headers of the era, and the parameter headers that it asks for", async ({
  start,
}) => {
  const { port } = await start({ service, allowedOrigins: [PAGE] });
  const requested = "content-type, MCP-Param-Region,mcp-param-dry_run , x-own, mcp-param-, mcp-param-a b, mcp-param-ä";
  const response = await preflight(port, {
    "access-control-request-headers": encodeURI(requested).replaceAll("%20", " "),
  });
  expect([response.status, response.headers.get("access-control-allow-origin")]).toEqual([204, PAGE]);
  const allowed = namesIn(response, "access-control-allow-headers");
  for (const name of [
    "authorization",
    "content-type",
    "mcp-protocol-version",
    "mcp-method",
    "mcp-name",
    "mcp-session-id",
    "last-event-id",
    "x-requested-with",
    "cache-control",
    "traceparent",
  ])
    expect(allowed).toContain(name);
  expect(allowed.filter((name) => name.startsWith("mcp-param-") || name === "x-own")).toEqual([
    "mcp-param-region",
    "mcp-param-dry_run",
    "mcp-param-%c3%a4",
  ]);
});

test("a page that is not allowed is refused without any details", async ({ start }) => {
  const { port } = await start({ service, allowedOrigins: [PAGE] });
  const headers = { origin: "https://evil.example", "access-control-request-headers": "mcp-param-region" };
  const response = await preflight(port, headers);
  expect(response.status).toBe(403);
  expect(response.headers.get("access-control-allow-headers")).toBeNull();
  const call = await new ModernClient({ port }, { origin: "https://evil.example" }).send("tools/list");
  expect([call.status, await call.json()]).toMatchObject([
    403,
    { error: { code: -32603, data: { error: "origin-not-allowed" } } },
  ]);
});

test("an allowed page can read the answer, as JSON and as a stream", async ({ start }) => {
  const client = new ModernClient(await start({ service, allowedOrigins: [PAGE] }), { origin: PAGE });
  for (const accept of ["application/json", "text/event-stream"]) {
    const response = await client.send("tools/list", {}, { headers: { accept } });
    expect(response.headers.get("access-control-allow-origin")).toBe(PAGE);
    expect(response.headers.get("vary")).toContain("Origin");
    await response.text();
  }
});

test("a token is required as in the legacy era, and failed logins count", async ({ start }) => {
  const running = await start({ service, tokens: ["right"], loginRate: 2, exemptLoopback: false });
  const status = async (token?: string) =>
    (
      await new ModernClient(running, token === undefined ? {} : { authorization: `Bearer ${token}` }).send(
        "tools/list",
      )
    ).status;
  expect(await status("right")).toBe(200);
  expect([await status(), await status("wrong"), await status("wrong"), await status("right")]).toEqual([
    401, 401, 429, 200,
  ]);
});

test("a limit is one limit: what is called in the modern era is not called in a session any more", async ({
  start,
}) => {
  const running = await start({
    service,
    requestRate: { times: 1, per: 1_000 },
    requestBurst: 12,
    exemptLoopback: false,
  });
  const session = await running.open(); // two requests
  const modern = new ModernClient(running);
  const statuses = [];
  for (let calls = 0; calls < 12; calls++) statuses.push((await modern.send("tools/list")).status);
  expect(statuses).toEqual([...Array.from({ length: 10 }, () => 200), 429, 429]);
  const refused = await modern.send("tools/list");
  expect(Number(refused.headers.get("retry-after"))).toBeGreaterThan(0);
  expect(await refused.json()).toMatchObject({ error: { code: -32603, data: { error: "rate-limited" } } });
  expect((await session.notify("x")).status).toBe(429);
  expect((await new Client(session.url).initialize()).status).toBe(429);
});

test("the limit on new sessions does not affect modern requests, which need none", async ({ start }) => {
  const running = await start({ service, sessionRate: 1, exemptLoopback: false });
  await running.open();
  expect((await running.client().initialize()).status).toBe(429);
  for (let calls = 0; calls < 5; calls++) expect((await new ModernClient(running).send("tools/list")).status).toBe(200);
});
