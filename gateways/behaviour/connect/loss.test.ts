/** What happens to people: servers are deployed again, networks go, proxies cut streams. No call is sent twice that may have run. */
import { createServer } from "node:http";
import { once } from "node:events";
import { describe, expect } from "vitest";
import { test, type ConnectedClient } from "../../fixtures/connected.ts";
import { freePort } from "../../fixtures/free-port.ts";
import { until } from "../../fixtures/harness.ts";
import { META } from "../../fixtures/modern-client.ts";
import { event, json, resultFor, stream, type Behaviour, type UpstreamCall } from "../../fixtures/upstream.ts";

const LISTING = {
  protocolVersion: "2025-11-25",
  capabilities: { tools: { listChanged: true }, prompts: {} },
  serverInfo: { name: "upstream" },
};

/** A server whose sessions can be lost: it then knows none but the next ones. */
function forgetful(also: Behaviour = (_, well) => well()) {
  let session = 1;
  const behave: Behaviour = (call, well) => {
    const { verb, message, headers, res } = call;
    if (message.method === "initialize") {
      const answer = JSON.stringify({ jsonrpc: "2.0", id: message.id, result: LISTING });
      return json(res, answer, { "mcp-session-id": `session-${session}` });
    }
    if (headers["mcp-session-id"] !== `session-${session}`) return res.writeHead(404).end();
    return verb === "POST" ? also(call, well) : well();
  };
  return { behave, forget: () => void session++ };
}

const posted = (calls: readonly UpstreamCall[], method: string) =>
  calls.filter(({ message }) => message.method === method);

test("a lost session is opened again as it was, and the call that found out runs once", async ({
  serve,
  connected,
}) => {
  const { behave, forget } = forgetful();
  const { url, calls, methods } = await serve(behave);
  const client = await connected(url).open("2025-06-18", { roots: {} });
  await client.request("logging/setLevel", { level: "debug" });
  for (const uri of ["a:", "b:"]) await client.request("resources/subscribe", { uri });
  await client.request("resources/unsubscribe", { uri: "a:" });
  forget();
  expect((await client.tool("write", {}, { id: "w" })).result).toEqual({ ok: true });
  const [first, second] = posted(calls, "initialize").map(({ message }) => message.params);
  expect(second).toEqual(first);
  expect(methods().slice(methods().lastIndexOf("initialize"))).toEqual([
    "initialize",
    "notifications/initialized",
    "logging/setLevel",
    "resources/subscribe",
    "tools/call",
  ]);
  expect(posted(calls, "resources/subscribe").at(-1)!.message.params).toEqual({ uri: "b:" });
  expect(posted(calls, "tools/call").map(({ headers }) => headers["mcp-session-id"])).toEqual([
    "session-1",
    "session-2",
  ]);
  expect(client.messages.filter(({ id }) => id === "w")).toHaveLength(1);
  expect(client.others.map(({ method }) => method)).toEqual(["notifications/tools/list_changed"]);
  expect(client.told).toEqual([expect.stringContaining("opening a new one"), expect.stringContaining("is open again")]);
});

test("a server that loses every session is not asked for ever", async ({ serve, connected }) => {
  const { behave, forget } = forgetful(({ message, res }, well) => {
    if (message.method !== "tools/call") return well();
    forget();
    res.writeHead(404).end();
  });
  const { url, calls } = await serve(behave);
  const client = await connected(url).open("2025-11-25");
  const { error } = await client.tool("write");
  expect(error?.message).toMatch(/has ended the session\. The call has not run\. Send it again\./);
  expect(posted(calls, "tools/call")).toHaveLength(2);
});

test("other calls of a lost session may have run, and are not sent again", async ({ serve, connected }) => {
  const { behave, forget } = forgetful(({ message, res }, well) => {
    if ((message.params?.["name"] as string) !== "hang") return well();
    stream(res);
  });
  const { url, calls } = await serve(behave);
  const client = await connected(url).open("2025-11-25");
  const hanging = client.tool("hang");
  await until("it is there", () => posted(calls, "tools/call").length === 1);
  forget();
  expect((await client.tool("write")).result).toEqual({ ok: true });
  expect((await hanging).error?.message).toMatch(/its session ended \(HTTP 404\)\)\. The call may have run\./);
  expect(posted(calls, "tools/call").filter(({ message }) => message.params?.["name"] === "hang")).toHaveLength(1);
});

