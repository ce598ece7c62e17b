/** How a modern request is answered: as JSON or as an event stream, with heartbeats while it takes long. */
import { setTimeout as sleep } from "node:timers/promises";
import { expect } from "vitest";
import { eventsOf, isStream, type Received } from "../../fixtures/client.ts";
import { test, until } from "../../fixtures/harness.ts";
import { ModernClient, servers } from "../../fixtures/modern-client.ts";

const [[, modern]] = servers as [(typeof servers)[0]];
const accept = (accept: string) => ({ headers: { accept } });
const JSON_TYPE = "application/json";
const STREAM_TYPE = "text/event-stream";

/** A call that reports progress. */
const PROGRESS = { name: "progress", arguments: { times: 2, text: "on" } };
const ECHO = { name: "echo", arguments: { text: "hello" } };

const textOf = ({ result }: Received) => result?.content?.[0]?.text;

async function messagesIn(response: Response): Promise<(Received | undefined)[]> {
  const messages = [];
  for await (const { id, message } of eventsOf(response)) {
    expect(id).toBeUndefined(); // nothing can be resumed
    messages.push(message);
  }
  return messages;
}

const allIn = async (response: Response) =>
  isStream(response) ? messagesIn(response) : [(await response.json()) as Received];

for (const [name, settings] of servers) {
  test.concurrent(
    `an answer without earlier messages is JSON, one after other messages comes on a stream, ${name}`,
    async ({ start }) => {
      const client = new ModernClient(await start(settings));
      const quick = await client.send("tools/call", ECHO);
      expect(quick.headers.get("content-type")).toBe(JSON_TYPE);
      expect(textOf((await quick.json()) as Received)).toBe("hello");
      const slow = await client.send("tools/call", PROGRESS, { progressToken: "p", id: "mine" });
      expect(slow.headers.get("content-type")).toBe(STREAM_TYPE);
      expect(slow.headers.get("x-accel-buffering")).toBe("no");
      expect(slow.headers.get("cache-control")).toMatch(/no-cache/);
      expect(await messagesIn(slow)).toMatchObject([
        { method: "notifications/progress", params: { progressToken: "p", progress: 1 } },
        { method: "notifications/progress", params: { progressToken: "p", progress: 2 } },
        { id: "mine", result: { resultType: "complete", content: [{ text: "on" }] } },
      ]);
    },
  );
}

/** Accept headers, the type of an answer without earlier messages, and of one with them. */
const ACCEPTED = [
  ["application/json, text/event-stream", JSON_TYPE, STREAM_TYPE],
  ["text/event-stream, application/json;q=0.5", JSON_TYPE, STREAM_TYPE],
  ["*/*", JSON_TYPE, STREAM_TYPE],
  ["application/json", JSON_TYPE, JSON_TYPE],
  ["application/*", JSON_TYPE, JSON_TYPE],
  ["text/event-stream", STREAM_TYPE, STREAM_TYPE],
  ["text/*", STREAM_TYPE, STREAM_TYPE],
] as const;

test.concurrent("a client gets its answer in a form that it accepts", async ({ start }) => {
  const client = new ModernClient(await start(modern));
  for (const [accepted, quick, slow] of ACCEPTED) {
    const first = await client.send("tools/call", ECHO, accept(accepted));
    const second = await client.send("tools/call", PROGRESS, { progressToken: 1, ...accept(accepted) });
    const types = [first, second].map(({ headers }) => headers.get("content-type"));
    expect(types, accepted).toEqual([quick, slow]);
    const [before, after] = [await allIn(first), await allIn(second)];
    expect([before.length, after.length], accepted).toEqual([1, slow === STREAM_TYPE ? 3 : 1]);
    expect([textOf(before.at(-1)!), textOf(after.at(-1)!)]).toEqual(["hello", "on"]);
  }
});

test.concurrent("a client that accepts neither form gets 406, and subscribing requires a stream", async ({ start }) => {
  const client = new ModernClient(await start(modern));
  expect((await client.send("tools/call", ECHO, accept("text/html"))).status).toBe(406);
  const listening = await client.send("subscriptions/listen", { notifications: {} }, accept("application/json"));
  expect(listening.status).toBe(406);
  expect((await client.received()).map(({ method }) => method)).not.toContain("subscriptions/listen");
});

test.concurrent("a slow call becomes a stream at the first heartbeat", async ({ start }) => {
  const client = new ModernClient(await start({ ...modern, heartbeat: 100 }));
  const response = await client.send("tools/call", { name: "slow", arguments: { ms: 1_500, text: "late" } }, { id: 7 });
  expect(response.headers.get("content-type")).toBe(STREAM_TYPE);
  const text = await response.text();
  expect(text.match(/^: $/gm)!.length).toBeGreaterThan(2);
  expect(text).toMatch(/\ndata: \{"jsonrpc":"2\.0","id":7,"result":[^\n]*"late"[^\n]*\n\n$/);
  expect(text).not.toMatch(/^(id|retry):/m);
});

test.concurrent("heartbeats stop when a call is answered or its client leaves", async ({ start }) => {
  const running = await start({ ...modern, heartbeat: 40 });
  const client = new ModernClient(running);
  const leave = new AbortController();
  const left = client.send(
    "tools/call",
    { name: "heedless", arguments: { ms: 1_000 } },
    { signal: leave.signal, ...accept(JSON_TYPE) },
  );
  await until("it is open", () => running.service.openCalls === 1);
  leave.abort();
  await expect(left).rejects.toThrow(/abort/);
  for (const accepted of [JSON_TYPE, STREAM_TYPE, `${JSON_TYPE}, ${STREAM_TYPE}`])
    for (const name of ["echo", "fail"]) await client.tool(name, {}, accept(accepted));
  await client.send("tools/call", ECHO, { headers: { "mcp-method": "tools/list" } });
  await client.tool("routed", { region: "eu" }); // refused for its parameter headers, which are checked last
  await sleep(400); // a heartbeat on a closed response would be an uncaught error
  expect(await client.text("echo", { text: "goes on" })).toBe("goes on");
});

test.concurrent("a client that accepts only JSON gets no heartbeats", async ({ start }) => {
  const client = new ModernClient(await start({ ...modern, heartbeat: 50 }));
  const response = await client.send(
    "tools/call",
    { name: "slow", arguments: { ms: 600 } },
    accept("application/json"),
  );
  expect([response.status, response.headers.get("content-type")]).toEqual([200, JSON_TYPE]);
  expect(textOf((await response.json()) as Received)).toBe("done");
});

test.concurrent("an error after other messages is the last event of the stream", async ({ start }) => {
  const client = new ModernClient(await start({ ...modern, service: { requestTimeout: 1_000 } }));
  const late = { name: "progress", arguments: { times: 1, ms: 60_000 } };
  const response = await client.send("tools/call", late, { progressToken: "p", id: "late" });
  expect(await messagesIn(response)).toMatchObject([
    { method: "notifications/progress" },
    {
      id: "late",
      error: { code: -32603, message: expect.stringMatching(/did not answer tools\/call within 1 s/) as string },
    },
  ]);
});

test.concurrent("a large answer arrives intact in both forms", async ({ start }) => {
  const client = new ModernClient(await start(modern));
  for (const accepted of [JSON_TYPE, STREAM_TYPE]) {
    const text = await client.text("big", { bytes: 3_000_000 }, accept(accepted));
    expect(text === "\u20ac".repeat(1_000_000)).toBe(true);
  }
});
