/** `serial`: a shared server gets one call at a time, because it would lose writes otherwise. */
import { writeFileSync } from "node:fs";
import { expect } from "vitest";
import type { Client } from "../../fixtures/client.ts";
import { cancelUntilAnswered, test, until } from "../../fixtures/harness.ts";

const service = { isolation: "shared", serial: true } as const;

/** The calls that reached the server. */
const callsSeen = async (client: Client) =>
  (await client.received()).filter(({ method }) => method === "tools/call").map(({ params }) => params!["name"]);

test.concurrent("calls of several sessions run one at a time and in order", async ({ start }) => {
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
    const { error } = await cancelUntilAnswered(hasty, "id", hasty.tool("held", { text: released }, { id: "id" }));
    expect(error?.code).toBe(-32800);
    const next = patient.text("heedless", { ms: 50 });
    await patient.request("tools/list"); // the call before it has arrived by now
    writeFileSync(released, "");
    await next;
    expect(await patient.text("mostRunning")).toBe("1");
  },
);

test.concurrent(
  "a call that is cancelled before its turn never runs, and the next ones do",
  async ({ start, roll }) => {
    const { open } = await start({ service });
    const [ann, bob] = [await open(), await open()];
    const released = `${roll.folder}/released`;
    const running = ann.text("held", { text: released });
    const { error } = await cancelUntilAnswered(ann, "id", ann.tool("count", {}, { id: "id" }));
    expect(error?.code).toBe(-32800);
    const behind = bob.text("echo", { text: "behind" });
    writeFileSync(released, "");
    expect(await Promise.all([running, behind])).toEqual(["released", "behind"]);
    expect(await callsSeen(ann)).toEqual(["held", "echo", "received"]);
  },
);

test.concurrent(
  "read-only requests such as tools/list and ping do not wait for their turn",
  async ({ start, roll }) => {
    const { open } = await start({ service });
    const client = await open();
    const released = `${roll.folder}/released`;
    const held = client.text("held", { text: released });
    expect((await client.request("ping")).result).toEqual({});
    expect((await client.request("tools/list")).result).toHaveProperty("tools");
    writeFileSync(released, "");
    await held;
  },
);

test.concurrent("a server that dies during a serial call does not stop the queue", async ({ start }) => {
  const { open } = await start({ service });
  const client = await open();
  const [crashed, next] = await Promise.all([client.tool("crash"), client.tool("count")]);
  expect(crashed.error?.message).toMatch(/exit code 3/);
  expect(next.result?.content?.[0]?.text).toBe("1");
});

test.concurrent(
  "a call that times out ends its server, so that the next call never runs beside it",
  async ({ start, roll }) => {
    // The server ignores both cancellation and SIGTERM.
    const child = ["--stubborn", "--roll", roll.folder];
    const { open } = await start({ child, service: { ...service, requestTimeout: 2_000 } });
    const [ann, bob] = [await open(), await open()];
    const first = await ann.text("pid");
    const late = ann.tool("held", { text: `${roll.folder}/never` });
    await until("it runs", async () => (await ann.request("tools/list")).result !== undefined);
    const next = bob.text("pid");
    expect((await late).error?.message).toMatch(/did not answer tools\/call.*may have run/);
    const pid = await next;
    expect(pid).not.toBe(first);
    expect(roll.living).toEqual([Number(pid)]);
  },
);

/** Sends a batch of calls without waiting for the answers. @returns what hangs up */
function callAndLeave(client: Client, calls: readonly object[]): () => void {
  const leave = new AbortController();
  const batch = calls.map((params, id) => ({ jsonrpc: "2.0", id, method: "tools/call", params }));
  void client.post(batch, {}, leave.signal).catch(() => {});
  return () => leave.abort();
}

test.concurrent("waiting calls of a session that ends do not run", async ({ start, roll }) => {
  const { open, service: running } = await start({ service });
  const [leaving, staying] = [await open("2025-03-26"), await open()];
  const released = `${roll.folder}/released`;
  const held = { name: "held", arguments: { text: released } };
  const leave = callAndLeave(leaving, [held, { name: "count" }, { name: "count" }]);
  await until("they have arrived", () => running.openCalls === 3);
  leave();
  await leaving.end();
  const next = staying.text("count");
  writeFileSync(released, "");
  expect(await next).toBe("1");
  expect(await callsSeen(staying)).toEqual(["held", "count", "received"]);
});

test.concurrent(
  "100 calls of one session may wait, and other sessions' calls are not refused",
  async ({ start, roll }) => {
    const { open, service: running } = await start({ service });
    const [greedy, modest] = [await open("2025-03-26"), await open()];
    const released = `${roll.folder}/released`;
    const leave = callAndLeave(
      greedy,
      Array.from({ length: 100 }, () => ({ name: "held", arguments: { text: released } })),
    );
    await until("they have arrived", () => running.openCalls === 100);
    expect((await greedy.tool("count")).error).toMatchObject({
      code: -32000,
      message: expect.stringMatching(/^100 calls of this client are waiting/) as string,
    });
    const other = modest.text("count");
    leave();
    await greedy.end();
    writeFileSync(released, "");
    expect(await other).toBe("1");
  },
);
