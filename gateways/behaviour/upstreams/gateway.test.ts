/** A gateway behind a gateway: everything that passes through one passes through two. */
import { expect } from "vitest";
import { eventsOf, type Received } from "../../fixtures/client.ts";
import { test, until, type Running, type Settings } from "../../fixtures/harness.ts";

/** A gateway in front of a gateway. */
async function startTwo(start: (settings?: Settings) => Promise<Running>, inner: Settings = {}) {
  const behind = await start(inner);
  const server = { kind: "http", url: `http://127.0.0.1:${behind.port}/mcp`, headers: {} } as const;
  return { behind, front: await start({ service: { server, requestTimeout: 2_000 } }) };
}

test.concurrent("sessions stay apart through two gateways, and end in both", async ({ start, roll }) => {
  const { front, behind } = await startTwo(start, { child: ["--roll", roll.folder] });
  const [ann, bob] = [await front.open(), await front.open()];
  expect(await ann.text("count")).toBe("1");
  expect(await ann.text("count", {}, { headers: { accept: "text/event-stream" } })).toBe("2");
  expect(await bob.text("count")).toBe("1");
  const pids = await Promise.all([ann.text("pid"), bob.text("pid")]);
  await ann.end();
  await until("her server has ended", () => !roll.living.includes(Number(pids[0])));
  expect(roll.living).toContain(Number(pids[1]));
  expect(await bob.text("count")).toBe("2");
  expect(behind.service.openCalls).toBe(0);
});

test.concurrent("progress passes two gateways with the caller's own token", async ({ start }) => {
  const { front } = await startTwo(start);
  const client = await front.open();
  const progress: unknown[] = [];
  const onMessage = ({ params }: Received) => progress.push(params);
  await client.text("progress", { times: 3, ms: 20, text: "on" }, { progressToken: "mine", onMessage });
  expect(progress).toEqual([1, 2, 3].map((step) => ({ progressToken: "mine", progress: step, message: "on" })));
});

test.concurrent("a cancelled call and one that takes too long end in both gateways", async ({ start }) => {
  const { front, behind } = await startTwo(start);
  const client = await front.open();
  const cancelled = client.tool("slow", { ms: 60_000 }, { id: "mine" });
  const late = client.tool("slow", { ms: 60_000 });
  await until("both are running", () => behind.service.openCalls === 2);
  await client.cancel("mine");
  expect((await cancelled).error?.code).toBe(-32800);
  expect((await late).error?.message).toMatch(/did not answer tools\/call within 2 s/);
  await until("no call is open at the inner gateway", () => behind.service.openCalls === 0);
  const told = (await client.received()).filter(({ method }) => method === "notifications/cancelled");
  expect(told).toHaveLength(2);
});

test.concurrent("a client request passes two gateways, and so does its answer", async ({ start }) => {
  const { front } = await startTwo(start);
  const client = await front.open("2025-11-25", { elicitation: {} });
  const onMessage = ({ id, method }: Received) => void client.post({ jsonrpc: "2.0", id, result: { asked: method } });
  const answer = await client.text("ask", { method: "elicitation/create" }, { onMessage });
  expect(JSON.parse(answer)).toEqual({ result: { asked: "elicitation/create" } });
});

test.concurrent(
  "a notification that belongs to no call passes two gateways on the session's own stream",
  async ({ start }) => {
    const { front } = await startTwo(start);
    const client = await front.open();
    const events = eventsOf(await client.get());
    const method = "notifications/tools/list_changed";
    await client.text("notify", { method }, { headers: { accept: "application/json" } });
    const { value } = await events.next();
    expect(value?.message?.method).toBe(method);
  },
);

test.concurrent(
  "a session whose upstream has forgotten it continues with a new upstream session",
  async ({ start }) => {
    const { front, behind } = await startTwo(start);
    const client = await front.open();
    expect(await client.text("count")).toBe("1");
    await behind.gateway.stop();
    await start({ port: behind.port });
    const { error, result } = await client.tool("count");
    expect(error?.message ?? result?.content?.[0]?.text).toMatch(/^1$|has not run/);
    await until("it goes on", async () => (await client.tool("count")).result !== undefined);
  },
);
