/** A connection to an upstream of MCP 2026-07-28: what is sent, and what ends when. */
import { expect } from "vitest";
import { until } from "../../fixtures/harness.ts";
import { event, json, resultFor, stream, test, type Behaviour, type UpstreamCall } from "../../fixtures/upstream.ts";

const refusal = (code: number, id: unknown = null) =>
  JSON.stringify({ jsonrpc: "2.0", id, error: { code, message: "no" } });

const DISCOVERED = { supportedVersions: ["2026-07-28"], capabilities: {} };

/** Answers server/discover as a modern server does. */
const discovered = ({ res, message }: UpstreamCall) =>
  json(res, JSON.stringify({ jsonrpc: "2.0", id: message.id, result: DISCOVERED }));

const marked = (name: string, type = "string") => ({ type, "x-mcp-header": name });

const named = [
  ["tools/call", { name: "a b" }, "a b"],
  ["tools/call", { name: "ä" }, "=?base64?w6Q=?="],
  ["tools/call", { name: " a" }, "=?base64?IGE=?="],
  ["tools/call", { name: "a\nb" }, "=?base64?YQpi?="],
  ["tools/call", { name: "=?base64?YQ==?=" }, `=?base64?${Buffer.from("=?base64?YQ==?=").toString("base64")}?=`],
  ["prompts/get", { name: "p" }, "p"],
  ["resources/read", { uri: "file:///a", name: "b" }, "file:///a"],
  ["tools/call", { name: 5 }, undefined],
  ["tools/list", { name: "x" }, undefined],
] as const;

for (const [method, params, name] of named) {
  test.concurrent(`${method} with ${JSON.stringify(params)} is sent with its headers`, async ({ serve, modern }) => {
    const { url, calls } = await serve();
    await modern(url).call(method, { ...params, _meta: { "io.modelcontextprotocol/protocolVersion": "2026-07-28" } });
    const { headers } = calls[0]!;
    expect([headers["mcp-method"], headers["mcp-name"]]).toEqual([method, name]);
    expect(headers["mcp-protocol-version"]).toBe("2026-07-28");
    expect(headers.accept).toBe("application/json, text/event-stream");
  });
}

test.concurrent(
  "a tool's parameters are sent as headers once it has been listed; none that cannot be",
  async ({ serve, modern }) => {
    const properties = {
      zone: marked("Zone"),
      count: marked("Count", "integer"),
      bad: marked("a b"),
      list: marked("List"),
    };
    const result = { tools: [{ name: "t", inputSchema: { type: "object", properties } }] };
    const { url, calls } = await serve(({ message, res }, well) =>
      message.method === "tools/list" ? json(res, JSON.stringify({ jsonrpc: "2.0", id: message.id, result })) : well(),
    );
    const { call } = modern(url);
    const params = { name: "t", arguments: { zone: "eu", count: 1, bad: "x", list: [1] } };
    await call("tools/call", params);
    await call("tools/list");
    await call("tools/call", params);
    await call("tools/call", { name: "t", arguments: { zone: null } });
    const sent = calls.map(({ headers }) => Object.entries(headers).filter(([name]) => name.startsWith("mcp-param-")));
    expect(sent).toEqual([
      [],
      [],
      [
        ["mcp-param-zone", "eu"],
        ["mcp-param-count", "1"],
      ],
      [],
    ]);
  },
);

/** A server whose tool has these parameters in headers, by page of its list, and which refuses calls without them. */
const strict = (pages: readonly object[][]): Behaviour => {
  const page = (cursor = "0") => ({
    tools: pages[Number(cursor)],
    ...(Number(cursor) + 1 < pages.length && { nextCursor: String(Number(cursor) + 1) }),
  });
  return ({ message, headers, res }, well) => {
    const { id, method, params } = message;
    if (method === "tools/list") {
      const result = page(params?.["cursor"] as string | undefined);
      return json(res, JSON.stringify({ jsonrpc: "2.0", id, result }));
    }
    if (method !== "tools/call" || headers["mcp-param-zone"] === "eu") return well();
    return res.writeHead(400, { "content-type": "application/json" }).end(refusal(-32020, id));
  };
};
const zoned = { name: "t", inputSchema: { type: "object", properties: { zone: marked("Zone") } } };

test.for<[string, readonly object[][], readonly string[], boolean]>([
  ["has not been listed", [[zoned]], ["tools/call", "tools/list", "tools/call"], true],
  ["stands on a later page", [[], [zoned]], ["tools/call", "tools/list", "tools/list", "tools/call"], true],
  ["has no such parameters after all", [[{ name: "t" }]], ["tools/call", "tools/list"], false],
])(
  "a call whose headers are refused because its tool %s is sent once more at most",
  async ([, pages, expected, works], { serve, modern }) => {
    const { url, methods } = await serve(strict(pages));
    const { error, result } = await modern(url).call("tools/call", { name: "t", arguments: { zone: "eu" } });
    expect([result !== undefined, error?.code]).toEqual([works, works ? undefined : -32020]);
    expect(methods()).toEqual(expected);
  },
);

test.concurrent("a call that is refused again after the list is not sent a third time", async ({ serve, modern }) => {
  const { url, methods } = await serve(strict([[zoned]]));
  const { error } = await modern(url).call("tools/call", { name: "t", arguments: { zone: "us" } });
  expect(error?.code).toBe(-32020);
  expect(methods()).toEqual(["tools/call", "tools/list", "tools/call"]);
});

