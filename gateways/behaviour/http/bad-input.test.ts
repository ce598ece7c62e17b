/** Bad input to /mcp is answered with a helpful JSON-RPC error, never with a page, a stack trace or silence. */
import { expect } from "vitest";
import { test, type Running } from "../../fixtures/harness.ts";
import { sendRaw } from "../../fixtures/raw.ts";

const service = { isolation: "shared" } as const;

/** Expects a JSON-RPC error with a sentence, and no internals. */
function expectError(text: string, code: number): void {
  const { jsonrpc, id, error } = JSON.parse(text) as { jsonrpc: string; id: unknown; error: Record<string, string> };
  expect({ jsonrpc, id, code: error["code"] }).toEqual({ jsonrpc: "2.0", id: null, code });
  expect(error["message"]).toMatch(/^[A-Z"].*\.$/s);
  expect(text).not.toMatch(/<html|\.ts:\d|node:internal|\bat \w+ \(/);
}

/** Sends a body in a session and outside of one, expecting the same status. */
async function post({ client, open }: Running, body: unknown, headers = {}): Promise<{ status: number; text: string }> {
  const [inside, outside] = [await (await open()).post(body, headers), await client().post(body, headers)];
  expect(inside.status).toBe(outside.status);
  return { status: inside.status, text: await inside.text() };
}

const deep = (depth: number) => `${"[".repeat(depth)}${"]".repeat(depth)}`;

const bodies: readonly (readonly [string, string | Uint8Array, number])[] = [
  ["an empty body", "", -32700],
  ["not JSON", "hello", -32700],
  ["half a JSON object", '{"jsonrpc":"2.0","id":1,"method":"ping"', -32700],
  ["two JSON objects", '{"jsonrpc":"2.0","id":1,"method":"ping"}{}', -32700],
  ["a page", "<!DOCTYPE html><html></html>", -32700],
  ["not UTF-8", Buffer.from('{"jsonrpc":"2.0","id":1,"method":"\xff\xfe"}', "latin1"), -32700],
  ["UTF-16", Buffer.from('{"jsonrpc":"2.0","id":1,"method":"ping"}', "utf16le"), -32700],
  ["a line break in a string", '{"jsonrpc":"2.0","id":1,"method":"ping","params":{"t":"a\nb"}}', -32700],
  ["a tab in a string", '{"jsonrpc":"2.0","id":1,"method":"ping","params":{"t":"a\tb"}}', -32700],
  ["a zero byte", '{"jsonrpc":"2.0","id":1,"method":"ping"}\0', -32700],
  ["[]", "[]", -32600],
  ["{}", "{}", -32600],
  ["null", "null", -32600],
  ["a number", "7", -32600],
  ["a string", '"ping"', -32600],
  ["jsonrpc 1.0", '{"jsonrpc":"1.0","id":1,"method":"ping"}', -32600],
  ["jsonrpc as a number", '{"jsonrpc":2.0,"id":1,"method":"ping"}', -32600],
  ["no jsonrpc", '{"id":1,"method":"ping"}', -32600],
  ["id null", '{"jsonrpc":"2.0","id":null,"method":"ping"}', -32600],
  ["an object as id", '{"jsonrpc":"2.0","id":{},"method":"ping"}', -32600],
  ["an id twice", '{"jsonrpc":"2.0","id":1,"method":"ping","id":2}', -32600],
  ["an id in upper case too", '{"jsonrpc":"2.0","id":1,"ID":2,"method":"ping"}', -32600],
  ["no method", '{"jsonrpc":"2.0","id":1}', -32600],
  ["a number as method", '{"jsonrpc":"2.0","id":1,"method":1}', -32600],
  ["a method and a result", '{"jsonrpc":"2.0","id":1,"method":"ping","result":{}}', -32600],
  ["an initialize without id", '{"jsonrpc":"2.0","method":"initialize","params":{}}', -32600],
  ["brackets 100,000 deep", deep(100_000), -32600],
];

test.for(bodies)("a body that is %s is answered with 400 and a JSON-RPC error", async ([, body, code], { start }) => {
  const { status, text } = await post(await start({ service }), body);
  expect(status).toBe(400);
  expectError(text, code);
});

const body = (levels: number) =>
  `{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"count","arguments":{"a":${deep(levels - 3)}}}}`;

test("arguments that make a message 64 levels deep pass, and a level more is refused with 400", async ({ start }) => {
  const { open } = await start({ service });
  const client = await open();
  expect(await (await client.post(body(64))).json()).toMatchObject({ id: 1, result: {} });
  for (const levels of [65, 100_000]) {
    const response = await client.post(body(levels));
    expect(response.status).toBe(400);
    expectError(await response.text(), -32600);
  }
});

test("initialize with params that are not an object is refused", async ({ start }) => {
  const { client } = await start({ service });
  for (const params of ["[]", "7", '"x"', "null"]) {
    const response = await client().post(`{"jsonrpc":"2.0","id":"i","method":"initialize","params":${params}}`);
    expect(response.status).toBe(400);
    expect(await response.json()).toMatchObject({ id: "i", error: { code: -32600 } });
  }
});

test("a Content-Type other than JSON is 415, an Accept that allows no answer is 406", async ({ start }) => {
  const running = await start({ service });
  for (const type of ["text/plain", "application/x-www-form-urlencoded", "application/jsonp", ""]) {
    const { status, text } = await post(running, "{}", { "content-type": type });
    expect(status).toBe(415);
    expectError(text, -32000);
  }
  const { status, text } = await post(running, '{"jsonrpc":"2.0","id":1,"method":"ping"}', { accept: "text/html" });
  expect(status).toBe(406);
  expectError(text, -32000);
});

test("a body over the limit is 413, whether or not its length is announced", async ({ start }) => {
  const running = await start({ service, maxBody: 100_000 });
  for (const size of [100_001, 5_000_000]) {
    const { status, text } = await post(running, " ".repeat(size));
    expect(status).toBe(413);
    expectError(text, -32000);
  }
  const chunk = `${(50_000).toString(16)}\r\n${" ".repeat(50_000)}\r\n`;
  const head =
    "POST /mcp HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n";
  const { status, body } = await sendRaw(running.port, head + chunk.repeat(3));
  expect(status).toBe(413);
  expectError(body, -32000);
  expect((await post(running, " ".repeat(100_000))).status).toBe(400);
});

test("an unknown path is 404, and an unknown method on /mcp is 405 with the allowed ones", async ({ start }) => {
  const { probe, client, port } = await start({ service });
  for (const path of ["/", "/mcpx", "/mcp/mcp", "/wsx?x=1", "/%00", "/.well-known/oauth-protected-resource"]) {
    const response = await probe(path);
    expect(response.status).toBe(404);
    expectError(await response.text(), -32000);
  }
  for (const method of ["PUT", "PATCH", "OPTIONS", "PROPFIND"]) {
    const response = await fetch(client().url, { method });
    expect(response.status).toBe(405);
    expect(response.headers.get("allow")).toBe("POST, GET, DELETE, HEAD");
    expectError(await response.text(), -32000);
  }
  expect((await sendRaw(port, "BREW /mcp HTTP/1.1\r\nHost: localhost\r\n\r\n")).status).toBe(400);
});

test("an unknown protocol version is 400 and names the supported ones", async ({ start }) => {
  const { open } = await start({ service });
  const response = await (
    await open()
  ).post({ jsonrpc: "2.0", id: 1, method: "ping" }, { "mcp-protocol-version": "1999-01-01" });
  expect(response.status).toBe(400);
  expect(await response.text()).toMatch(/"id":1,.*1999-01-01.*2025-11-25/);
});
