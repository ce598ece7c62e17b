/** Which status and code modern requests get, for servers of both eras. */
import { expect } from "vitest";
import { test } from "../../fixtures/harness.ts";
import { headersFor, key, META, ModernClient, servers, VERSION } from "../../fixtures/modern-client.ts";
import type { Received } from "../../fixtures/client.ts";

const [[, modern]] = servers as [(typeof servers)[0]];
const MODERN = { "mcp-protocol-version": VERSION };

const body = (meta: object) => ({ jsonrpc: "2.0", id: "r", method: "tools/list", params: { _meta: meta } });

const REMOVED = ["initialize", "ping", "logging/setLevel", "resources/subscribe", "resources/unsubscribe"];
const NEVER = ["tools/burn", "tasks/list", "roots/list", "sampling/createMessage", "elicitation/create", 'x"y'];

/** The status, code and id of an error. */
async function refusal(answer: Promise<Response>): Promise<unknown[]> {
  const response = await answer;
  const { id, error } = (await response.json()) as Received;
  return [response.status, error?.code, id];
}

for (const [name, settings] of servers) {
  test.concurrent(`invalid metadata are refused with 400 before they reach ${name}`, async ({ start }) => {
    const client = new ModernClient(await start(settings));
    const post = (meta: object, headers: object) =>
      refusal(client.post(body(meta), { ...headersFor("tools/list", {}), ...headers }));
    const unknown = { ...META, [key("protocolVersion")]: "v999" };
    expect(await post({}, {})).toEqual([400, -32602, "r"]);
    expect(await post({ ...META, [key("logLevel")]: "loud" }, {})).toEqual([400, -32602, "r"]);
    expect(await post(META, { "mcp-protocol-version": "2025-11-25" })).toEqual([400, -32020, "r"]);
    expect(await post(META, { "mcp-method": "tools/call" })).toEqual([400, -32020, "r"]);
    expect(await post(unknown, { "mcp-protocol-version": "v999" })).toEqual([400, -32022, "r"]);
    expect((await client.post(body(META), headersFor("tools/list", {}))).status).toBe(200);
    expect((await client.received()).filter(({ id }) => id === "r")).toEqual([]);
  });

  test.concurrent(`removed and unknown methods are 404 and -32601, ${name}`, async ({ start }) => {
    const client = new ModernClient(await start(settings));
    for (const method of [...REMOVED, ...NEVER])
      expect(await refusal(client.send(method, { uri: "a:", level: "info" }, { id: method }))).toEqual([
        404,
        -32601,
        method,
      ]);
    const seen = new Set((await client.received()).map(({ method }) => method));
    const handshake = settings === modern ? [] : ["initialize"];
    expect(REMOVED.filter((method) => seen.has(method))).toEqual(handshake);
  });

  test.concurrent(
    `Mcp-Session-Id and Last-Event-ID are ignored, and requests open no session, ${name}`,
    async ({ start }) => {
      const running = await start(settings);
      const client = new ModernClient(running, { "mcp-session-id": "s", "last-event-id": "1-1" });
      for (const options of [{}, { headers: { accept: "text/event-stream" } }]) {
        const response = await client.send("tools/call", { name: "echo", arguments: {} }, options);
        expect([response.status, response.headers.get("mcp-session-id")]).toEqual([200, null]);
        await response.text();
      }
      expect(running.service.sessions.size).toBe(0);
      const session = await running.open();
      const own = new ModernClient(running, { "mcp-session-id": session.session });
      expect(await own.text("echo", { text: "not of the session" })).toBe("not of the session");
      expect(await session.text("echo", { text: "goes on" })).toBe("goes on");
    },
  );
}

test.concurrent(
  "a modern server's errors are 200, except those for which the revision has a status",
  async ({ start }) => {
    const client = new ModernClient(await start(modern));
    const fail = (code: number) =>
      refusal(client.send("tools/call", { name: "fail", arguments: { code } }, { id: "i" }));
    expect(await fail(-32601)).toEqual([404, -32601, "i"]);
    for (const code of [-32020, -32021, -32022]) expect(await fail(code)).toEqual([400, code, "i"]);
    for (const code of [-32602, -32603, -32000, -32002, -32023, -3260, 7])
      expect(await fail(code)).toEqual([200, code, "i"]);
  },
);

