/** A shared server's change notifications reach their subscribers, and nobody else. */
import { expect } from "vitest";
import type { Client, Received } from "../../fixtures/client.ts";
import { test, until } from "../../fixtures/harness.ts";

const service = { isolation: "shared" } as const;

const update = (client: Client, uri: string) =>
  client.text("notify", { method: "notifications/resources/updated", params: { uri } });

/** Sends a notification to all and waits for it: everything sent before has then arrived too. */
async function flush(client: Client, ...streams: Received[][]): Promise<void> {
  await client.text("notify", { method: "notifications/tools/list_changed" });
  await until("all have received the last notification", () => streams.every((messages) => messages.some(isLast)));
}

const isLast = ({ method }: Received) => method === "notifications/tools/list_changed";

const urisIn = (messages: readonly Received[]) => messages.flatMap(({ params }) => params?.["uri"] ?? []);

const subscriptionsOf = async (client: Client) =>
  (await client.received())
    .filter(({ method }) => method?.includes("subscribe"))
    .map(({ method, params }) => `${method!.slice("resources/".length)} ${String(params!["uri"])}`);

test("a change of a resource reaches its subscribers, a change of a list reaches everybody", async ({ start }) => {
  const { open } = await start({ service });
  const [ann, bob, eve] = [await open(), await open(), await open()];
  const [toAnn, toBob, toEve] = [await ann.listen(), await bob.listen(), await eve.listen()];
  await ann.request("resources/subscribe", { uri: "a:" });
  await bob.request("resources/subscribe", { uri: "a:" });
  await bob.request("resources/subscribe", { uri: "b:" });
  for (const uri of ["a:", "b:", "c:"]) await update(eve, uri);
  await flush(eve, toAnn, toBob, toEve);
  expect([urisIn(toAnn), urisIn(toBob), urisIn(toEve)]).toEqual([["a:"], ["a:", "b:"], []]);
});

test("the server has one subscription however many sessions subscribe, until the last one leaves", async ({
  start,
}) => {
  const { open } = await start({ service });
  const [ann, bob, eve] = [await open(), await open(), await open()];
  for (const client of [ann, bob]) await client.request("resources/subscribe", { uri: "a:" });
  expect(await subscriptionsOf(eve)).toEqual(["subscribe a:"]);
  expect((await ann.request("resources/unsubscribe", { uri: "a:" })).result).toEqual({});
  expect(await subscriptionsOf(eve)).toEqual(["subscribe a:"]);
  await bob.end();
  expect(await subscriptionsOf(eve)).toEqual(["subscribe a:", "unsubscribe a:"]);
});

test("subscriptions continue when a server dies and is replaced", async ({ start }) => {
  const { open } = await start({ service });
  const [ann, bob] = [await open(), await open()];
  const toAnn = await ann.listen();
  for (const client of [ann, bob]) await client.request("resources/subscribe", { uri: "a:" });
  await bob.tool("crash");
  await until("a new server was told", async () => (await subscriptionsOf(bob)).length > 0);
  expect(await subscriptionsOf(bob)).toEqual(["subscribe a:"]);
  await update(bob, "a:");
  await flush(bob, toAnn);
  expect(urisIn(toAnn)).toEqual(["a:"]);
});

test("a refused subscription is not kept, and the next attempt reaches the server again", async ({ start }) => {
  const { open } = await start({ service });
  const [ann, bob] = [await open(), await open()];
  for (const client of [ann, bob, ann]) {
    expect((await client.request("resources/subscribe", { uri: "refused:" })).error?.message).toMatch(
      /no such resource/,
    );
  }
});

test("log messages of a shared server reach nobody, and no session can set its log level", async ({ start }) => {
  const { open } = await start({ service });
  const [ann, bob] = [await open(), await open()];
  const [toAnn, toBob] = [await ann.listen(), await bob.listen()];
  await ann.text("notify", { method: "notifications/message", params: { level: "error", data: "of whom?" } });
  await flush(ann, toAnn, toBob);
  expect([...toAnn, ...toBob].filter(({ method }) => method === "notifications/message")).toEqual([]);
  expect((await ann.request("logging/setLevel", { level: "debug" })).error?.code).toBe(-32601);
});

test("a session that subscribes while the last subscriber is leaving is subscribed", async ({ start }) => {
  const { open } = await start({ service });
  const [ann, bob, eve] = [await open(), await open(), await open()];
  const toBob = await bob.listen();
  await ann.request("resources/subscribe", { uri: "a:" });
  const leaving = ann.request("resources/unsubscribe", { uri: "a:", ms: 500 });
  await until("the server has been told", async () => (await subscriptionsOf(eve)).includes("unsubscribe a:"));
  await bob.request("resources/subscribe", { uri: "a:" });
  await leaving;
  expect(await subscriptionsOf(eve)).toEqual(["subscribe a:", "unsubscribe a:", "subscribe a:"]);
  await update(eve, "a:");
  await flush(eve, toBob);
  expect(urisIn(toBob)).toEqual(["a:"]);
});

test("a session that subscribes and unsubscribes before the server answers is not a subscriber", async ({ start }) => {
  const { open } = await start({ service });
  const [ann, bob, eve] = [await open(), await open(), await open()];
  const subscribing = ann.request("resources/subscribe", { uri: "a:", ms: 500 });
  await until("the server has been told", async () => (await subscriptionsOf(eve)).length === 1);
  await ann.request("resources/unsubscribe", { uri: "a:" });
  await subscribing;
  await bob.request("resources/subscribe", { uri: "a:" });
  expect(await subscriptionsOf(eve)).toEqual(["subscribe a:", "unsubscribe a:", "subscribe a:"]);
});

test("unsubscribing does not cancel another session's subscription that is under way", async ({ start }) => {
  const { open } = await start({ service });
  const [ann, bob, eve] = [await open(), await open(), await open()];
  const first = ann.request("resources/subscribe", { uri: "a:", ms: 300 });
  await until("the server has been told", async () => (await subscriptionsOf(eve)).length === 1);
  const second = bob.request("resources/subscribe", { uri: "a:", ms: 1_000 });
  await until("the server has been told again", async () => (await subscriptionsOf(eve)).length === 2);
  await first;
  await ann.request("resources/unsubscribe", { uri: "a:" });
  await second;
  expect(await subscriptionsOf(eve)).not.toContain("unsubscribe a:");
});
