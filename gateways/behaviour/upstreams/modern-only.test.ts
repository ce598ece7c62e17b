/** An upstream of MCP 2026-07-28 alone: modern clients reach it as they are, legacy ones by translation. */
import { expect } from "vitest";
import { eventsOf, type Received } from "../../fixtures/client.ts";
import { until, type Running, type Settings } from "../../fixtures/harness.ts";
import { key, ModernClient, modernChild } from "../../fixtures/modern-client.ts";
import { modernOnly } from "../../fixtures/modern-only.ts";
import { test, type Behaviour, type Upstream } from "../../fixtures/upstream.ts";

type Start = (settings?: Settings) => Promise<Running>;
type Serve = (behave?: Behaviour) => Promise<Upstream>;

/** A gateway in front of an upstream of the modern era, which another gateway plays. */
async function startAll(start: Start, serve: Serve, isolation: "session" | "shared" = "session") {
  const behind = await start({ command: modernChild() });
  const upstream = await serve(modernOnly(() => `http://127.0.0.1:${behind.port}/mcp`));
  const server = { kind: "http", url: upstream.url, headers: { "x-secret": "s" } } as const;
  return { behind, upstream, front: await start({ service: { server, isolation } }) };
}

const posted = ({ calls }: Upstream, method: string) => calls.filter(({ message }) => message.method === method);

for (const isolation of ["session", "shared"] as const) {
  test.concurrent(
    `a legacy client calls, lists, asks and cancels, isolation ${isolation}`,
    async ({ start, serve }) => {
      const { front, behind, upstream } = await startAll(start, serve, isolation);
      const client = await front.open("2025-11-25", { roots: {} });
      expect((await client.request("ping")).result).toEqual({});
      expect((await client.request("tools/list")).result).toHaveProperty("tools");
      const progress: unknown[] = [];
      const onMessage = ({ params }: Received) => progress.push(params?.["progressToken"]);
      expect(await client.text("progress", { times: 2, ms: 20, text: "on" }, { progressToken: "p", onMessage })).toBe(
        "on",
      );
      expect(progress).toEqual(["p", "p"]);
      expect((await client.request("resources/read", { uri: "a:ä" })).error).toMatchObject({ code: -32602 });
      const answerRoots = ({ id, method }: Received) =>
        method === "roots/list" && client.post({ jsonrpc: "2.0", id, result: { roots: [] } });
      const answered = await client.text("ask", {}, { onMessage: (message) => void answerRoots(message) });
      expect(JSON.parse(answered)).toMatchObject({ inputResponses: { roots: { roots: [] } } });
      const call = client.tool("slow", { ms: 60_000 }, { id: "mine" });
      await until("it is running", () => behind.service.openCalls === 1);
      await client.cancel("mine");
      expect((await call).error?.code).toBe(-32800);
      await until("no call is open behind", () => behind.service.openCalls === 0);
      expect(posted(upstream, "notifications/cancelled")).toEqual([]);
      expect(posted(upstream, "initialize").length).toBeGreaterThan(0);
      expect((await front.probe("/ready")).status).toBe(200);
    },
  );

  test.concurrent(`a modern client reaches it as it is, isolation ${isolation}`, async ({ start, serve }) => {
    const { front, behind, upstream } = await startAll(start, serve, isolation);
    const client = new ModernClient(front);
    const sent = JSON.parse(await client.text("line", { text: "ä" }, { capabilities: { roots: {} } })) as Received;
    expect(sent.params!["_meta"]).toMatchObject({ [key("clientCapabilities")]: { roots: {} } });
    const { headers } = posted(upstream, "tools/call")[0]!;
    expect(headers).toMatchObject({
      "mcp-protocol-version": "2026-07-28",
      "mcp-method": "tools/call",
      "mcp-name": "line",
      "x-secret": "s",
    });
    expect(headers["mcp-session-id"]).toBeUndefined();
    expect((await client.tool("ask")).result).toMatchObject({ resultType: "input_required" });
    expect((await client.request("resources/read", { uri: "a:" })).error).toMatchObject({ code: -32602 });
    expect((await client.send("tools/burn")).status).toBe(404);
    const leave = new AbortController();
    const call = client.tool("slow", { ms: 60_000 }, { signal: leave.signal });
    await until("it is running", () => behind.service.openCalls === 1);
    leave.abort();
    await expect(call).rejects.toThrow(/abort/);
    await until("no call is open behind", () => behind.service.openCalls === 0);
  });
}