test("an answer to what a lost session asked does not reach the next one", async ({ serve, connected }) => {
  let asking: UpstreamCall | undefined;
  const { behave, forget } = forgetful((call, well) => {
    if (call.message.params?.["name"] !== "ask") return well();
    asking = call;
    stream(call.res, event({ jsonrpc: "2.0", id: 0, method: "roots/list" }));
  });
  const { url, calls } = await serve(behave);
  const client = await connected(url).open("2025-11-25", { roots: {} });
  const asked = client.tool("ask");
  await until("the client is asked", () => client.others.length === 1);
  forget();
  await client.tool("write");
  expect((await asked).error).toBeDefined();
  const cancelled = client.others.find(({ method }) => method === "notifications/cancelled");
  expect(cancelled?.params).toEqual({ requestId: 0 });
  await client.send({ jsonrpc: "2.0", id: 0, result: { roots: [] } });
  await client.tool("write");
  expect(asking).toBeDefined();
  expect(calls.filter(({ verb, message }) => verb === "POST" && message.method === undefined)).toEqual([]);
});

test("a server that is started again is waited for, and the person is told once", async ({
  connected,
  onTestFinished,
}) => {
  const port = await freePort();
  const client = connected(`http://127.0.0.1:${port}/mcp`, { patience: 60_000 });
  const opened = client.open("2025-11-25");
  await until("the person is told", () => client.told.length === 1);
  const server = createServer((req, res) => {
    const chunks: Buffer[] = [];
    req
      .on("data", (chunk: Buffer) => chunks.push(chunk))
      .on("end", () => {
        const message = JSON.parse(Buffer.concat(chunks).toString() || "{}") as { id?: number };
        if (message.id === undefined) res.writeHead(req.method === "GET" ? 405 : 202).end();
        else json(res, resultFor(message));
      });
  });
  await once(server.listen(port, "127.0.0.1"), "listening");
  onTestFinished(() => {
    server.close();
    server.closeAllConnections();
  });
  await opened;
  expect(client.told[0]).toMatch(
    /^cannot reach http:\/\/127\.0\.0\.1:\d+\/mcp: connection refused .*trying again for 60 s/,
  );
  expect(client.told.slice(1)).toEqual([expect.stringContaining("answers again")]);
});

const isCall = ({ message }: UpstreamCall) => message.method === "tools/call";

