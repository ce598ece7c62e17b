/** When a server dies, each modern client is told once, and the next call reaches a new server. */
import { expect } from "vitest";
import { eventsOf, type Received } from "../../fixtures/client.ts";
import { test, until } from "../../fixtures/harness.ts";
import { ModernClient, servers } from "../../fixtures/modern-client.ts";

const DIED = { code: -32603, message: expect.stringMatching(/ended \(exit code 3\).*may have run/) as string };

for (const [name, settings] of servers) {
  test.concurrent(
    `every open call fails at once when the server dies, and the next calls reach a new server, ${name}`,
    async ({ start }) => {
      const running = await start(settings);
      const client = new ModernClient(running);
      expect(await client.text("count")).toBe("1");
      const waiting = [1, 1].map((id) => client.tool("slow", { ms: 60_000 }, { id }));
      const streamed: Received[] = [];
      const onMessage = (message: Received) => streamed.push(message);
      const inStream = client.tool("progress", { times: 1, ms: 60_000 }, { id: "s", progressToken: 1, onMessage });
      await until("its stream has begun", () => streamed.length === 1);
      await until("all are open", () => running.service.openCalls === 3);
      const crashed = client.tool("crash", {}, { id: "crash" });
      for (const { id, result, error } of await Promise.all([crashed, inStream, ...waiting])) {
        expect(["crash", "s", 1]).toContain(id);
        expect([result, error]).toMatchObject([undefined, DIED]);
      }
      expect(await Promise.all([client.text("count"), client.text("count")])).toEqual(
        expect.arrayContaining(["1", "2"]) as string[],
      );
      await until("nothing is open", () => running.service.openCalls === 0);
    },
  );

  test.concurrent(`calls that come between two servers are answered by the next one, ${name}`, async ({ start }) => {
    const running = await start(settings);
    const client = new ModernClient(running);
    for (let deaths = 1; deaths <= 3; deaths++) {
      const pid = await client.text("pid");
      process.kill(Number(pid), "SIGKILL");
      let next = client.text("pid").catch(String);
      if ((await next).includes("killed by SIGKILL")) next = client.text("pid"); // its death had not been noticed yet
      expect(Number(await next)).toBeGreaterThan(0);
      expect(await next).not.toBe(pid);
    }
  });
}

test.concurrent(
  "subscriptions end with an error when a modern server dies, and can be opened again",
  async ({ start }) => {
    const client = new ModernClient(await start(servers[0]![1]));
    const { messages, ended } = await client.listen({ toolsListChanged: true }, { id: "mine" });
    await client.tool("crash");
    await ended;
    expect(messages.slice(1)).toMatchObject([{ id: "mine", error: DIED }]);
    const again = await client.listen({ toolsListChanged: true }, { id: "mine" });
    await client.text("tell");
    await until("the change notification is received", () => again.messages.length === 2);
  },
);

test.concurrent("subscriptions are renewed when a shared legacy server dies", async ({ start }) => {
  const client = new ModernClient(await start({ service: { isolation: "shared" } }));
  const { messages } = await client.listen({ resourceSubscriptions: ["a:"] });
  await client.tool("crash");
  const subscribed = async () => (await client.received()).some(({ method }) => method === "resources/subscribe");
  await until("the new server has the subscription", subscribed);
  await client.text("notify", { method: "notifications/resources/updated", params: { uri: "a:" } });
  await until("the change notification is received", () => messages.length === 2);
});

test.concurrent(
  "subscriptions end gracefully when a caller's own legacy server dies, and can be opened again",
  async ({ start }) => {
    const client = new ModernClient(await start());
    const { messages, ended } = await client.listen({ resourceSubscriptions: ["a:"] });
    await client.tool("crash");
    await ended;
    expect(messages.at(-1)).toMatchObject({ result: { resultType: "complete" } });
    const again = await client.listen({ resourceSubscriptions: ["b:"] });
    await client.text("notify", { method: "notifications/resources/updated", params: { uri: "b:" } });
    await until("the change notification is received", () => again.messages.length === 2);
  },
);

test.concurrent("a subscription that has ended is not renewed at the next server", async ({ start }) => {
  const client = new ModernClient(await start());
  const { ended } = await client.listen({ resourceSubscriptions: ["a:"] });
  await client.tool("crash");
  await ended;
  expect((await client.received()).map(({ method }) => method)).not.toContain("resources/subscribe");
});

test.concurrent("a legacy server that replaces a dead one gets the same handshake and log level", async ({ start }) => {
  const client = new ModernClient(await start());
  await client.text("count", {}, { logLevel: "info" });
  await client.tool("crash");
  expect(await client.text("count")).toBe("1");
  const methods = (await client.received()).map(({ method }) => method);
  expect(methods.slice(0, 3)).toEqual(["initialize", "notifications/initialized", "logging/setLevel"]);
});

test.concurrent(
  "without revival subscriptions end gracefully when the server dies, and the next call gets a new server",
  async ({ start }) => {
    const client = new ModernClient(await start({ service: { revive: false } }));
    const { messages, ended } = await client.listen({ resourceSubscriptions: ["a:"] });
    expect(await client.text("count")).toBe("1");
    await client.tool("crash");
    await ended;
    expect(messages.at(-1)).toMatchObject({ result: { resultType: "complete" } });
    expect(await client.text("count")).toBe("1");
  },
);

test.concurrent("the subscriptions of legacy sessions continue when a modern server dies", async ({ start }) => {
  const { open } = await start(servers[0]![1]);
  const session = await open();
  const messages: Received[] = [];
  const events = eventsOf(await session.get());
  void (async () => {
    for await (const { message } of events) if (message) messages.push(message);
  })().catch(() => {}); // the gateway has stopped
  expect((await session.request("resources/subscribe", { uri: "a:" })).result).toEqual({});
  expect((await session.tool("crash")).error?.message).toMatch(/may have run/);
  const listening = async () =>
    (await session.received()).filter(({ method }) => method === "subscriptions/listen").length;
  await until("the new server has both subscriptions", async () => (await listening()) === 2);
  await session.text("tell", { method: "notifications/resources/updated", uri: "a:" });
  await session.text("tell");
  await until("both are received", () => messages.length === 2);
  expect(messages).toEqual([
    { jsonrpc: "2.0", method: "notifications/resources/updated", params: { uri: "a:" } },
    { jsonrpc: "2.0", method: "notifications/tools/list_changed" },
  ]);
});
