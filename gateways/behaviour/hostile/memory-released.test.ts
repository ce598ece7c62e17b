/** However a call ends, what was counted for it is given back: nothing of the memory budget is ever lost. */
import { expect } from "vitest";
import { cancelUntilAnswered, test, until, type Running } from "../../fixtures/harness.ts";
import { sendUnread, toolCall } from "../../fixtures/unread.ts";

const MiB = 1024 * 1024;

const nothingIsHeld = ({ gateway }: Running) =>
  until("nothing is held any more", () => {
    const { bytes, requests } = gateway.memory.whole;
    return bytes === 0 && requests === 0;
  });

for (const isolation of ["session", "shared"] as const) {
  const service = { isolation, requestTimeout: 500 };

  test(`answers, errors, refusals and progress, isolation ${isolation}`, async ({ start }) => {
    const running = await start({ service: { isolation } });
    const client = await running.open();
    await client.text("echo", { text: "x" });
    await client.tool("no such tool");
    await client.text("big", { bytes: 8 * MiB });
    await client.request("no/such/method");
    await client.tool("progress", { times: 3 }, { progressToken: 1 });
    await client.post("{");
    await client.post("x".repeat(11 * MiB)).catch(() => {});
    await client.request("resources/subscribe", { uri: "a:" });
    await client.request("resources/unsubscribe", { uri: "a:" });
    await client.end();
    await nothingIsHeld(running);
  });

  test(`timeouts, cancelled calls, a server that crashes, isolation ${isolation}`, async ({ start }) => {
    const running = await start({ service });
    const client = await running.open();
    await client.tool("slow", { ms: 60_000 });
    await cancelUntilAnswered(client, "c", client.tool("slow", { ms: 60_000 }, { id: "c" }));
    await Promise.all([client.tool("slow", { ms: 60_000 }), client.tool("crash")]);
    await until("its server is back", async () => (await client.tool("echo", { text: "x" })).result);
    await client.end();
    await nothingIsHeld(running);
  });

  test(`clients that leave with calls, bodies, answers and streams open, isolation ${isolation}`, async ({
    start,
    onTestFinished,
  }) => {
    const running = await start({ service });
    const client = await running.open();
    const sockets = [
      sendUnread(client, undefined, onTestFinished),
      sendUnread(client, toolCall(1, "big", { bytes: 12 * MiB }), onTestFinished),
      sendUnread(client, toolCall(2, "slow", { ms: 60_000 }), onTestFinished),
      sendUnread(client, toolCall(3, "progress", { times: 9, ms: 20 }), onTestFinished),
    ];
    await until("they are open", () => running.gateway.memory.whole.requests === sockets.length);
    await until("an answer waits", () => running.gateway.memory.whole.bytes > 8 * MiB);
    for (const socket of sockets) socket.destroy();
    await until("no request is open", () => running.gateway.memory.whole.requests === 0);
    await client.end();
    await nothingIsHeld(running);
  });

  test(`a session that ends while its calls run and its stream is open, isolation ${isolation}`, async ({ start }) => {
    const running = await start({ service: { ...service, requestTimeout: 60_000 } });
    const client = await running.open();
    await client.listen();
    await client.request("resources/subscribe", { uri: "a:" });
    const calls = [1, 2, 3].map((id) => client.tool("slow", { ms: 60_000 }, { id }).catch(() => {}));
    await until("they run", () => running.service.openCalls === calls.length);
    await client.end();
    await Promise.all(calls);
    await nothingIsHeld(running);
  });
}

test("calls that wait for their turn at a serial server and are left there", async ({ start }) => {
  const running = await start({ service: { isolation: "shared", serial: true, requestTimeout: 1_000 } });
  const client = await running.open();
  const leave = new AbortController();
  const calls = [1, 2, 3, 4].map((id) =>
    client.tool("slow", { ms: 100, text: "x".repeat(MiB) }, { id, signal: leave.signal }).catch(() => {}),
  );
  await until("they wait", () => running.gateway.memory.whole.bytes > 3 * MiB);
  leave.abort();
  await Promise.all(calls);
  await until("no call is open", () => running.service.openCalls === 0);
  await client.end();
  await nothingIsHeld(running);
});

test("input that a server has not read when it is ended", async ({ start }) => {
  const running = await start({ service: { isolation: "session", requestTimeout: 500 } });
  const client = await running.open();
  await client.text("deaf");
  await Promise.all([1, 2, 3].map(() => client.tool("echo", { text: "x".repeat(2 * MiB) })));
  await client.end();
  await nothingIsHeld(running);
});

test("calls that are open when the gateway ends", async ({ start }) => {
  const running = await start({ service: { isolation: "shared" }, drainTimeout: 100 });
  const client = await running.open();
  await client.listen();
  const call = client.tool("slow", { ms: 60_000 }).catch(() => {});
  await until("it runs", () => running.service.openCalls === 1);
  await running.gateway.stop();
  await call;
  await nothingIsHeld(running);
  expect(running.gateway.memory.whole.bytes).toBe(0);
});