describe.each(["legacy", "modern"])("a %s call", (era) => {
  const call = (client: ConnectedClient) =>
    era === "legacy" ? client.tool("write") : client.modern("tools/call", { name: "write" });
  const opened = (client: ConnectedClient) => (era === "legacy" ? client.open("2025-11-25") : client);

  test("that could not be sent has not run", async ({ connected }) => {
    const client = connected(`http://127.0.0.1:${await freePort()}/mcp`, { patience: 300 });
    const { error } = await call(client);
    expect(error?.message).toMatch(/cannot be reached: connection refused \(ECONNREFUSED\)\. The call has not run\./);
    expect(client.told).toHaveLength(2);
  });

  test.for<[string, Behaviour, RegExp]>([
    [
      "half of an answer",
      ({ res }) => res.writeHead(200, { "content-length": 99 }).write('{"js', () => res.destroy()),
      /may have run/,
    ],
    ["nothing", ({ res }) => res.destroy(), /may have run/],
    ["a stream that ends", ({ res }) => stream(res).end(), /may have run/],
    [
      "HTTP 502 with a page",
      ({ res }) => res.writeHead(502, { "content-type": "text/html" }).end("<html>"),
      /HTTP 502\)\. The call may have run/,
    ],
    [
      "a page",
      ({ res }) => res.writeHead(200, { "content-type": "text/html" }).end("<html>"),
      /its answer is a web page\)\. The call may have run/,
    ],
    ["no message", ({ res }) => json(res, '{"ok":1}'), /not a JSON-RPC message/],
    [
      "a broken message",
      ({ res, message }) => json(res, `{"jsonrpc":"2.0","id":${JSON.stringify(message.id)},"result":{"a":tru}}`),
      /not a JSON-RPC message/,
    ],
    [
      "a redirect to a login",
      ({ res }) => res.writeHead(302, { location: "https://login.example.com/?token=x" }).end(),
      /redirects to https:\/\/login\.example\.com\/ \(HTTP 302\)\. The call has not run\. If that is a login page/,
    ],
    [
      "HTTP 401",
      ({ res }) => res.writeHead(401).end(),
      /asks for a login \(HTTP 401\)\. Set its bearer token as MCP_BEARER_TOKEN/,
    ],
    [
      "HTTP 403 and words",
      ({ res }) => res.writeHead(403).end('{"jsonrpc":"2.0","id":null,"error":{"code":1,"message":"not yours"}}'),
      /HTTP 403\)\. It says: not yours/,
    ],
    [
      "HTTP 429",
      ({ res }) => res.writeHead(429, { "retry-after": "7" }).end(),
      /HTTP 429\. Call less often.* It asks to wait 7 s\./,
    ],
  ])(
    "that is answered with %s is told so, in one sentence, and sent once",
    async ([, answer, expected], { serve, connected }) => {
      const { url, calls } = await serve((one, well) => (isCall(one) ? answer(one, well) : well()));
      const client = await opened(connected(url));
      const { error } = await call(client);
      expect(error?.message).toMatch(expected);
      expect(client.told).toEqual([expect.stringMatching(/^tools\/call: .+/)]);
      expect(calls.filter(isCall)).toHaveLength(1);
      expect(client.strays).toEqual([]);
    },
  );
});

test("a stream that a proxy cuts is resumed where it broke off", async ({ serve, connected }) => {
  let call: UpstreamCall | undefined;
  const { url, calls } = await serve((one, well) => {
    if (one.headers["last-event-id"] === "a") return stream(one.res, event(resultFor(call!.message))).end();
    if (one.message.method !== "tools/call") return well();
    call = one;
    return stream(one.res, `retry: 1\n${event("", "a")}`).write("data: ha", () => one.res.destroy());
  });
  const client = await connected(url).open("2025-11-25");
  expect((await client.tool("write")).result).toEqual({ ok: true });
  expect(posted(calls, "tools/call")).toHaveLength(1);
  expect(client.told).toEqual([]);
});

test("a stream of the older transport that ends is opened again, and what was open may have run", async ({
  serve,
  connected,
}) => {
  let open: UpstreamCall | undefined;
  const { url, methods } = await serve((call) => {
    const { verb, message, res } = call;
    if (verb === "GET") {
      open = call;
      return stream(res, "event: endpoint\ndata: /messages\n\n");
    }
    if (call.path !== "/messages") return res.writeHead(405).end();
    res.writeHead(202).end();
    if (message.method === "tools/call" && message.params?.["name"] === "cut") open?.res.end();
    else if (message.id !== undefined) open?.res.write(event(resultFor(message)));
    return undefined;
  });
  const client = await connected(url).open();
  expect((await client.tool("cut")).error?.message).toMatch(/its event stream ended\)\. The call may have run\./);
  expect((await client.tool("write")).result).toEqual({ ok: true });
  expect(methods()).toEqual([
    "initialize",
    "initialize",
    "notifications/initialized",
    "tools/call",
    "initialize",
    "notifications/initialized",
    "tools/call",
  ]);
});

