/** Sessions that nobody ends expire and leave nothing behind. */
import { expect } from "vitest";
import { until, type Running } from "../../fixtures/harness.ts";
import { test } from "../../fixtures/process.ts";

/** Asks for the answer as an event stream. */
const streamed = { headers: { accept: "text/event-stream" } };

const openMany = ({ client }: Pick<Running, "client">, sessions: number) =>
  Promise.all(Array.from({ length: sessions }, () => client().open()));

test("200 abandoned sessions on a shared server all expire", async ({ start }) => {
  const running = await start({ service: { isolation: "shared", idleTtl: 300 } });
  await openMany(running, 200);
  await until("no session is left", () => running.service.sessions.size === 0);
  expect(running.service.children).toBe(1);
});

test("abandoned sessions with servers of their own expire, and their processes end", async ({ start, roll }) => {
  const running = await start({ child: ["--roll", roll.folder], service: { idleTtl: 300, maxChildren: 4 } });
  await openMany(running, 12);
  await until("no session is left", () => running.service.sessions.size === 0);
  await until("only the warm spare is left", () => roll.living.length <= 1 && running.service.children <= 1);
});

test("a session does not expire while it is in use", async ({ start }) => {
  const { open, service } = await start({ service: { isolation: "shared", idleTtl: 300 } });
  const [caller, listener, idle] = [await open(), await open(), await open()];
  const leave = new AbortController();
  await listener.get({}, leave.signal);
  await caller.text("slow", { ms: 1_000 });
  expect((await idle.tool("echo")).error?.code).toBe(-32001);
  expect(await caller.text("echo", { text: "here" })).toBe("here");
  expect(await listener.text("echo", { text: "here" })).toBe("here");
  leave.abort();
  await until("it has expired after its stream ended", () => service.sessions.size === 0);
});

test("the memory of abandoned sessions is freed", async ({ run }) => {
  const gateway = await run({ flags: ["--isolation", "shared", "--idle-ttl", "400ms"], memory: 64 });
  for (let ended = 100; ended <= 300; ended += 100) {
    // Each session keeps an answer for resuming: 75 MiB in all.
    for (const client of await openMany(gateway, 100)) void client.tool("big", { bytes: 256 * 1024 }, streamed);
    await until("all have expired", () => gateway.log.split("AUTH session-closed").length > ended);
  }
});