test.concurrent("a cancelled call's response is closed, and no message is sent for it", async ({ serve, modern }) => {
  const { url, open, methods } = await serve(({ message, res }, well) =>
    message.method === "hang" ? void stream(res) : well(),
  );
  const { send, notify, call } = modern(url);
  send(7, "hang");
  await until("it hangs", () => methods().includes("hang"));
  notify("notifications/cancelled", { requestId: 7 });
  notify("notifications/cancelled", { requestId: 8 });
  await until("its response is closed", () => open() === 0);
  await call("other");
  expect(methods()).toEqual(["hang", "other"]);
});

test.concurrent("a request of the server is not answered, because its era has none", async ({ serve, modern }) => {
  const { url, methods } = await serve(({ message, res }) =>
    stream(res, event({ jsonrpc: "2.0", id: 5, method: "roots/list" }) + event(resultFor(message))).end(),
  );
  const { call, link } = modern(url);
  expect((await call("odd")).result).toEqual({ ok: true });
  link.send('{"jsonrpc":"2.0","id":5,"result":{}}');
  await call("other");
  expect(methods()).toEqual(["odd", "other"]);
});

for (const [how, ends] of [
  ["ends", ({ res }: UpstreamCall) => void res.end()],
  ["breaks off", ({ res }: UpstreamCall) => void res.destroy()],
] as const) {
  test.concurrent(`a subscription whose stream ${how} is over, without an error`, async ({ serve, modern }) => {
    let listening: UpstreamCall | undefined;
    const acknowledged = event({ jsonrpc: "2.0", method: "notifications/subscriptions/acknowledged", params: {} });
    const { url } = await serve((call, well) => {
      if (call.message.method !== "subscriptions/listen") return well();
      listening = call;
      return void stream(call.res, acknowledged);
    });
    const { send, answers, messages, closed } = modern(url);
    send(3, "subscriptions/listen");
    await until("it is acknowledged", () => messages.length === 1);
    ends(listening!);
    await until("it is over", () => answers(3).length > 0);
    expect(answers(3)).toEqual([
      {
        jsonrpc: "2.0",
        id: 3,
        result: { resultType: "complete", _meta: { "io.modelcontextprotocol/subscriptionId": 3 } },
      },
    ]);
    expect(closed).toEqual([]);
  });
}

/** Refusals that a server of another era gives, too. */
const doubtful: Record<string, Behaviour> = {
  "400 without a body": ({ res }) => res.writeHead(400).end(),
  "400 with Server not initialized": ({ res }) => res.writeHead(400).end(refusal(-32000)),
  "400 with a missing session": ({ res }) => res.writeHead(400).end(refusal(-32600)),
  "404 with a page": ({ res }) => res.writeHead(404, { "content-type": "text/html" }).end("<p>no"),
  "405": ({ res }) => res.writeHead(405).end(),
};

for (const [name, refuse] of Object.entries(doubtful)) {
  test.concurrent(
    `${name} ends no connection to a server that still is of the era, which is asked once`,
    async ({ serve, modern }) => {
      const { url, methods } = await serve((call, well) => {
        if (call.message.method === "server/discover") return discovered(call);
        return call.message.method === "odd" ? refuse(call, well) : well();
      });
      const { call, closed } = modern(url);
      for (let time = 0; time < 3; time++) expect((await call("odd")).error).toBeDefined();
      expect((await call("other")).result).toEqual({ ok: true });
      expect(closed).toEqual([]);
      expect(methods().filter((method) => method === "server/discover")).toHaveLength(1);
      expect(methods().filter((method) => method === "odd")).toHaveLength(3);
    },
  );

  test.concurrent(
    `${name} ends the connection to a server of another era: what it refused has not run`,
    async ({ serve, modern }) => {
      const { url } = await serve(refuse);
      const { send, closed, messages } = modern(url);
      for (const id of [1, 2]) send(id, "tools/call", { name: String(id) });
      await until("it has ended", () => closed.length > 0);
      expect(closed).toHaveLength(1);
      expect(closed[0]!.reason).toMatch(/no longer serves MCP 2026-07-28/);
      expect(closed[0]!.notRun).toHaveLength(2);
      expect(messages).toEqual([]);
    },
  );
}

for (const code of [-32_020, -32_021, -32_022, -32_601, -32_602]) {
  test.concurrent(`the error ${code} is passed on, and raises no doubt`, async ({ serve, modern }) => {
    const { url, methods } = await serve(({ message, res }) => res.writeHead(400).end(refusal(code, message.id)));
    const { call, closed } = modern(url);
    expect((await call("odd")).error).toEqual({ code, message: "no" });
    expect([methods(), closed]).toEqual([["odd"], []]);
  });
}

test.concurrent("a redirect within the origin is followed, and remembered", async ({ serve, modern }) => {
  const { url, calls } = await serve(({ path, res }, well) =>
    path === "/mcp" ? res.writeHead(308, { location: "/mcp/" }).end() : well(),
  );
  const { call } = modern(url);
  for (let time = 0; time < 2; time++) expect((await call("odd")).result).toEqual({ ok: true });
  expect(calls.map(({ path }) => path)).toEqual(["/mcp", "/mcp/", "/mcp/"]);
});
