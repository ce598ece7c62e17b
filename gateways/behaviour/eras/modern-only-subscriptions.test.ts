/** The subscriptions of legacy sessions at a modern server. */
import { expect } from "vitest";
import type { Client, Received } from "../../fixtures/client.ts";
import { test, until } from "../../fixtures/harness.ts";
import { modernChild } from "../../fixtures/modern-client.ts";

const modern = { command: modernChild() };

const isLast = ({ method }: Received) => method === "notifications/tools/list_changed";

const tell = (client: Client, method: string, uri?: string) =>
  client.text("tell", { method: `notifications/${method}`, uri });

/** The filters of the subscriptions that the gateway opened at the server. */
const subscriptionsOf = async (client: Client) =>
  (await client.received())
    .filter(({ method }) => method === "subscriptions/listen")
    .map(({ params }) => params!["notifications"]);

test.concurrent("change notifications reach the sessions that they concern, in the legacy form", async ({ start }) => {
  const { open } = await start(modern);
  const [ann, bob, eve] = [await open(), await open(), await open()];
  const [toAnn, toBob, toEve] = [await ann.listen(), await bob.listen(), await eve.listen()];
  for (const client of [ann, bob])
    expect((await client.request("resources/subscribe", { uri: "a:\u20ac" })).result).toEqual({});
  await tell(eve, "resources/updated", "a:\u20ac");
  expect((await ann.request("resources/unsubscribe", { uri: "a:\u20ac" })).result).toEqual({});
  await tell(eve, "resources/updated", "a:\u20ac");
  await tell(eve, "tools/list_changed");
  await until("all have received the last notification", () =>
    [toAnn, toBob, toEve].every((messages) => messages.some(isLast)),
  );
  const list = { jsonrpc: "2.0", method: "notifications/tools/list_changed" };
  const page = { jsonrpc: "2.0", method: "notifications/resources/updated", params: { uri: "a:\u20ac" } };
  expect([toAnn, toBob, toEve]).toEqual([[page, list], [page, page, list], [list]]);
});

test.concurrent(
  "the server has one subscription for the lists and one for each resource, until its last subscriber leaves",
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
    await until("the subscription is cancelled", async () => (await left()) === 1);
    await ann.request("resources/subscribe", { uri: "a:" });
    expect(await subscriptionsOf(eve)).toHaveLength(3);
  },
);

test.concurrent(
  "a subscription that the server does not accept is refused, and tried again for the next session",
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

test.concurrent("a subscription that the server never acknowledges can be cancelled", async ({ start }) => {
  const { open, service } = await start(modern);
  const client = await open();
  const call = client.request("resources/subscribe", { uri: "silent:" }, { id: "mine" });
  await until("the server has the request", async () => (await subscriptionsOf(client)).length === 2);
  await client.cancel("mine");
  expect((await call).error?.code).toBe(-32800);
  await until("nothing is open", () => service.openCalls === 0);
});

test.concurrent("cancelling a subscription does not cancel another session's that is under way", async ({ start }) => {
  const { open, service } = await start(modern);
  const [ann, bob] = [await open(), await open()];
  const toBob = await bob.listen();
  const first = ann.request("resources/subscribe", { uri: "late:" }, { id: "mine" });
  await until("hers is under way", () => service.openCalls === 1);
  const second = bob.request("resources/subscribe", { uri: "late:" });
  await until("his too", () => service.openCalls === 2);
  await ann.cancel("mine");
  expect((await first).error?.code).toBe(-32800);
  expect((await second).result).toEqual({});
  expect(service.openCalls).toBe(0);
  await tell(bob, "resources/updated", "late:");
  await tell(bob, "tools/list_changed");
  await until("the last notification is received", () => toBob.some(isLast));
  expect(toBob).toHaveLength(2);
});

test.concurrent("a resource is recognised however its URI is escaped", async ({ start }) => {
  const { open } = await start(modern);
  const client = await open();
  const messages = await client.listen();
  await client.request("resources/subscribe", { uri: "file:///a" });
  const subscription = (await client.received()).findLast(({ method }) => method === "subscriptions/listen")!.id;
  const meta = `"_meta":{"io.modelcontextprotocol/subscriptionId":${subscription}}`;
  const change = `{"jsonrpc":"2.0","method":"notifications/resources/updated","params":{${meta},"uri":"file:\\/\\/\\/a"}}`;
  await client.tool("raw", { text: `${change}\n{"jsonrpc":"2.0","id":$ID,"result":{}}` });
  await tell(client, "tools/list_changed");
  await until("the last notification is received", () => messages.some(isLast));
  expect(messages).toHaveLength(2);
});
