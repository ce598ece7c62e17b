/** Failure case 1: sessions that nobody ends are forgotten, and nothing of them stays. */
import { expect } from "vitest";
import { until, type Running } from "../../fixtures/harness.ts";
import { test } from "../../fixtures/process.ts";

/** Has an answer sent as an event. */
const streamed = { headers: { accept: "text/event-stream" } };

const openMany = ({ client }: Pick<Running, "client">, sessions: number) =>
  Promise.all(Array.from({ length: sessions }, () => client().open()));

test("200 abandoned sessions on a shared server are all forgotten", async ({ start }) => {
  const running = await start({ service: { isolation: "shared", idleTtl: 300 } });
  await openMany(running, 200);
  await until("no session is left", () => running.service.sessions.size === 0);
  expect(running.service.children).toBe(1);
});

test("abandoned sessions with servers of their own are forgotten, and their processes end", async ({ start, roll }) => {
  const running = await start({ child: ["--roll", roll.folder], service: { idleTtl: 300, maxChildren: 4 } });
  await openMany(running, 12);
  await until("no session is left", () => running.service.sessions.size === 0);
  await until("only the warm spare is left", () => roll.living.length <= 1 && running.service.children <= 1);
});

test("a session in use is not forgotten, however long it is used", async ({ start }) => {
  const { open, service } = await start({ service: { isolation: "shared", idleTtl: 300 } });
  const [caller, listener, idle] = [await open(), await open(), await open()];
  const leave = new AbortController();
  await listener.get({}, leave.signal);
  await caller.text("slow", { ms: 1_000 });
  expect((await idle.tool("echo")).error?.code).toBe(-32001);
  expect(await caller.text("echo", { text: "here" })).toBe("here");
  expect(await listener.text("echo", { text: "here" })).toBe("here");
  leave.abort();
  await until("it is forgotten when its stream has ended", () => service.sessions.size === 0);
});

test("what abandoned sessions held is free again", async ({ run }) => {
  const gateway = await run({ flags: ["--isolation", "shared", "--idle-ttl", "400ms"], memory: 64 });
  for (let ended = 100; ended <= 300; ended += 100) {
    // Each session has an answer kept for resuming: 75 MiB in all.
    for (const client of await openMany(gateway, 100)) void client.tool("big", { bytes: 256 * 1024 }, streamed);
    await until("all have been forgotten", () => gateway.log.split("AUTH session-closed").length > ended);
  }
});
