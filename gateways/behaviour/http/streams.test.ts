/** The session's own stream, and the heartbeats of silent streams. */
import { expect } from "vitest";
import { eventsOf, isStream, type Client } from "../../fixtures/client.ts";
import { test, until } from "../../fixtures/harness.ts";

/** Has the server send a notification that its call cannot take, so that it goes to the session's own stream. */
const say = (client: Client, data: string) =>
  client.text("notify", { method: "notifications/message", params: { level: "info", data } }, onlyJson);

const onlyJson = { headers: { accept: "application/json" } };

test.concurrent("a GET without a session is 405, as clients of other transports expect", async ({ start }) => {
  const { client } = await start({ service: { isolation: "shared" } });
  for (const accept of ["text/event-stream", "application/json", "*/*"]) {
    const response = await client().get({ accept });
    expect(response.status).toBe(405);
    expect(response.headers.get("allow")).toMatch(/POST/);
    expect(await response.json()).toMatchObject({ jsonrpc: "2.0", id: null, error: { code: -32000 } });
  }
});

test.concurrent(
  "a second GET takes the stream over: the first ends gracefully, and the server keeps its state",
  async ({ start }) => {
    const { open } = await start();
    const client = await open();
    expect(await client.text("count")).toBe("1");
    const first = eventsOf(await client.get());
    await say(client, "one");
    expect((await first.next()).value?.message?.params).toMatchObject({ data: "one" });
    const second = eventsOf(await client.get());
    expect((await first.next()).done).toBe(true);
    await say(client, "two");
    expect((await second.next()).value?.message?.params).toMatchObject({ data: "two" });
    expect(await client.text("count")).toBe("2");
  },
);

test.concurrent("notifications that come while there is no stream are kept for the next GET", async ({ start }) => {
  const { open } = await start();
  const client = await open();
  for (const data of ["one", "two"]) await say(client, data);
  const events = eventsOf(await client.get());
  for (const data of ["one", "two"]) expect((await events.next()).value?.message?.params).toMatchObject({ data });
});

test.concurrent("DELETE ends the session's streams and its server", async ({ start, roll }) => {
  const { open } = await start({ child: ["--roll", roll.folder] });
  const client = await open();
  const pid = Number(await client.text("pid"));
  const stream = await client.get();
  expect((await client.end()).status).toBe(200);
  expect(await stream.text()).toBe(": \n\n");
  await until("its server is gone", () => !roll.living.includes(pid));
});

test.concurrent("a slow call becomes a stream with heartbeats", async ({ start }) => {
  const { open } = await start({ heartbeat: 100, service: { isolation: "shared" } });
  const client = await open();
  const params = { name: "slow", arguments: { ms: 1_000 } };
  const response = await client.post({ jsonrpc: "2.0", id: 1, method: "tools/call", params });
  expect(isStream(response)).toBe(true);
  const text = await response.text();
  expect(text.match(/^:/gm)!.length).toBeGreaterThan(2);
  expect(text).toMatch(/"id":1,"result".*done/);
});

test.concurrent("a client that accepts only JSON gets JSON, however long the call takes", async ({ start }) => {
  const { open } = await start({ heartbeat: 100, service: { isolation: "shared" } });
  const client = await open();
  const params = { name: "slow", arguments: { ms: 500 } };
  const response = await client.post(
    { jsonrpc: "2.0", id: 1, method: "tools/call", params },
    { accept: "application/json" },
  );
  expect(response.headers.get("content-type")).toBe("application/json");
  expect(await response.text()).toMatch(/done/);
});

test.concurrent("the session's own stream has heartbeats", async ({ start }) => {
  const { open } = await start({ heartbeat: 100, service: { isolation: "shared" } });
  const reader = (await (await open()).get()).body!.pipeThrough(new TextDecoderStream()).getReader();
  for (let beats = 0; beats < 3; beats++) expect((await reader.read()).value).toBe(": \n\n");
  await reader.cancel();
});
