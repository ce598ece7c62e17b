/** subscriptions/listen in front of servers of both eras: a stream of news as the revision has it. */
import { expect } from "vitest";
import type { Received } from "../../fixtures/client.ts";
import { test, until, type Settings } from "../../fixtures/harness.ts";
import { headersFor, key, META, ModernClient, servers } from "../../fixtures/modern-client.ts";

const INTRODUCTION = {
  protocolVersion: "2025-11-25",
  capabilities: { tools: { listChanged: true }, resources: { subscribe: true, listChanged: true } },
  serverInfo: { name: "child", version: "1" },
};

/** A legacy server that tells of changes, and a modern one, which does anyway. */
const telling = ([name, settings]: (typeof servers)[number]): readonly [string, Settings] =>
  settings.command === undefined
    ? [name, { ...settings, child: ["--initialize", JSON.stringify(INTRODUCTION)] }]
    : [name, settings];

/** Has the server send news. */
async function tell(client: ModernClient, settings: Settings, method: string, uri?: string): Promise<void> {
  const full = `notifications/${method}`;
  if (settings.command === undefined) await client.text("notify", { method: full, params: { uri } });
  else await client.text("tell", { method: full, uri });
}

const methodsIn = (heard: readonly Received[]) => heard.map(({ method }) => method?.slice("notifications/".length));
const urisIn = (heard: readonly Received[]) => heard.flatMap(({ params }) => params?.["uri"] ?? []);
const idsIn = (heard: readonly Received[]) =>
  heard.map(({ params }) => (params!["_meta"] as Record<string, unknown>)[key("subscriptionId")]);

const ACKNOWLEDGED = "subscriptions/acknowledged";

