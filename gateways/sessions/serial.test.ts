/** `serial`: a shared server that is given one call at a time, because it loses writes otherwise. */
import { writeFileSync } from "node:fs";
import { expect } from "vitest";
import type { Client, Received } from "../fixtures/client.ts";
import { test, until } from "../fixtures/harness.ts";

const service = { isolation: "shared", serial: true } as const;

/** The calls that reached the server. */
const callsSeen = async (client: Client) =>
  (await client.received()).filter(({ method }) => method === "tools/call").map(({ params }) => params!["name"]);

/** Cancels a call, again and again because the call may arrive later than its cancellation. */
async function cancelled(client: Client, id: string, call: Promise<Received>): Promise<Received> {
  let answered = false;
  void call.then(() => (answered = true));
  await until("the cancelled call is answered", async () => {
    await client.cancel(id);
    return answered;
  });
  return call;
}

test.concurrent("calls of several sessions run one at a time and in their order", async ({ start }) => {
  const { open } = await start({ service });
  const clients = [await open(), await open(), await open()];
  const calls = [0, 1, 2, 3, 4, 5].map((n) => clients[n % 3]!.text("heedless", { ms: 20, text: `${n}` }));
  expect(await Promise.all(calls)).toEqual(["0", "1", "2", "3", "4", "5"]);
  expect(await clients[0]!.text("mostRunning")).toBe("1");
});

test.concurrent("without serial the same calls run side by side", async ({ start, roll }) => {
  const { open } = await start({ service: { isolation: "shared" } });
  const client = await open();
  const released = `${roll.folder}/released`;
  const calls = [1, 2, 3].map(() => client.text("held", { text: released }));
  await until("all three run", async () => (await client.text("mostRunning")) === "3");
  writeFileSync(released, "");
  expect(await Promise.all(calls)).toEqual(["released", "released", "released"]);
});

test.concurrent(
  "a cancelled call is answered at once but keeps its turn until the server has finished it",
  async ({ start, roll }) => {
    const { open } = await start({ service });
    const [hasty, patient] = [await open(), await open()];
    const released = `${roll.folder}/released`;
    const { error } = await cancelled(hasty, "id", hasty.tool("held", { text: released }, { id: "id" }));
    expect(error?.code).toBe(-32800);
    const next = patient.text("heedless", { ms: 50 });
    await patient.request("tools/list"); // the call before it has arrived by now
    writeFileSync(released, "");
    await next;
    expect(await patient.text("mostRunning")).toBe("1");
  },
);

test.concurrent(
  "a call that is cancelled before its turn never runs, and those behind it do",
  async ({ start, roll }) => {
    const { open } = await start({ service });
    const [ann, bob] = [await open(), await open()];
    const released = `${roll.folder}/released`;
    const running = ann.text("held", { text: released });
    const { error } = await cancelled(ann, "id", ann.tool("count", {}, { id: "id" }));
    expect(error?.code).toBe(-32800);
    const behind = bob.text("echo", { text: "behind" });
    writeFileSync(released, "");
    expect(await Promise.all([running, behind])).toEqual(["released", "behind"]);
    expect(await callsSeen(ann)).toEqual(["held", "echo", "received"]);
  },
);

test.concurrent("what only looks, such as tools/list and ping, does not wait for its turn", async ({ start, roll }) => {
  const { open } = await start({ service });
  const client = await open();
  const released = `${roll.folder}/released`;
  const held = client.text("held", { text: released });
  expect((await client.request("ping")).result).toEqual({});
  expect((await client.request("tools/list")).result).toHaveProperty("tools");
  writeFileSync(released, "");
  await held;
});

test.concurrent("a server that dies during a serial call does not stop the queue", async ({ start }) => {
  const { open } = await start({ service });
  const client = await open();
  const [crashed, next] = await Promise.all([client.tool("crash"), client.tool("count")]);
  expect(crashed.error?.message).toMatch(/exit code 3/);
  expect(next.result?.content?.[0]?.text).toBe("1");
});
