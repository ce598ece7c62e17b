/** Details of HTTP in which clients expect what the reference SDKs do. */
import { gzipSync } from "node:zlib";
import { describe, expect } from "vitest";
import { test } from "../../fixtures/harness.ts";
import { ModernClient } from "../../fixtures/modern-client.ts";
import { sendRaw } from "../../fixtures/raw.ts";

const settings = { service: { isolation: "shared" } } as const;
const INITIALIZE = '{"jsonrpc":"2.0","id":1,"method":"initialize","params":{}}';
const STREAM = { accept: "text/event-stream" };

/** Every event that has a message has the name that the SDKs give it. */
function expectNamed(text: string): void {
  const events = text.split("\n\n").filter((event) => /^data: \{/m.test(event));
  expect(events.length).toBeGreaterThan(0);
  for (const event of events) expect(event).toMatch(/^event: message$/m);
}

test("every event that carries a message is named, in every stream", async ({ start }) => {
  const { open, client, port } = await start(settings);
  const session = await open();
  const call = {
    jsonrpc: "2.0",
    id: 7,
    method: "tools/call",
    params: { name: "count", arguments: {}, _meta: { progressToken: 1 } },
  };
  expectNamed(await (await client().post(INITIALIZE, STREAM)).text());
  expectNamed(await (await session.post(call, STREAM)).text());
  expectNamed(await (await session.post(call, { accept: "application/json, text/event-stream" })).text().then(asEvent));
  expectNamed(await (await new ModernClient({ port }).send("tools/list", {}, { headers: STREAM })).text());
});

/** An answer that came as JSON has no events. */
const asEvent = (text: string) => (text.startsWith("{") ? `event: message\ndata: ${text}\n\n` : text);

test("a stream is neither cached nor held back, and names its session", async ({ start }) => {
  const { open } = await start(settings);
  const session = await open();
  const aborted = new AbortController();
  const { headers } = await session.get({}, aborted.signal);
  aborted.abort();
  expect(Object.fromEntries(headers)).toMatchObject({
    "content-type": "text/event-stream",
    "cache-control": "no-cache, no-transform",
    "x-accel-buffering": "no",
    connection: "keep-alive",
    "mcp-session-id": session.session,
  });
});

test("every answer in a session names it", async ({ start }) => {
  const session = await (await start(settings)).open();
  const ping = { jsonrpc: "2.0", id: 1, method: "ping" };
  for (const response of [
    await session.post(ping),
    await session.post(ping, STREAM),
    await session.notify("notifications/x"),
  ])
    expect(response.headers.get("mcp-session-id")).toBe(session.session);
});

test("an idle connection outlives those of the proxies in front, so that a POST does not meet its end", async ({
  start,
}) => {
  const { probe } = await start(settings);
  const [, seconds] = /timeout=(\d+)/.exec((await probe("/health")).headers.get("keep-alive")!)!;
  expect(Number(seconds)).toBeGreaterThan(120);
});

test.for(["gzip", "br", "deflate", "zstd", "GZIP", "gzip, identity"])(
  "a body in %s is 415 with what to do",
  async (encoding, { start }) => {
    const { client } = await start(settings);
    const response = await client().post(gzipSync(INITIALIZE), { "content-encoding": encoding });
    expect([response.status, response.headers.get("accept-encoding")]).toEqual([415, "identity"]);
    expect(await response.text()).toMatch(/The body is encoded .* Send it as it is/);
  },
);

test("a body that is said not to be encoded is taken", async ({ start }) => {
  const { client } = await start(settings);
  expect((await client().post(INITIALIZE, { "content-encoding": "identity" })).status).toBe(200);
});

describe("the same place, however it is written:", () => {
  test.for(["//mcp", "/mcp/", "/mcp//", "///mcp?x=//y", "http://localhost//mcp"])("%s", async (path, { start }) => {
    const { port } = await start(settings);
    expect((await sendRaw(port, `HEAD ${path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n`)).status).toBe(
      200,
    );
  });

  test.for(["//fixture/mcp", "/fixture//mcp/"])("%s on a hub", async (path, { start }) => {
    const { port } = await start({ ...settings, hub: true });
    expect((await sendRaw(port, `HEAD ${path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n`)).status).toBe(
      200,
    );
  });

  test.for(["localhost.", "LOCALHOST:80", "127.0.0.2:8080", "127.255.255.254", "[::1]:9", "[0:0:0:0:0:0:0:1]"])(
    "host %s",
    async (host, { start }) => {
      const { port } = await start(settings);
      expect((await sendRaw(port, `HEAD /mcp HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\n\r\n`)).status).toBe(
        200,
      );
    },
  );
});

test.for(["mcp-gateway:3000", "mcp-gateway-1:3000", "my_project_gateway"])(
  "in a network of containers %s is a name that compose gave it",
  async (host, { start }) => {
    const status = async (port: number) =>
      (await sendRaw(port, `GET / HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\n\r\n`)).status;
    const inNetwork = await start({ ...settings, hub: true, host: "0.0.0.0", tokens: ["right-token-of-some-length"] });
    expect(await status(inNetwork.port)).toBe(200);
    expect(await status((await start({ ...settings, hub: true })).port)).toBe(403);
  },
);

test.for([
  ["application/json;q=0, text/event-stream", "text/event-stream"],
  ["text/event-stream;q=0, */*", "application/json"],
  ["APPLICATION/JSON", "application/json"],
  ['text/html;x="application/json", text/event-stream', "text/event-stream"],
] as const)("Accept: %s is answered with %s", async ([accept, type], { start }) => {
  const { client } = await start(settings);
  const response = await client().post(INITIALIZE, { accept });
  expect([response.status, response.headers.get("content-type")]).toEqual([200, type]);
});

test.for(["application/jsonp, text/html", "*/*;q=0", "text/html"])("Accept: %s is 406", async (accept, { start }) => {
  const { client } = await start(settings);
  expect((await client().post(INITIALIZE, { accept })).status).toBe(406);
});

test.for([
  ["Application/JSON; Charset=UTF-8", 200],
  ["application/json;", 200],
  ["application/jsonp", 415],
  ["text/plain; x=application/json", 415],
] as const)("Content-Type: %s is %i", async ([type, status], { start }) => {
  const { client } = await start(settings);
  expect((await client().post(INITIALIZE, { "content-type": type })).status).toBe(status);
});
