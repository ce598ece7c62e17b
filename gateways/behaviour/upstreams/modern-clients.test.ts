/** Modern clients of an MCP server over HTTP: the gateway is its legacy client, and translates. */
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
  "an upstream is never probed for the modern era: calls are translated at once",
  async ({ start, serve }) => {
    const upstream = await serve();
    const server = { kind: "http", url: upstream.url, headers: {} } as const;
    const client = new ModernClient(await start({ service: { server } }));
    const { result } = await client.request("tools/call", { name: "x" });
    expect(result).toMatchObject({
      ok: true,
      resultType: "complete",
      _meta: { "io.modelcontextprotocol/serverInfo": { name: "upstream" } },
    });
    expect(upstream.methods()).not.toContain("server/discover");
    const posted = upstream.calls.filter(({ verb }) => verb === "POST");
    for (const { headers } of posted)
      expect([headers["mcp-method"], headers["mcp-name"]]).toEqual([undefined, undefined]);
    expect(posted.at(-1)!.headers["mcp-protocol-version"]).toBe("2025-11-25");
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