for (const [name, settings] of servers.map(telling)) {
  test.concurrent(
    `the acknowledgement comes first and says what is told of, then come news of that alone, ${name}`,
    async ({ start }) => {
      const client = new ModernClient(await start(settings));
      const wanted = { toolsListChanged: true, promptsListChanged: true, resourceSubscriptions: ["a:", "refused:"] };
      const { heard, response } = await client.listen(wanted);
      expect(response.headers.get("content-type")).toBe("text/event-stream");
      expect(response.headers.get("x-accel-buffering")).toBe("no");
      expect(heard[0]!.params!["notifications"]).toEqual({ toolsListChanged: true, resourceSubscriptions: ["a:"] });
      await tell(client, settings, "resources/list_changed");
      for (const uri of ["b:", "refused:", "a:"]) await tell(client, settings, "resources/updated", uri);
      await tell(client, settings, "tools/list_changed");
      await until("the last is heard", () => heard.length === 3);
      expect(methodsIn(heard)).toEqual([ACKNOWLEDGED, "resources/updated", "tools/list_changed"]);
      expect(urisIn(heard)).toEqual(["a:"]);
    },
  );

  test.concurrent(`all that comes carries the id of the request, in its own type, ${name}`, async ({ start }) => {
    const client = new ModernClient(await start(settings));
    for (const id of ["mine", 7, "7"]) {
      const { heard, close } = await client.listen({ toolsListChanged: true }, { id });
      await tell(client, settings, "tools/list_changed");
      await until("it is heard", () => heard.length === 2);
      expect(idsIn(heard)).toEqual([id, id]);
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
    `two streams with one id hear each what they asked for, and one goes on when the other ends, ${name}`,
    async ({ start }) => {
      const client = new ModernClient(await start(settings));
      const lists = await client.listen({ toolsListChanged: true }, { id: 1 });
      const pages = await client.listen({ resourceSubscriptions: ["a:", "b:"] }, { id: 1 });
      const others = await client.listen({ resourceSubscriptions: ["a:"] }, { id: 1 });
      for (const uri of ["a:", "b:"]) await tell(client, settings, "resources/updated", uri);
      await until("they are heard", () => pages.heard.length === 3 && others.heard.length === 2);
      others.close();
      await others.ended;
      await tell(client, settings, "resources/updated", "a:");
      await tell(client, settings, "tools/list_changed");
      await until("the others hear on", () => pages.heard.length === 4 && lists.heard.length === 2);
      expect([urisIn(pages.heard), urisIn(others.heard)]).toEqual([["a:", "b:", "a:"], ["a:"]]);
    },
  );

  test.concurrent(`a stream is not an open call, and its end is told to the server, ${name}`, async ({ start }) => {
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
  });

  test.concurrent(`what is for one request alone does not come on a stream of news, ${name}`, async ({ start }) => {
    const client = new ModernClient(await start(settings));
    const { heard } = await client.listen({ toolsListChanged: true }, { logLevel: "debug" });
    const log = { method: "notifications/message", params: { level: "error", data: "x" } };
    await client.text("notify", log);
    await client.text("progress", { times: 2 }, { progressToken: 1 });
    await tell(client, settings, "tools/list_changed");
    await until("it is heard", () => heard.length === 2);
    expect(methodsIn(heard)).toEqual([ACKNOWLEDGED, "tools/list_changed"]);
  });

  test.concurrent(`the end of the gateway ends a stream with its result, ${name}`, async ({ start }) => {
    const running = await start(settings);
    const client = new ModernClient(running);
    const { heard, ended } = await client.listen({ resourcesListChanged: true }, { id: "mine" });
    await running.gateway.stop();
    await ended;
    const result = { resultType: "complete", _meta: { [key("subscriptionId")]: "mine" } };
    expect(heard.slice(1)).toEqual([{ jsonrpc: "2.0", id: "mine", result }]);
  });
}

for (const isolation of ["shared", "session"] as const) {
  test.concurrent(`news of a resource may be of one below it, isolation ${isolation}`, async ({ start }) => {
    const settings = { service: { isolation } };
    const client = new ModernClient(await start(settings));
    const { heard } = await client.listen({ resourceSubscriptions: ["file:///a", "b:"] });
    for (const uri of ["file:///ab", "file:///", "file:///a/x", "b:"])
      await tell(client, settings, "resources/updated", uri);
    await until("the last is heard", () => urisIn(heard).includes("b:"));
    expect(urisIn(heard)).toEqual(["file:///a/x", "b:"]);
  });
}

test.concurrent(
  "a modern server ends a stream with its result, or by taking it back: the client sees a result",
  async ({ start }) => {
    const client = new ModernClient(await start(servers[0]![1]));
    for (const how of ["result", "cancelled"]) {
      const { heard, ended } = await client.listen({ toolsListChanged: true }, { id: "mine" });
      await client.text("endNews", { text: how });
      await ended;
      const result = { resultType: "complete", _meta: { [key("subscriptionId")]: "mine" } };
      expect(heard.slice(1), how).toEqual([{ jsonrpc: "2.0", id: "mine", result }]);
    }
  },
);

test.concurrent("a stream shows that it lives while there is no news", async ({ start }) => {
  const client = new ModernClient(await start({ ...servers[0]![1], heartbeat: 100 }));
  const response = await client.send("subscriptions/listen", { notifications: {} });
  let text = "";
  for await (const chunk of response.body!.pipeThrough(new TextDecoderStream())) {
    text += chunk;
    if (text.split(": \n\n").length > 3) break;
  }
  expect(text).toMatch(/^data: .*acknowledged.*\n\n(: \n\n){3}/);
});

test.concurrent("a legacy server that tells of nothing is listened to for nothing", async ({ start }) => {
  const client = new ModernClient(await start({ child: ["--initialize", '{"protocolVersion":"2025-11-25"}'] }));
  const { heard } = await client.listen({ toolsListChanged: true, resourceSubscriptions: ["a:"] });
  expect(heard[0]!.params!["notifications"]).toEqual({});
  expect((await client.received()).map(({ method }) => method)).not.toContain("resources/subscribe");
  const refused = await client.send("subscriptions/listen", { notifications: "all" });
  expect([refused.status, ((await refused.json()) as Received).error?.code]).toEqual([400, -32602]);
});
