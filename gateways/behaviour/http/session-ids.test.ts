/** The session that a request belongs to, and the ids of requests. */
import { expect } from "vitest";
import { test } from "../../fixtures/harness.ts";

const ping = { jsonrpc: "2.0", id: 1, method: "ping" };

test("a session from before a restart, or one that never existed, is 404 with -32001 on POST, GET and DELETE", async ({
  start,
}) => {
  const before = await start({ service: { isolation: "shared" } });
  const { session } = await before.open();
  await before.gateway.stop();
  const { client } = await start({ service: { isolation: "shared" } });
  for (const id of [session, "toString", "__proto__", "constructor", "0", "x".repeat(4_000)]) {
    const stranger = client({ "mcp-session-id": id });
    for (const response of [await stranger.post(ping), await stranger.get(), await stranger.end()]) {
      expect(response.status).toBe(404);
      expect(await response.json()).toMatchObject({ error: { code: -32001 } });
    }
  }
});

test("a POST or DELETE without a session is 400 and names the missing header", async ({ start }) => {
  const { client } = await start({ service: { isolation: "shared" } });
  for (const response of [await client().post(ping), await client().end()]) {
    expect(response.status).toBe(400);
    expect(await response.text()).toMatch(/Mcp-Session-Id/);
  }
});

test("a session that its client has ended is 404", async ({ start }) => {
  const { open } = await start({ service: { isolation: "shared" } });
  const client = await open();
  expect((await client.end()).status).toBe(200);
  for (const response of [await client.post(ping), await client.get(), await client.end()]) {
    expect(response.status).toBe(404);
  }
});

const ids = [
  '"init-1"',
  '"007"',
  "7",
  "0",
  '""',
  "-1",
  "1.0",
  "1e3",
  "9007199254740993",
  '"\u00e9\u20ac"',
  '"a\\"b\\u0041"',
];

for (const isolation of ["shared", "session"] as const) {
  test(`ids return byte for byte, in results and in errors, isolation ${isolation}`, async ({ start }) => {
    const { open } = await start({ service: { isolation } });
    const client = await open();
    for (const id of ids) {
      for (const method of ["ping", "no/such/method"]) {
        const body = `{"method":"${method}","id": ${id} ,"jsonrpc":"2.0"}`;
        const text = await (await client.post(body)).text();
        expect(text).toContain(`"id":${id}`);
        expect(text).toContain(method === "ping" ? '"result"' : '"error"');
      }
    }
  });
}

test("errors of the gateway's own carry the request's id byte for byte too", async ({ start }) => {
  const { client } = await start({ service: { isolation: "shared" } });
  for (const id of ids) {
    const response = await client().post(`{"jsonrpc":"2.0","id":${id},"method":"ping"}`);
    expect(response.status).toBe(400);
    expect(await response.text()).toContain(`"id":${id},`);
  }
});

test("a malformed id is refused and reaches no server", async ({ start }) => {
  const { open } = await start({ service: { isolation: "shared" } });
  const client = await open();
  for (const id of ["null", "true", "[]", "{}", "[1]", '{"a":1}']) {
    const response = await client.post(`{"jsonrpc":"2.0","id":${id},"method":"tools/list"}`);
    expect(response.status).toBe(400);
    expect(await response.json()).toMatchObject({ id: null, error: { code: -32600 } });
  }
  const lists = (await client.received()).filter(({ method }) => method === "tools/list");
  expect(lists).toHaveLength(1); // the gateway's own, at the start
});
