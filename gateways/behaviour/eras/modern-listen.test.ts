/** subscriptions/listen works as the revision says, for servers of both eras. */
import { expect } from "vitest";
import type { Received } from "../../fixtures/client.ts";
import { test, until, type Settings } from "../../fixtures/harness.ts";
import { headersFor, key, META, ModernClient, servers } from "../../fixtures/modern-client.ts";

const INITIALIZED = {
  protocolVersion: "2025-11-25",
  capabilities: { tools: { listChanged: true }, resources: { subscribe: true, listChanged: true } },
  serverInfo: { name: "child", version: "1" },
};

/** A kind of server, with the capabilities for change notifications. */
const notifying = ([name, settings]: (typeof servers)[number]): readonly [string, Settings] =>
  settings.command === undefined
    ? [name, { ...settings, child: ["--initialize", JSON.stringify(INITIALIZED)] }]
    : [name, settings];

/** Has the server send a change notification. */
async function tell(client: ModernClient, settings: Settings, method: string, uri?: string): Promise<void> {
  const full = `notifications/${method}`;
  if (settings.command === undefined) await client.text("notify", { method: full, params: { uri } });
  else await client.text("tell", { method: full, uri });
}

const methodsIn = (messages: readonly Received[]) =>
  messages.map(({ method }) => method?.slice("notifications/".length));
const urisIn = (messages: readonly Received[]) => messages.flatMap(({ params }) => params?.["uri"] ?? []);
const idsIn = (messages: readonly Received[]) =>
  messages.map(({ params }) => (params!["_meta"] as Record<string, unknown>)[key("subscriptionId")]);

const ACKNOWLEDGED = "subscriptions/acknowledged";

for (const [name, settings] of servers.map(notifying)) {
  test.concurrent(
    `the acknowledgement comes first and names the accepted filter, and only matching notifications follow, ${name}`,
    async ({ start }) => {
      const client = new ModernClient(await start(settings));
      const wanted = { toolsListChanged: true, promptsListChanged: true, resourceSubscriptions: ["a:", "refused:"] };
      const { messages, response } = await client.listen(wanted);
      expect(response.headers.get("content-type")).toBe("text/event-stream");
      expect(response.headers.get("x-accel-buffering")).toBe("no");
      expect(messages[0]!.params!["notifications"]).toEqual({ toolsListChanged: true, resourceSubscriptions: ["a:"] });
      await tell(client, settings, "resources/list_changed");
      for (const uri of ["b:", "refused:", "a:"]) await tell(client, settings, "resources/updated", uri);
      await tell(client, settings, "tools/list_changed");
      await until("the last notification is received", () => messages.length === 3);
      expect(methodsIn(messages)).toEqual([ACKNOWLEDGED, "resources/updated", "tools/list_changed"]);
      expect(urisIn(messages)).toEqual(["a:"]);
    },
  );

  test.concurrent(`every message carries the request's id in its own type, ${name}`, async ({ start }) => {
    const client = new ModernClient(await start(settings));
    for (const id of ["mine", 7, "7"]) {
      const { messages, close } = await client.listen({ toolsListChanged: true }, { id });
      await tell(client, settings, "tools/list_changed");
      await until("it is received", () => messages.length === 2);
      expect(idsIn(messages)).toEqual([id, id]);
      close();
    }
    const params = { notifications: { toolsListChanged: true }, _meta: META };
    const body = JSON.stringify({ jsonrpc: "2.0", id: 0, method: "subscriptions/listen", params });
    const leave = new AbortController();
    const big = body.replace('"id":0', '"id":9007199254740993');
    const response = await client.post(big, headersFor("subscriptions/listen", params), leave.signal);
    const { value } = await response.body!.getReader().read();
    expect(Buffer.from(value).toString()).toContain(`"${key("subscriptionId")}":9007199254740993`);
    leave.abort();
  });

  test.concurrent(
    `subscriptions with the same id each get what they asked for, and one continues when another ends, ${name}`,
    async ({ start }) => {
      const client = new ModernClient(await start(settings));
      const lists = await client.listen({ toolsListChanged: true }, { id: 1 });
      const pages = await client.listen({ resourceSubscriptions: ["a:", "b:"] }, { id: 1 });
      const others = await client.listen({ resourceSubscriptions: ["a:"] }, { id: 1 });
      for (const uri of ["a:", "b:"]) await tell(client, settings, "resources/updated", uri);
      await until("the notifications are received", () => pages.messages.length === 3 && others.messages.length === 2);
      others.close();
      await others.ended;
      await tell(client, settings, "resources/updated", "a:");
      await tell(client, settings, "tools/list_changed");
      await until("the others receive more", () => pages.messages.length === 4 && lists.messages.length === 2);
      expect([urisIn(pages.messages), urisIn(others.messages)]).toEqual([["a:", "b:", "a:"], ["a:"]]);
    },
  );

  test.concurrent(
    `a subscription is not an open call, and the server is told of its end, ${name}`,
    async ({ start }) => {
      const { service, ...running } = await start(settings);
      const client = new ModernClient(running);
      const { close, ended } = await client.listen({ toolsListChanged: true, resourceSubscriptions: ["a:"] });
      expect(service.openCalls).toBe(0);
      close();
      await ended;
      const method = settings.command === undefined ? "resources/unsubscribe" : "notifications/cancelled";
      const told = async () => (await client.received()).filter((message) => message.method === method);
      await until("the server is told", async () => (await told()).length > 0);
      expect(await told()).toHaveLength(1);
    },
  );

  test.concurrent(`messages of one request do not come on a subscription, ${name}`, async ({ start }) => {
    const client = new ModernClient(await start(settings));
    const { messages } = await client.listen({ toolsListChanged: true }, { logLevel: "debug" });
    const log = { method: "notifications/message", params: { level: "error", data: "x" } };
    await client.text("notify", log);
    await client.text("progress", { times: 2 }, { progressToken: 1 });
    await tell(client, settings, "tools/list_changed");
    await until("it is received", () => messages.length === 2);
    expect(methodsIn(messages)).toEqual([ACKNOWLEDGED, "tools/list_changed"]);
  });

  test.concurrent(`the end of the gateway ends a subscription with its result, ${name}`, async ({ start }) => {
    const running = await start(settings);
    const client = new ModernClient(running);
    const { messages, ended } = await client.listen({ resourcesListChanged: true }, { id: "mine" });
    await running.gateway.stop();
    await ended;
    const result = { resultType: "complete", _meta: { [key("subscriptionId")]: "mine" } };
    expect(messages.slice(1)).toEqual([{ jsonrpc: "2.0", id: "mine", result }]);
  });
}