test("a subscription whose stream is cut is requested again, and the client need not know", async ({
  serve,
  connected,
}) => {
  const subscription = "io.modelcontextprotocol/subscriptionId";
  const note = (method: string, id: unknown) =>
    event({ jsonrpc: "2.0", method: `notifications/${method}`, params: { _meta: { [subscription]: id } } });
  let times = 0;
  const { url } = await serve(({ message, res }) => {
    times++;
    stream(res, note("subscriptions/acknowledged", message.id));
    if (times === 1) res.end();
    else res.write(note("tools/list_changed", message.id));
  });
  const client = connected(url);
  void client.modern("subscriptions/listen", { notifications: { toolsListChanged: true } }, "mine").catch(() => {});
  await until("the change is told", () => client.others.length === 2);
  expect(client.others.map(({ method }) => method)).toEqual([
    "notifications/subscriptions/acknowledged",
    "notifications/tools/list_changed",
  ]);
  expect([times, client.told]).toEqual([2, []]);
});

test("while a server starts behind its proxy, initialize is tried again, and calls are not", async ({
  serve,
  connected,
}) => {
  let refusals = 2;
  const { url, calls } = await serve(({ message, res }, well) => {
    if (message.method === "initialize" && refusals-- > 0) return res.writeHead(503).end("<html>");
    return well();
  });
  const client = await connected(url, { patience: 60_000 }).open("2025-11-25");
  expect((await client.tool("write")).result).toEqual({ ok: true });
  expect(posted(calls, "initialize")).toHaveLength(3);
  expect(client.told).toEqual([expect.stringMatching(/^cannot open a session, trying again for 60 s\. .*HTTP 503/)]);
});

test("a call whose marked parameters are missing is sent again with them, once", async ({ serve, connected }) => {
  const tools = [
    { name: "write", inputSchema: { properties: { region: { type: "string", "x-mcp-header": "Region" } } } },
  ];
  const { url, calls } = await serve(({ message, headers, res }) => {
    const { id, method } = message;
    const isPageOne = message.params?.["cursor"] === undefined;
    if (method === "tools/list")
      return json(
        res,
        JSON.stringify({ jsonrpc: "2.0", id, result: isPageOne ? { tools: [], nextCursor: "2" } : { tools } }),
      );
    if (headers["mcp-param-region"] === "eu") return json(res, resultFor(message));
    return res.writeHead(400).end(JSON.stringify({ jsonrpc: "2.0", id, error: { code: -32020, message: "mismatch" } }));
  });
  const client = connected(url);
  expect((await client.modern("tools/call", { name: "write", arguments: { region: "eu" } })).result).toEqual({
    ok: true,
  });
  expect((await client.modern("tools/call", { name: "other", arguments: {} })).error?.code).toBe(-32020);
  expect(posted(calls, "tools/call")).toHaveLength(4);
  expect(posted(calls, "tools/list")[0]!.message.params?.["_meta"]).toEqual(META);
});

test("modern headers repeat what the message says, encoded where they must be", async ({ serve, connected }) => {
  const { url, calls } = await serve();
  const client = await connected(url).open("2025-11-25");
  await client.modern("resources/read", { uri: "file:///k\u00f6ln" });
  const [read] = posted(calls, "resources/read");
  expect(read!.headers).toMatchObject({
    "mcp-protocol-version": "2026-07-28",
    "mcp-method": "resources/read",
    "mcp-name": `=?base64?${Buffer.from("file:///k\u00f6ln").toString("base64")}?=`,
  });
  expect(read!.headers["mcp-session-id"]).toBeUndefined();
});

test("the token is sent and never told", async ({ serve, connected }) => {
  const token = "s3cret-token-of-a-person";
  const { url, calls } = await serve(({ res }) =>
    res
      .writeHead(403)
      .end(JSON.stringify({ jsonrpc: "2.0", id: null, error: { code: 1, message: `no: Bearer ${token}` } })),
  );
  const client = connected(url, { token });
  const { error } = await client.initialize();
  expect(calls[0]!.headers.authorization).toBe(`Bearer ${token}`);
  expect(error?.message).toMatch(/does not accept the token \(HTTP 403\)\. It says: no: Bearer \[token\]/);
  expect(client.told.join()).not.toContain(token);
});
