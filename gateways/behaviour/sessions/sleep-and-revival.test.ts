/** Sessions outlive their servers: at the cap the one idle longest is put to sleep, and its next call wakes it. */
import { setTimeout as sleep } from "node:timers/promises";
import { expect } from "vitest";
import type { Client } from "../../fixtures/client.ts";
import { test, until } from "../../fixtures/harness.ts";

const methodsOf = async (client: Client) => (await client.received()).map(({ method }) => method);

test.concurrent("three sessions that take turns share two server processes", async ({ start, roll }) => {
  const { open } = await start({ child: ["--roll", roll.folder], service: { maxChildren: 2 } });
  const clients = [await open(), await open(), await open()];
  let most = 0;
  for (let turn = 0; turn < 2; turn++) {
    for (const [index, client] of clients.entries()) {
      expect(await client.text("echo", { text: `${turn} ${index}` })).toBe(`${turn} ${index}`);
      most = Math.max(most, roll.living.length);
    }
  }
  expect(most).toBeLessThanOrEqual(2);
});

test.concurrent(
  "when a session wakes, its new server gets its initialize, log level and subscriptions",
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

test.concurrent("a session whose server died continues with a new one", async ({ start }) => {
  const { open } = await start();
  const client = await open();
  expect(await client.text("count")).toBe("1");
  await client.tool("crash");
  expect(await client.text("count")).toBe("1");
  expect(await methodsOf(client)).toContain("initialize");
});

test.concurrent("without revival, a session is not found after its server died", async ({ start }) => {
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
  "a session with an open call is not put to sleep, and whoever needs its process waits",
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
  "a session with an open client request is not put to sleep before it is answered",
  async ({ start }) => {
    const { open, service } = await start({ service: { maxChildren: 1 } });
    const client = await open("2025-11-25", { roots: {} });
    // The client request stays open although its call has been cancelled.
    const id = 7;
    const call = client.tool("ask", { method: "roots/list" }, { id, onMessage: () => void client.cancel(id) });
    expect((await call).error?.code).toBe(-32800);
    await until("only the client request is open", () => service.openCalls === 0);
    let opened = false;
    const opening = open().then(() => (opened = true));
    await until("another session needs the process", () => service.openCalls === 1);
    await sleep(500);
    expect(opened).toBe(false);
    await client.post({ jsonrpc: "2.0", id: "server-1", result: { roots: [] } });
    await opening;
    expect(await client.text("echo", { text: "awake again" })).toBe("awake again");
  },
);

test.concurrent(
  "calls that come while a session wakes run once each, and one that is cancelled meanwhile never runs",
  async ({ start }) => {
    const { open } = await start({ child: ["--slow", "400"], service: { maxChildren: 1 } });
    const sleeper = await open();
    await open();
    const calls = [1, 2, 3].map((id) => sleeper.tool("echo", { text: `${id}` }, { id }));
    await until("the calls have arrived", async () => (await sleeper.cancel(2)).ok);
    const [first, second, third] = await Promise.all(calls);
    expect(first!.result?.content?.[0]?.text).toBe("1");
    expect(second!.error?.code).toBe(-32800);
    expect(third!.result?.content?.[0]?.text).toBe("3");
    const ran = (await sleeper.received()).filter(({ method }) => method === "tools/call");
    expect(ran.map(({ params }) => (params!["arguments"] as { text?: string }).text)).toEqual(["1", "3", undefined]);
  },
);
