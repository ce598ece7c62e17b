/** Sessions outlive their servers: who has been idle longest sleeps when all places are taken, and is woken by its next call. */
import { setTimeout as sleep } from "node:timers/promises";
import { expect } from "vitest";
import type { Client } from "../../fixtures/client.ts";
import { test, until } from "../../fixtures/harness.ts";

const methodsOf = async (client: Client) => (await client.received()).map(({ method }) => method);

test.concurrent("three sessions that call in turn all go on with two server processes", async ({ start, roll }) => {
  const { open } = await start({ child: ["--roll", roll.folder], service: { maxChildren: 2 } });
  const clients = [await open(), await open(), await open()];
  let most = 0;
  for (let round = 0; round < 2; round++) {
    for (const [index, client] of clients.entries()) {
      expect(await client.text("echo", { text: `${round} ${index}` })).toBe(`${round} ${index}`);
      most = Math.max(most, roll.living.length);
    }
  }
  expect(most).toBeLessThanOrEqual(2);
});

test.concurrent(
  "a session that wakes finds its initialize, log level and subscriptions told to its new server",
  async ({ start }) => {
    const { open } = await start({ service: { maxChildren: 1 } });
    const sleeper = await open("2025-06-18", { roots: {} });
    await sleeper.request("logging/setLevel", { level: "error" });
    for (const uri of ["a:", "b:"]) await sleeper.request("resources/subscribe", { uri });
    await sleeper.request("resources/unsubscribe", { uri: "a:" });
    await open();
    const received = await sleeper.received();
    expect(received.map(({ method }) => method)).toEqual([
      "initialize",
      "notifications/initialized",
      "logging/setLevel",
      "resources/subscribe",
      "tools/call",
    ]);
    expect(received[0]!.params).toMatchObject({ protocolVersion: "2025-06-18", capabilities: { roots: {} } });
    expect(received[2]!.params).toMatchObject({ level: "error" });
    expect(received[3]!.params).toMatchObject({ uri: "b:" });
  },
);

test.concurrent("a session whose server died goes on with a new one", async ({ start }) => {
  const { open } = await start();
  const client = await open();
  expect(await client.text("count")).toBe("1");
  await client.tool("crash");
  expect(await client.text("count")).toBe("1");
  expect(await methodsOf(client)).toContain("initialize");
});

test.concurrent("a session that may not be revived is not found after its server died", async ({ start }) => {
  const { open, service } = await start({ service: { revive: false } });
  const [client, other] = [await open(), await open()];
  const stream = await client.get();
  await client.tool("crash");
  await until("the session has ended", () => service.sessions.size === 1);
  const response = await client.post({ jsonrpc: "2.0", id: 1, method: "ping" });
  expect(response.status).toBe(404);
  expect(await response.json()).toMatchObject({ id: 1, error: { code: -32001 } });
  expect(await stream.text()).not.toMatch(/data/);
  expect(await other.text("count")).toBe("1");
});

test.concurrent(
  "a session with an open call is not put to sleep: who wants its place waits for it",
  async ({ start }) => {
    const { open } = await start({ service: { maxChildren: 1 } });
    const first = await open();
    const ends: string[] = [];
    const call = first.text("slow", { ms: 700 }).then((text) => ends.push(text));
    await open().then(() => ends.push("opened"));
    await call;
    expect(ends).toEqual(["done", "opened"]);
  },
);

test.concurrent(
  "a session whose client has a question to answer is not put to sleep before it has",
  async ({ start }) => {
    const { open, service } = await start({ service: { maxChildren: 1 } });
    const asked = await open("2025-11-25", { roots: {} });
    // The question stays open although its call is over: the call is cancelled.
    const id = 7;
    const call = asked.tool("ask", { method: "roots/list" }, { id, onMessage: () => void asked.cancel(id) });
    expect((await call).error?.code).toBe(-32800);
    await until("the question alone is open", () => service.openCalls === 0);
    let opened = false;
    const opening = open().then(() => (opened = true));
    await until("another wants its place", () => service.openCalls === 1);
    await sleep(500);
    expect(opened).toBe(false);
    await asked.post({ jsonrpc: "2.0", id: "server-1", result: { roots: [] } });
    await opening;
    expect(await asked.text("echo", { text: "awake again" })).toBe("awake again");
  },
);

test.concurrent(
  "calls that come while a session wakes each run once, and one that is cancelled by then never runs",
  async ({ start }) => {
    const { open } = await start({ child: ["--slow", "400"], service: { maxChildren: 1 } });
    const sleeper = await open();
    await open();
    const calls = [1, 2, 3].map((id) => sleeper.tool("echo", { text: `${id}` }, { id }));
    await until("the calls have come", async () => (await sleeper.cancel(2)).ok);
    const [first, second, third] = await Promise.all(calls);
    expect(first!.result?.content?.[0]?.text).toBe("1");
    expect(second!.error?.code).toBe(-32800);
    expect(third!.result?.content?.[0]?.text).toBe("3");
    const ran = (await sleeper.received()).filter(({ method }) => method === "tools/call");
    expect(ran.map(({ params }) => (params!["arguments"] as { text?: string }).text)).toEqual(["1", "3", undefined]);
  },
);