for (const isolation of ["shared", "session"] as const) {
  test.concurrent(
    `a subscription to a resource includes the resources below it, isolation ${isolation}`,
    async ({ start }) => {
      const settings = { service: { isolation } };
      const client = new ModernClient(await start(settings));
      const { messages } = await client.listen({ resourceSubscriptions: ["file:///a", "b:"] });
      for (const uri of ["file:///ab", "file:///", "file:///a/x", "b:"])
        await tell(client, settings, "resources/updated", uri);
      await until("the last notification is received", () => urisIn(messages).includes("b:"));
      expect(urisIn(messages)).toEqual(["file:///a/x", "b:"]);
    },
  );
}

test.concurrent(
  "whether a modern server ends a subscription with its result or by cancelling it, the client gets a result",
  async ({ start }) => {
    const client = new ModernClient(await start(servers[0]![1]));
    for (const how of ["result", "cancelled"]) {
      const { messages, ended } = await client.listen({ toolsListChanged: true }, { id: "mine" });
      await client.text("endSubscriptions", { text: how });
      await ended;
      const result = { resultType: "complete", _meta: { [key("subscriptionId")]: "mine" } };
      expect(messages.slice(1), how).toEqual([{ jsonrpc: "2.0", id: "mine", result }]);
    }
  },
);

test.concurrent("a silent subscription sends heartbeats", async ({ start }) => {
  const client = new ModernClient(await start({ ...servers[0]![1], heartbeat: 100 }));
  const response = await client.send("subscriptions/listen", { notifications: {} });
  let text = "";
  for await (const chunk of response.body!.pipeThrough(new TextDecoderStream())) {
    text += chunk;
    if (text.split(": \n\n").length > 3) break;
  }
  expect(text).toMatch(/^event: message\ndata: .*acknowledged.*\n\n(: \n\n){3}/);
});

test.concurrent("a legacy server without change notifications gets no subscriptions", async ({ start }) => {
  const client = new ModernClient(await start({ child: ["--initialize", '{"protocolVersion":"2025-11-25"}'] }));
  const { messages } = await client.listen({ toolsListChanged: true, resourceSubscriptions: ["a:"] });
  expect(messages[0]!.params!["notifications"]).toEqual({});
  expect((await client.received()).map(({ method }) => method)).not.toContain("resources/subscribe");
  const refused = await client.send("subscriptions/listen", { notifications: "all" });
  expect([refused.status, ((await refused.json()) as Received).error?.code]).toEqual([400, -32602]);
});
