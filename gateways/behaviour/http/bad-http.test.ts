/** Malformed HTTP gets a JSON-RPC error, and the connection is closed. */
import { once } from "node:events";
import { connect } from "node:net";
import { expect } from "vitest";
import { test, until } from "../../fixtures/harness.ts";
import { sendRaw } from "../../fixtures/raw.ts";

const settings = { service: { isolation: "shared" } } as const;
const post = "POST /mcp HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n";
const body = '{"jsonrpc":"2.0","id":1,"method":"ping"}';

const requests = [
  ["a header of 100 KB", `GET /mcp HTTP/1.1\r\nHost: localhost\r\nX-Bomb: ${"x".repeat(100_000)}\r\n\r\n`, 431],
  ["5,000 headers", `GET /mcp HTTP/1.1\r\nHost: localhost\r\n${"X-Bomb: x\r\n".repeat(5_000)}\r\n`, 431],
  ["a URL of 100 KB", `GET /${"x".repeat(100_000)} HTTP/1.1\r\nHost: localhost\r\n\r\n`, 431],
  ["no HTTP at all", "hello\r\n\r\n", 400],
  ["TLS", "\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03", 400],
  ["a header line without a colon", "GET /mcp HTTP/1.1\r\nHost: localhost\r\nnonsense\r\n\r\n", 400],
  ["two lengths", `${post}Content-Length: 5\r\nContent-Length: 6\r\n\r\n${body}`, 400],
  ["a length and chunks", `${post}Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n${body}`, 400],
  ["a length that is not a number", `${post}Content-Length: many\r\n\r\n${body}`, 400],
  ["a body shorter than its length", `${post}Content-Length: 1000\r\n\r\n${body}`, 400],
  ["a malformed chunk", `${post}Transfer-Encoding: chunked\r\n\r\nzz\r\n${body}`, 400],
] as const;

test.for(requests)("%s is answered with a JSON-RPC error", async ([, bytes, status], { start }) => {
  const { port, open } = await start(settings);
  const client = await open();
  const answer = await sendRaw(port, bytes, { andEnd: true });
  expect(answer.status).toBe(status);
  expect(answer.head).toMatch(/content-type: application\/json/i);
  expect(JSON.parse(answer.body)).toMatchObject({
    jsonrpc: "2.0",
    id: null,
    error: { code: expect.any(Number) as number },
  });
  expect(await client.text("count")).toBe("1");
});

test("a request without Host is refused", async ({ start }) => {
  const { port } = await start(settings);
  expect((await sendRaw(port, "GET /mcp HTTP/1.1\r\n\r\n")).status).toBe(400);
  expect((await sendRaw(port, "GET /mcp HTTP/1.0\r\n\r\n")).status).toBe(403);
});

test("requests that arrive together are answered one after the other", async ({ start }) => {
  const { port } = await start(settings);
  const head = "HEAD /mcp HTTP/1.1\r\nHost: localhost\r\n\r\n";
  const last = "GET /nothing HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n";
  const { status, body: rest } = await sendRaw(port, head + last);
  expect(status).toBe(200);
  expect(rest).toMatch(/^HTTP\/1.1 404/);
});

/** How many sockets this process has, at the gateway's end and at the clients'. */
const sockets = () => process.getActiveResourcesInfo().filter((name) => name === "TCPSocketWrap").length;

test("a connection that sent malformed HTTP is closed even if its client does not close its end", async ({ start }) => {
  const { port } = await start(settings);
  const before = sockets();
  const socket = connect({ port, host: "127.0.0.1", allowHalfOpen: true });
  socket.write("hello\r\n\r\n");
  const [answer] = (await once(socket.setEncoding("utf8"), "data", { signal: AbortSignal.timeout(10_000) })) as [
    string,
  ];
  expect(answer).toMatch(/^HTTP\/1.1 400/);
  await until("the gateway has closed its end", () => sockets() <= before + 1);
  expect(socket.writable).toBe(true);
  socket.destroy();
});

test("a request with an absolute URL is routed by its path", async ({ start }) => {
  const { port } = await start(settings);
  const rest = ` HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n`;
  for (const [url, status] of [
    [`http://127.0.0.1:${port}/health`, 200],
    ["HTTP://localhost/mcp?x=1", 200],
    ["http://localhost", 404],
    ["http://localhost/nothing", 404],
  ] as const) {
    const method = url.includes("/mcp") ? "HEAD" : "GET";
    expect((await sendRaw(port, `${method} ${url}${rest}`)).status, url).toBe(status);
  }
});
