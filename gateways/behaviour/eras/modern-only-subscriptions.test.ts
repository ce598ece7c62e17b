/** News of a server that knows only the modern era, on their way to legacy sessions. */
import { expect } from "vitest";
import { eventsOf, type Client, type Received } from "../../fixtures/client.ts";
import { test, until } from "../../fixtures/harness.ts";
import { modernChild } from "../../fixtures/modern-client.ts";

const modern = { command: modernChild() };

/** Collects what comes on a client's own stream. */
async function listen(client: Client): Promise<Received[]> {
  const heard: Received[] = [];
  const response = await client.get();
  void (async () => {
    for await (const { message } of eventsOf(response)) if (message) heard.push(message);
  })().catch(() => {}); // the gateway has stopped
  return heard;
}

const isLast = ({ method }: Received) => method === "notifications/tools/list_changed";

const tell = (client: Client, method: string, uri?: string) =>
  client.text("tell", { method: `notifications/${method}`, uri });

/** The streams of news that the server knows of the gateway: what they are about. */
const subscriptionsOf = async (client: Client) =>
  (await client.received())
    .filter(({ method }) => method === "subscriptions/listen")
    .map(({ params }) => params!["notifications"]);

test.concurrent("news reach the sessions that they concern, as these know them", async ({ start }) => {
  const { open } = await start(modern);
  const [ann, bob, eve] = [await open(), await open(), await open()];
  const [toAnn, toBob, toEve] = [await listen(ann), await listen(bob), await listen(eve)];
  for (const client of [ann, bob])
    expect((await client.request("resources/subscribe", { uri: "a:\u20ac" })).result).toEqual({});
  await tell(eve, "resources/updated", "a:\u20ac");
  expect((await ann.request("resources/unsubscribe", { uri: "a:\u20ac" })).result).toEqual({});
  await tell(eve, "resources/updated", "a:\u20ac");
  await tell(eve, "tools/list_changed");
  await until("all have heard the last", () => [toAnn, toBob, toEve].every((heard) => heard.some(isLast)));
  const list = { jsonrpc: "2.0", method: "notifications/tools/list_changed" };
  const page = { jsonrpc: "2.0", method: "notifications/resources/updated", params: { uri: "a:\u20ac" } };
  expect([toAnn, toBob, toEve]).toEqual([[page, list], [page, page, list], [list]]);
});

test.concurrent(
  "the server has one stream for the lists and one for each resource, until its last subscriber has gone",
  async ({ start }) => {
    const { open } = await start(modern);
    const [ann, bob, eve] = [await open(), await open(), await open()];
    for (const client of [ann, bob, ann]) await client.request("resources/subscribe", { uri: "a:" });
    const lists = { toolsListChanged: true, promptsListChanged: true, resourcesListChanged: true };
    expect(await subscriptionsOf(eve)).toEqual([lists, { resourceSubscriptions: ["a:"] }]);
    const left = async () => (await eve.received()).filter(({ method }) => method === "notifications/cancelled").length;
    await ann.request("resources/unsubscribe", { uri: "a:" });
    expect(await left()).toBe(0);
    await bob.end();
    await until("the stream is taken back", async () => (await left()) === 1);
    await ann.request("resources/subscribe", { uri: "a:" });
    expect(await subscriptionsOf(eve)).toHaveLength(3);
  },
);

test.concurrent(
  "a resource that the server does not tell of is refused, and asked for again by the next",
  async ({ start }) => {
    const { open } = await start(modern);
    const client = await open();
    for (let times = 1; times <= 2; times++) {
      expect((await client.request("resources/subscribe", { uri: "refused:" })).error?.code).toBe(-32602);
      expect(await subscriptionsOf(client)).toHaveLength(1 + times);
    }
    expect((await client.request("resources/subscribe", {})).error?.code).toBe(-32602);
    expect((await client.request("resources/subscribe", { uri: 5 })).error?.code).toBe(-32602);
  },
);

test.concurrent("a subscription that the server never agrees to can be cancelled", async ({ start }) => {
  const { open, service } = await start(modern);
  const client = await open();
  const call = client.request("resources/subscribe", { uri: "silent:" }, { id: "mine" });
  await until("the server has been asked", async () => (await subscriptionsOf(client)).length === 2);
  await client.cancel("mine");
  expect((await call).error?.code).toBe(-32800);
  await until("nothing is open", () => service.openCalls === 0);
});

test.concurrent(
  "who takes a subscription back does not take that of another with it that is on its way",
  async ({ start }) => {
    const { open, service } = await start(modern);
    const [ann, bob] = [await open(), await open()];
    const toBob = await listen(bob);
    const first = ann.request("resources/subscribe", { uri: "late:" }, { id: "mine" });
    await until("hers is on its way", () => service.openCalls === 1);
    const second = bob.request("resources/subscribe", { uri: "late:" });
    await until("his too", () => service.openCalls === 2);
    await ann.cancel("mine");
    expect((await first).error?.code).toBe(-32800);
    expect((await second).result).toEqual({});
    expect(service.openCalls).toBe(0);
    await tell(bob, "resources/updated", "late:");
    await tell(bob, "tools/list_changed");
    await until("the last is heard", () => toBob.some(isLast));
    expect(toBob).toHaveLength(2);
  },
);

test.concurrent("a resource is the same however its uri is escaped", async ({ start }) => {
  const { open } = await start(modern);
  const client = await open();
  const heard = await listen(client);
  await client.request("resources/subscribe", { uri: "file:///a" });
  const subscription = (await client.received()).findLast(({ method }) => method === "subscriptions/listen")!.id;
  const meta = `"_meta":{"io.modelcontextprotocol/subscriptionId":${subscription}}`;
  const news = `{"jsonrpc":"2.0","method":"notifications/resources/updated","params":{${meta},"uri":"file:\\/\\/\\/a"}}`;
  await client.tool("raw", { text: `${news}\n{"jsonrpc":"2.0","id":$ID,"result":{}}` });
  await tell(client, "tools/list_changed");
  await until("the last is heard", () => heard.some(isLast));
  expect(heard).toHaveLength(2);
});
