/** Modern clients of an MCP server over HTTP: of one that speaks their era, and of one that does not. */
import { expect } from "vitest";
import type { Received } from "../../fixtures/client.ts";
import { until, type Running, type Settings } from "../../fixtures/harness.ts";
import { ModernClient, modernChild } from "../../fixtures/modern-client.ts";
import { json, resultFor, test } from "../../fixtures/upstream.ts";

/** A gateway in front of a gateway. */
async function startTwo(start: (settings?: Settings) => Promise<Running>, inner: Settings = {}) {
  const behind = await start(inner);
  const server = { kind: "http", url: `http://127.0.0.1:${behind.port}/mcp`, headers: {} } as const;
  return { behind, front: await start({ service: { server } }) };
}

for (const [name, settings] of [
  ["a legacy server", {}],
  ["a modern server", { command: modernChild() }],
] as const) {
  test.concurrent(
    `calls, progress, errors and cancellation pass two gateways in front of ${name}`,
    async ({ start }) => {
      const { front, behind } = await startTwo(start, settings);
      const client = new ModernClient(front);
      expect(await client.text("echo", { text: "hello" })).toBe("hello");
      const messages: unknown[] = [];
      const onMessage = ({ params }: Received) => messages.push(params?.["progressToken"]);
      expect(await client.text("progress", { times: 2, ms: 50, text: "on" }, { progressToken: "p", onMessage })).toBe(
        "on",
      );
      expect(messages).toEqual(["p", "p"]);
      expect((await client.send("tools/burn")).status).toBe(404);
      const leave = new AbortController();
      const call = client.tool("slow", { ms: 60_000 }, { signal: leave.signal });
      await until("it is running", () => behind.service.openCalls === 1);
      leave.abort();
      await expect(call).rejects.toThrow(/abort/);
      await until("no call is open at the inner gateway", () => behind.service.openCalls === 0);
    },
  );

  test.concurrent(`change notifications pass two gateways in front of ${name}`, async ({ start }) => {
    const { front } = await startTwo(start, settings);
    const client = new ModernClient(front);
    const { messages } = await client.listen({ resourceSubscriptions: ["a:"] }, { id: "mine" });
    expect(messages[0]!.params!["notifications"]).toEqual({ resourceSubscriptions: ["a:"] });
    const method = "notifications/resources/updated";
    await until("the change notification is received", async () => {
      // The stream between the gateways may not be open yet.
      if ("command" in settings) await client.text("tell", { method, uri: "a:" });
      else await client.text("notify", { method, params: { uri: "a:" } });
      return messages.length > 1;
    });
    expect(messages[1]).toMatchObject({ method, params: { uri: "a:" } });
  });
}

test.concurrent(
  "a legacy upstream is asked once for the modern era, and gets each call once, in its own era",
  async ({ start, serve }) => {
    const upstream = await serve(({ message, res }, well) =>
      message.method === "server/discover" ? res.writeHead(400).end() : well(),
    );
    const server = { kind: "http", url: upstream.url, headers: {} } as const;
    const client = new ModernClient(await start({ service: { server } }));
    expect(upstream.methods()).not.toContain("server/discover");
    const calls = await Promise.all([1, 2, 3].map(() => client.request("tools/call", { name: "x" })));
    for (const { result } of calls)
      expect(result).toMatchObject({
        ok: true,
        resultType: "complete",
        _meta: { "io.modelcontextprotocol/serverInfo": { name: "upstream" } },
      });
    expect(upstream.methods().filter((method) => method === "server/discover")).toHaveLength(1);
    const sent = upstream.calls.filter(({ message }) => message.method === "tools/call");
    expect(sent).toHaveLength(3);
    for (const { headers } of sent)
      expect([headers["mcp-protocol-version"], headers["mcp-method"]]).toEqual(["2025-11-25", undefined]);
  },
);

test.concurrent(
  "an upstream that does not answer server/discover counts as legacy: no call waits for it for long",
  async ({ start, serve }) => {
    const upstream = await serve(({ message }, well) => (message.method === "server/discover" ? undefined : well()));
    const server = { kind: "http", url: upstream.url, headers: {} } as const;
    const client = new ModernClient(await start({ service: { server } }));
    for (const _ of [1, 2])
      expect((await client.request("tools/call", { name: "x" })).result).toMatchObject({ ok: true });
    expect(upstream.methods().filter((method) => method === "tools/call")).toHaveLength(2);
    expect(upstream.methods().filter((method) => method === "server/discover")).toHaveLength(1);
  },
);

test.concurrent("errors of an upstream get the codes of the modern era", async ({ start, serve }) => {
  const upstream = await serve(({ message, res }, answerWell) => {
    if (message.method !== "tools/call") return answerWell();
    const { name } = message.params as { name: string };
    if (name === "refused") return res.writeHead(403).end();
    if (name === "gone") return res.destroy();
    return json(res, resultFor(message).replace('"result":{"ok":true}', '"error":{"code":-32002,"message":"none"}'));
  });
  const server = { kind: "http", url: upstream.url, headers: {} } as const;
  const client = new ModernClient(await start({ service: { server } }));
  const codes = ["refused", "gone", "other"].map(
    async (name) => (await client.request("tools/call", { name })).error?.code,
  );
  expect(await Promise.all(codes)).toEqual([-32603, -32603, -32602]);
});