test.concurrent("parameters that a tool marks are repeated in headers, for both clients", async ({ start, serve }) => {
  const { front, upstream } = await startAll(start, serve);
  const args = { region: "Zürich", count: 3, dry: false, place: { zone: " b" } };
  const expected = {
    "mcp-param-region": `=?base64?${Buffer.from("Zürich").toString("base64")}?=`,
    "mcp-param-count": "3",
    "mcp-param-dry-run": "false",
    "mcp-param-zone": `=?base64?${Buffer.from(" b").toString("base64")}?=`,
  };
  expect(JSON.parse(await (await front.open()).text("routed", args))).toEqual(args);
  expect(JSON.parse(await new ModernClient(front).text("routed", args, { headers: expected }))).toEqual(args);
  for (const { headers } of posted(upstream, "tools/call")) expect(headers).toMatchObject(expected);
});

test.concurrent("log messages reach the call that they are about, and no other", async ({ start, serve }) => {
  const { front } = await startAll(start, serve);
  const [ann, bob] = [new ModernClient(front), new ModernClient(front)];
  const heard: Record<string, unknown[]> = { ann: [], bob: [] };
  const call = (client: ModernClient, name: string) =>
    client.text(
      "notify",
      { method: "notifications/message", params: { level: "error", data: name } },
      { logLevel: "debug", onMessage: ({ params }) => void heard[name]!.push(params?.["data"]) },
    );
  await call(ann, "ann");
  await call(bob, "bob");
  expect(heard).toEqual({ ann: ["ann"], bob: ["bob"] });
});

test.concurrent("changes of lists and resources reach clients of both eras", async ({ start, serve }) => {
  const { front, upstream } = await startAll(start, serve);
  const [legacy, modern] = [await front.open(), new ModernClient(front)];
  const events = eventsOf(await legacy.get());
  const { messages, close } = await modern.listen({ toolsListChanged: true, resourceSubscriptions: ["a:"] });
  expect((await legacy.request("resources/subscribe", { uri: "a:" })).result).toEqual({});
  await until("all subscriptions are open", () => posted(upstream, "subscriptions/listen").length === 3);
  await modern.text("tell", { method: "notifications/tools/list_changed" });
  await modern.text("tell", { method: "notifications/resources/updated", uri: "a:" });
  const heard = [await events.next(), await events.next()].map(({ value }) => value?.message?.method);
  expect(new Set(heard)).toEqual(new Set(["notifications/resources/updated", "notifications/tools/list_changed"]));
  await until("the modern client hears both", () => messages.length === 3);
  close();
  await until("its stream to the upstream is closed", () => upstream.open() === 2);
  expect((await legacy.request("resources/unsubscribe", { uri: "a:" })).result).toEqual({});
  await until("one stream is left", () => upstream.open() === 1);
});

test.concurrent("a gateway that translates for a legacy server is called in its own era", async ({ start }) => {
  const behind = await start();
  const server = { kind: "http", url: `http://127.0.0.1:${behind.port}/mcp`, headers: {} } as const;
  const front = await start({ service: { server, isolation: "session" } });
  expect(await new ModernClient(front).text("count")).toBe("1");
  expect(await (await front.open()).text("count")).toBe("1");
  await until("it has been asked", () => front.log.some((line) => line.includes('"isModern":false')));
});
