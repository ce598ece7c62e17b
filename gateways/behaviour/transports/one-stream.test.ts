/** What the clients of `/sse` and `/ws` have in common: one stream carries everything to the client. */
import { describe, expect } from "vitest";
import type { Received } from "../../fixtures/client.ts";
import { test, until, type Running } from "../../fixtures/harness.ts";
import { SseClient } from "../../fixtures/sse-client.ts";
import type { StreamClient } from "../../fixtures/stream-client.ts";
import { WebSocketClient } from "../../fixtures/web-socket-client.ts";

/** A client of a running gateway, with a token. */
type Connect = (gateway: Running, token?: string) => StreamClient;

const authorization = (token: string | undefined) =>
  token === undefined ? undefined : { authorization: `Bearer ${token}` };

const sse: Connect = ({ port }, token) => new SseClient(`http://127.0.0.1:${port}/sse`, authorization(token) ?? {});
const ws: Connect = ({ port }, token) => {
  const headers = authorization(token);
  return new WebSocketClient(`ws://127.0.0.1:${port}/ws`, ["mcp"], headers && { headers });
};

const call = (id: number | string, tool = "echo", args: object = { text: "x" }) => ({
  jsonrpc: "2.0",
  id,
  method: "tools/call",
  params: { name: tool, arguments: args },
});

const isQuestion = ({ method }: Received) => method === "sampling/createMessage";

describe.each([
  ["/sse", sse],
  ["/ws", ws],
])("a client of %s", (_, connect) => {
  test.concurrent("opens a session, uses it, and closes it with its stream", async ({ start }) => {
    const gateway = await start();
    const client = await connect(gateway).open();
    expect(await client.text("echo", { text: "back ü 🚢" })).toBe("back ü 🚢");
    expect(await client.text("count")).toBe("1");
    expect(await client.text("count")).toBe("2");
    expect(gateway.service.sessions.size).toBe(1);
    client.leave();
    await until("the session has ended", () => gateway.service.sessions.size === 0);
    expect(gateway.gateway.memory.whole.requests).toBe(0);
  });

  test.concurrent("gets progress, requests and notifications of its server on the stream", async ({ start }) => {
    const client = await connect(await start()).open("2024-11-05", { sampling: {} });
    expect(await client.text("progress", { times: 3, ms: 5, text: "on" }, { progressToken: "p" })).toBe("on");
    const progress = client.messages.filter(({ method }) => method === "notifications/progress");
    expect(progress.map(({ params }) => [params?.["progressToken"], params?.["progress"]])).toEqual([
      ["p", 1],
      ["p", 2],
      ["p", 3],
    ]);
    const asking = client.text("ask", { method: "sampling/createMessage", params: { messages: [], maxTokens: 1 } });
    await until("the server asks", () => client.messages.some(isQuestion));
    const { id } = client.messages.find(isQuestion) as Received;
    await client.send({ jsonrpc: "2.0", id, result: { role: "assistant", content: { type: "text", text: "yes" } } });
    expect(await asking).toContain("yes");
    await client.tool("notify", { method: "notifications/tools/list_changed" });
    await until("the list has changed", () =>
      client.messages.some(({ method }) => method === "notifications/tools/list_changed"),
    );
  });

  test.concurrent("cancels a call", async ({ start }) => {
    const gateway = await start();
    const client = await connect(gateway).open();
    await client.send(call("slow-1", "slow", { ms: 60_000 }));
    await until("the call is open", () => gateway.service.openCalls === 1);
    await client.notify("notifications/cancelled", { requestId: "slow-1" });
    await until("no call is open", () => gateway.service.openCalls === 0);
    expect(await client.text("echo", { text: "still here" })).toBe("still here");
  });

  test.concurrent("leaves nothing behind when it goes while its session is being opened", async ({ start }) => {
    const gateway = await start({ child: ["--slow", "400"] });
    const client = await connect(gateway).connect();
    await client.send({ jsonrpc: "2.0", id: 1, method: "initialize", params: {} });
    await until("the session is being opened", () => gateway.service.openCalls === 1);
    client.leave();
    await until("no call is open", () => gateway.service.openCalls === 0);
    await until("no session is left", () => gateway.service.sessions.size === 0);
  });

  test.concurrent("may send calls before its session is open", async ({ start }) => {
    const gateway = await start({ child: ["--slow", "200"] });
    const client = await connect(gateway).connect();
    const answers = [client.answerTo("first"), client.answerTo("early")];
    await client.send({ jsonrpc: "2.0", id: "first", method: "initialize", params: {} });
    await client.send(call("early"));
    expect((await Promise.all(answers)).map(({ error }) => error)).toEqual([undefined, undefined]);
  });

  test.concurrent("may not let more wait for its session than there is memory", async ({ start }) => {
    const memoryBudget = 4 * 1024 * 1024;
    const gateway = await start({ child: ["--slow", "2000"], memoryBudget });
    const client = await connect(gateway).connect();
    await client.send({ jsonrpc: "2.0", id: 1, method: "initialize", params: {} });
    const answers = Array.from({ length: 12 }, (_, at) => client.answerTo(`big-${at}`));
    for (let at = 0; at < 12; at++) {
      await client.send(call(`big-${at}`, "echo", { text: "x".repeat(400_000) })).catch(() => {});
      expect(gateway.gateway.memory.whole.bytes).toBeLessThan(memoryBudget);
    }
    const refused = await Promise.race(answers);
    expect(refused.error?.message).toContain("No memory is left");
    client.leave();
    await until("all is free again", () => gateway.gateway.memory.whole.bytes < 10_000);
  });

  test.concurrent("is told what is wrong with a call before initialize, and a second initialize", async ({ start }) => {
    const client = await connect(await start()).connect();
    const early = await client.request("tools/list");
    expect(early.error?.message).toContain("the first message of a session is initialize");
    expect((await client.initialize()).result).toBeDefined();
    expect((await client.initialize()).error?.message).toContain("initialized already");
    expect(await client.text("echo", { text: "fine" })).toBe("fine");
  });

  test.concurrent("needs a token where one is asked for", async ({ start }) => {
    const gateway = await start({ tokens: ["first-token"] });
    expect(await connect(gateway).connect().catch(String)).toContain("HTTP 401");
    expect(await connect(gateway, "other-token").connect().catch(String)).toContain("HTTP 401");
    expect(await (await connect(gateway, "first-token").open()).text("echo", { text: "in" })).toBe("in");
  });

  test.concurrent("has its calls audited with their session", async ({ start }) => {
    const gateway = await start();
    const client = await connect(gateway).open();
    await client.text("echo", { text: "x" });
    const opened = () => gateway.log.find((line) => line.includes("AUTH session-opened"));
    await until("the opening is written", opened);
    const { session } = JSON.parse(opened()!) as { session: string };
    await until("the line is written", () =>
      gateway.log.some((line) => line.includes("AUTH call") && line.includes(`"session":"${session}"`)),
    );
  });
});