test.concurrent("an error's data arrive unchanged", async ({ start }) => {
  const client = new ModernClient(await start(modern));
  const data = { requiredCapabilities: { sampling: {} } };
  const { error } = await client.tool("fail", { code: -32021, text: "needs sampling", params: data });
  expect(error).toEqual({ code: -32021, message: "needs sampling", data });
});

test.concurrent(
  "a notification is 202 without a body and goes no further, since the revision defines none from clients",
  async ({ start }) => {
    const client = new ModernClient(await start(modern));
    for (const method of ["notifications/cancelled", "notifications/initialized", "x"]) {
      const response = await client.post({ jsonrpc: "2.0", method, params: { requestId: 1, _meta: META } }, MODERN);
      expect([response.status, await response.text()]).toEqual([202, ""]);
    }
    const methods = (await client.received()).map(({ method }) => method);
    expect(methods.filter((method) => !/^(server\/discover|tools\/(list|call))$/.test(method!))).toEqual([]);
  },
);

test.concurrent("a response or a batch is 400 and -32600", async ({ start }) => {
  const client = new ModernClient(await start(modern));
  expect(await refusal(client.post({ jsonrpc: "2.0", id: 1, result: {} }, MODERN))).toEqual([400, -32600, 1]);
  const request = { jsonrpc: "2.0", id: 1, method: "tools/list", params: { _meta: META } };
  expect(await refusal(client.post([request, request], MODERN))).toEqual([400, -32600, null]);
  expect(await refusal(client.post([request], { ...headersFor("tools/list", {}) }))).toEqual([400, -32600, null]);
});

test.concurrent("GET and DELETE with the modern version are 405", async ({ start }) => {
  const running = await start(modern);
  const session = await running.open();
  for (const method of ["GET", "DELETE", "PUT", "PATCH"]) {
    const headers = { ...MODERN, "mcp-session-id": session.session, accept: "text/event-stream" };
    const response = await fetch(session.url, { method, headers });
    expect([response.status, response.headers.get("allow")]).toEqual([405, "POST"]);
    expect(await response.json()).toMatchObject({ error: { code: -32603, data: { error: "method-not-allowed" } } });
  }
  expect((await fetch(session.url, { method: "HEAD", headers: MODERN })).status).toBe(200);
  expect(await session.text("echo", { text: "still there" })).toBe("still there");
});

test.concurrent(
  "the gateway's own errors have no code from -32000 to -32019, which the modern era retired",
  async ({ start }) => {
    const { port } = await start({ ...modern, tokens: ["right"], service: { requestTimeout: 2_000 } });
    const [stranger, client] = [
      new ModernClient({ port }),
      new ModernClient({ port }, { authorization: "Bearer right" }),
    ];
    const response = await stranger.send("tools/list");
    expect([response.status, ((await response.json()) as Received).error?.code]).toEqual([401, -32603]);
    const errors = [
      await client.tool("slow", { ms: 60_000 }),
      await client.tool("raw", { text: '{"jsonrpc":"2.0","id":$ID,"oops":1}' }),
      await client.tool("crash"),
      (await (await client.post({}, { ...MODERN, "content-type": "text/plain" })).json()) as Received,
      (await (await client.send("tools/list", {}, { headers: { accept: "image/png" } })).json()) as Received,
    ];
    const names = ["request-timeout", "bad-answer", "child-died", "content-type", "not-acceptable"];
    expect(errors.map(({ error }) => error?.data)).toEqual(names.map((error) => ({ error })));
    for (const { error } of errors) expect(error?.code).toBe(-32603);
  },
);

test.concurrent("a service that lacks something says so, with the codes of the modern era", async ({ start }) => {
  const needy = { kind: "needs", needs: "a token" } as const;
  const response = await new ModernClient(await start({ service: { server: needy } })).send("server/discover");
  expect([response.status, response.headers.get("retry-after")]).toEqual([503, "5"]);
  expect(await response.json()).toMatchObject({
    id: 1,
    error: { code: -32603, message: expect.stringMatching(/needs a token/) as string },
  });
});

test.concurrent("a service that cannot run whatever it is given has failed, and needs nothing", async ({ start }) => {
  const failed = { kind: "failed", failed: "npm ci failed: no network" } as const;
  const response = await new ModernClient(await start({ service: { server: failed } })).send("server/discover");
  expect(response.status).toBe(503);
  expect(await response.json()).toMatchObject({
    error: {
      code: -32603,
      message: expect.stringMatching(/did not start: npm ci failed: no network\. Mend that/) as string,
    },
  });
});
