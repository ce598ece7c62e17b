/** A server that dies under modern clients: each hears of it once, and the next call finds a new server. */
import { expect } from "vitest";
import { eventsOf, type Received } from "../../fixtures/client.ts";
import { test, until } from "../../fixtures/harness.ts";
import { ModernClient, servers } from "../../fixtures/modern-client.ts";

const DIED = { code: -32603, message: expect.stringMatching(/ended \(exit code 3\).*may have run/) as string };

for (const [name, settings] of servers) {
  test.concurrent(
    `every open call fails at once when the server dies, and the next ones find a new one, ${name}`,
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

  test.concurrent(
    `calls that come while no server is there are answered by the next one, ${name}`,
    async ({ start }) => {
      const running = await start(settings);
      const client = new ModernClient(running);
      for (let deaths = 1; deaths <= 3; deaths++) {
        const pid = await client.text("pid");
        process.kill(Number(pid), "SIGKILL");
        let next = client.text("pid").catch(String);
        if ((await next).includes("killed by SIGKILL")) next = client.text("pid"); // it had not been noticed
        expect(Number(await next)).toBeGreaterThan(0);
        expect(await next).not.toBe(pid);
      }
    },
  );
}

test.concurrent(
  "a modern server that dies ends its streams of news with an error, and a new one is opened for who asks",
  async ({ start }) => {
    const client = new ModernClient(await start(servers[0]![1]));
    const { heard, ended } = await client.listen({ toolsListChanged: true }, { id: "mine" });
    await client.tool("crash");
    await ended;
    expect(heard.slice(1)).toMatchObject([{ id: "mine", error: DIED }]);
    const again = await client.listen({ toolsListChanged: true }, { id: "mine" });
    await client.text("tell");
    await until("news are heard", () => again.heard.length === 2);
  },
);

test.concurrent("a shared legacy server that dies is subscribed to again for those who listen", async ({ start }) => {
  const client = new ModernClient(await start({ service: { isolation: "shared" } }));
  const { heard } = await client.listen({ resourceSubscriptions: ["a:"] });
  await client.tool("crash");
  const subscribed = async () => (await client.received()).some(({ method }) => method === "resources/subscribe");
  await until("the new one is told", subscribed);
  await client.text("notify", { method: "notifications/resources/updated", params: { uri: "a:" } });
  await until("news are heard", () => heard.length === 2);
});

test.concurrent(
  "a legacy server of one's own that dies ends its streams of news in good order: who listens again hears again",
  async ({ start }) => {
    const client = new ModernClient(await start());
    const { heard, ended } = await client.listen({ resourceSubscriptions: ["a:"] });
    await client.tool("crash");
    await ended;
    expect(heard.at(-1)).toMatchObject({ result: { resultType: "complete" } });
    const again = await client.listen({ resourceSubscriptions: ["b:"] });
    await client.text("notify", { method: "notifications/resources/updated", params: { uri: "b:" } });
    await until("news are heard", () => again.heard.length === 2);
  },
);

test.concurrent("what nobody listens to any longer is not subscribed to at the next server", async ({ start }) => {
  const client = new ModernClient(await start());
  const { ended } = await client.listen({ resourceSubscriptions: ["a:"] });
  await client.tool("crash");
  await ended;
  expect((await client.received()).map(({ method }) => method)).not.toContain("resources/subscribe");
});

test.concurrent(
  "a legacy server that takes the place of one that died is greeted as that was, and told the log level",
  async ({ start }) => {
    const client = new ModernClient(await start());
    await client.text("count", {}, { logLevel: "info" });
    await client.tool("crash");
    expect(await client.text("count")).toBe("1");
    const methods = (await client.received()).map(({ method }) => method);
    expect(methods.slice(0, 3)).toEqual(["initialize", "notifications/initialized", "logging/setLevel"]);
  },
);

test.concurrent(
  "without revival the news end in good order when the server dies, and the next call begins anew",
  async ({ start }) => {
    const client = new ModernClient(await start({ service: { revive: false } }));
    const { heard, ended } = await client.listen({ resourceSubscriptions: ["a:"] });
    expect(await client.text("count")).toBe("1");
    await client.tool("crash");
    await ended;
    expect(heard.at(-1)).toMatchObject({ result: { resultType: "complete" } });
    expect(await client.text("count")).toBe("1");
  },
);

test.concurrent(
  "legacy sessions in front of a modern server go on hearing of what they subscribed to when it has died",
  async ({ start }) => {
    const { open } = await start(servers[0]![1]);
    const session = await open();
    const heard: Received[] = [];
    const events = eventsOf(await session.get());
    void (async () => {
      for await (const { message } of events) if (message) heard.push(message);
    })().catch(() => {}); // the gateway has stopped
    expect((await session.request("resources/subscribe", { uri: "a:" })).result).toEqual({});
    expect((await session.tool("crash")).error?.message).toMatch(/may have run/);
    const listening = async () =>
      (await session.received()).filter(({ method }) => method === "subscriptions/listen").length;
    await until("the new one is listened to", async () => (await listening()) === 2);
    await session.text("tell", { method: "notifications/resources/updated", uri: "a:" });
    await session.text("tell");
    await until("both are heard", () => heard.length === 2);
    expect(heard).toEqual([
      { jsonrpc: "2.0", method: "notifications/resources/updated", params: { uri: "a:" } },
      { jsonrpc: "2.0", method: "notifications/tools/list_changed" },
    ]);
  },
);