const CALLS = 2_500;

/** Calls with the same ids and progress tokens as everybody else. */
async function asked(which: string, ask: (text: string, id: number) => Promise<string>): Promise<void> {
  for (let first = 1; first <= CALLS; first += 50) {
    const ids = Array.from({ length: 50 }, (_, at) => first + at);
    const answers = await Promise.all(ids.map((id) => ask(`${which} ${id}`, id)));
    expect(answers).toEqual(ids.map((id) => `${which} ${id}`));
  }
}

const options = (id: number) => ({ id: 1_000_000 + id, progressToken: id });

/** Texts in the progress of calls. */
const progressOf = (messages: readonly Received[]) =>
  messages.flatMap(({ params }) => (params?.["message"] === undefined ? [] : [params["message"] as string]));

test("10,000 calls with equal ids on /sse, /ws and /mcp at once reach their own client only", async ({ start }) => {
  const gateway = await start({ service: { isolation: "shared", requestRate: { times: 0, per: 1 } } });
  const [bySse, byWs] = [await sse(gateway).open(), await ws(gateway).open()];
  const [first, second] = [await gateway.open(), await gateway.open()];
  const got: string[] = [];
  const onMessage = (message: Received) => void got.push(...progressOf([message]));
  await Promise.all([
    ...[bySse, byWs].map((client, at) =>
      asked(`stream ${at}`, (text, id) => client.text("progress", { times: 1, text }, options(id))),
    ),
    asked("mcp", (text, id) => first.text("progress", { times: 1, text }, { ...options(id), onMessage })),
    asked("plain", (text, id) => second.text("echo", { text }, options(id))),
  ]);
  for (const [at, { messages }] of [bySse, byWs].entries()) {
    const texts = progressOf(messages);
    expect(texts).toHaveLength(CALLS);
    expect(texts.every((text) => text.startsWith(`stream ${at} `))).toBe(true);
  }
  expect(got).toHaveLength(CALLS);
  expect(got.every((text) => text.startsWith("mcp "))).toBe(true);
}, 120_000);
