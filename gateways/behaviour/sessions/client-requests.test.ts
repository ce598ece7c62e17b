/** Client requests: whose answer it is, how many may be open, and where they go when the client is away. */
import { expect } from "vitest";
import type { Client, Received } from "../../fixtures/client.ts";
import { until } from "../../fixtures/harness.ts";
import { test } from "../../fixtures/process.ts";

const json = { headers: { accept: "application/json" } };
/** A call that outlasts the test. */
const slow = (id: number) => ({
  jsonrpc: "2.0",
  id,
  method: "tools/call",
  params: { name: "slow", arguments: { ms: 60_000 } },
});
const answer = (client: Client, id: unknown, result: object) => client.post({ jsonrpc: "2.0", id, result });

test.concurrent(
  "a client request is cancelled when its server dies, and its answer never reaches the next server",
  async ({ start }) => {
    const { open } = await start();
    const client = await open("2025-11-25", { roots: {} });
    const messages = await client.listen();
    const dead = client.tool("ask", { method: "roots/list" }, json);
    await until("the request is received", () => messages.length === 1);
    await client.tool("crash");
    expect((await dead).error?.message).toMatch(/exit code 3/);
    const next = client.text("ask", { method: "sampling/createMessage" }, json);
    await until("the next server's request is received", () => messages.length === 3);
    const [first, cancelled, second] = messages as [Received, Received, Received];
    expect(cancelled).toMatchObject({ method: "notifications/cancelled", params: { requestId: first.id } });
    expect(second.method).toBe("sampling/createMessage");
    expect(second.id).not.toBe(first.id);
    await answer(client, first.id, { meant: "for the first" });
    await answer(client, second.id, { meant: "for the second" });
    expect(JSON.parse(await next)).toEqual({ result: { meant: "for the second" } });
  },
);

test.concurrent("a client request is answered once, and a second answer reaches nobody", async ({ start }) => {
  const { open } = await start();
  const client = await open("2025-11-25", { roots: {} });
  const messages = await client.listen();
  const call = client.text("ask", { method: "roots/list" }, json);
  await until("the request is received", () => messages.length === 1);
  for (const meant of ["first", "again"]) await answer(client, messages[0]!.id, { meant });
  expect(JSON.parse(await call)).toEqual({ result: { meant: "first" } });
  expect((await client.received()).filter(({ method }) => method === undefined)).toHaveLength(1);
});

test.concurrent("a server may have 1,000 client requests open, and more are refused", async ({ start }) => {
  const { open } = await start();
  const client = await open("2025-11-25", { roots: {} });
  await client.text("askMany", { times: 1_200 }, json);
  const answered = async () => (await client.received()).filter(({ method }) => method === undefined);
  await until("200 have been refused", async () => (await answered()).length === 200);
  for (const { error } of await answered()) expect(error?.code).toBe(-32000);
});

test.concurrent("large client requests that nobody answers do not fill the gateway's memory", async ({ run }) => {
  const gateway = await run({ memory: 80 });
  const [silent, other] = [await gateway.client().open(), await gateway.client().open()];
  for (let times = 0; times < 3; times++) await silent.text("askMany", { times: 40, bytes: 900_000 }, json);
  expect(await other.text("count")).toBe("1");
});

test.concurrent(
  "when the client of the only open batch is gone, a client request goes to the session's own stream",
  async ({ start }) => {
    const { open, service } = await start();
    const client = await open("2025-03-26", { roots: {} });
    const leave = new AbortController();
    const batch = client.post([slow(101), slow(102)], {}, leave.signal);
    await until("the batch is open", () => service.openCalls === 2);
    leave.abort();
    await expect(batch).rejects.toThrow(/abort/);
    const call = client.text("ask", { method: "roots/list" }, json);
    const isSent = async () => (await client.text("received", {}, json)).includes("roots/list");
    await until("the request is sent, and nobody reads", isSent);
    const messages = await client.listen();
    await until("the request is received", () => messages.length === 1);
    await answer(client, messages[0]!.id, { roots: [] });
    expect(JSON.parse(await call)).toEqual({ result: { roots: [] } });
  },
);
