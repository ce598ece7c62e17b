/** What nobody reads is limited in all, refused with a reason, and does not keep others from being served. */
import { connect, type Socket } from "node:net";
import { expect } from "vitest";
import type { Client } from "../../fixtures/client.ts";
import { test, until } from "../../fixtures/harness.ts";
import { sendRaw } from "../../fixtures/raw.ts";
import { sendUnread, toolCall } from "../../fixtures/unread.ts";

const MiB = 1024 * 1024;
const service = { isolation: "shared" } as const;
const tokens = ["attacker-token-0123456789", "visitor-token-0123456789"];
const [attacking, visiting] = tokens.map((token) => ({ authorization: `Bearer ${token}` }));

/** A small budget: an attacker can fill its share with a few answers. */
const small = { service, tokens, memoryBudget: 64 * MiB, exemptLoopback: true } as const;

const works = async (client: Client) => expect(await client.text("echo", { text: "served" })).toBe("served");

test("answers that nobody reads fill the share of their token, are dropped beyond it, and nobody else's calls fail", async ({
  start,
  onTestFinished,
}) => {
  const { client } = await start(small);
  const [attacker, visitor] = [await client(attacking).open(), await client(visiting).open()];
  for (let id = 1; id <= 8; id++) sendUnread(attacker, toolCall(id, "big", { bytes: 12 * MiB }), onTestFinished);
  await until("a large answer is dropped", async () => {
    const { error } = await attacker.tool("big", { bytes: 12 * MiB });
    return error?.message.startsWith("The call has run, but no memory is left for its answer");
  });
  await works(visitor);
  expect((await visitor.text("big", { bytes: 12 * MiB })).length).toBe(4 * MiB);
});

test("a client that takes nothing of its answer is cut with a line in the log, and its memory is free again", async ({
  start,
  onTestFinished,
}) => {
  const { client, log } = await start({ ...small, readTimeout: 300 });
  const attacker = await client(attacking).open();
  const unread = [1, 2].map((id) => sendUnread(attacker, toolCall(id, "big", { bytes: 18 * MiB }), onTestFinished));
  await until("the slow readers are cut", () => log.filter((line) => line.includes("slow reader")).length === 2);
  expect(log.find((line) => line.includes("slow reader"))).toMatch(/AUTH cut/);
  expect((await attacker.text("big", { bytes: 30 * MiB })).length).toBe(10 * MiB);
  for (const socket of unread) await ended(socket);
});

test("an event stream that nobody reads is cut, and resumes where it broke off as far as its events are kept", async ({
  start,
  onTestFinished,
}) => {
  const { client, log } = await start({ ...small, readTimeout: 300, service: { isolation: "session" } });
  const attacker = await client(attacking).open();
  const flood = { method: "notifications/prompts/list_changed", params: { data: "x".repeat(MiB) }, times: 50 };
  const socket = sendUnread(attacker, undefined, onTestFinished);
  await until("the stream is open", () => attacker.text("notify", { ...flood, times: 1 }));
  await attacker.text("notify", flood);
  await until("it is cut", () => log.some((line) => line.includes("slow reader")));
  await ended(socket);
  const toAttacker = await attacker.listen();
  await attacker.text("notify", { method: "notifications/tools/list_changed" });
  await until("it goes on", () => toAttacker.some(({ method }) => method === "notifications/tools/list_changed"));
});

test("input that a server does not read is limited by the memory budget, and refused as not run", async ({ start }) => {
  const { client } = await start(small);
  const attacker = await client(attacking).open();
  await attacker.text("deaf");
  const padding = "x".repeat(4 * MiB);
  const refused = await Promise.race(
    Array.from({ length: 24 }, async () => {
      const { error } = await attacker.tool("echo", { text: padding });
      return error ?? new Promise<never>(() => {});
    }),
  );
  expect(refused).toMatchObject({ data: { error: "memory-exhausted" } });
});

test("a body whose every byte is a chunk of its own is counted by what it costs", async ({ start, onTestFinished }) => {
  const { client, port } = await start({ ...small, maxBody: 10 * MiB });
  const attacker = await client(attacking).open();
  const socket = connect(port, "127.0.0.1");
  onTestFinished(() => void socket.destroy());
  let answer = "";
  socket.setEncoding("latin1").on("data", (text: string) => (answer += text));
  socket.on("error", () => {});
  const head = `POST /mcp HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\nAuthorization: ${attacking!.authorization}\r\n`;
  socket.write(`${head}Mcp-Session-Id: ${attacker.session}\r\nTransfer-Encoding: chunked\r\n\r\n`);
  for (let sent = 0; sent < 400_000; sent += 4_000) socket.write("1\r\n \r\n".repeat(4_000));
  await until("it is refused", () => answer.includes("memory-exhausted"));
  expect(answer).toMatch(/^HTTP\/1.1 503 .*retry-after: \d/is);
  await works(attacker);
});

test("subscriptions of one session are limited in bytes, too", async ({ start }) => {
  const { client } = await start(small);
  const attacker = await client(attacking).open();
  const errors: string[] = [];
  for (let index = 0; index < 40; index++) {
    const { error } = await attacker.request("resources/subscribe", { uri: `x:${index}:${"y".repeat(60_000)}` });
    if (error) errors.push(error.message);
  }
  expect(errors).toHaveLength(40 - 17);
  expect(errors[0]).toMatch(/at most 1000 subscriptions of 1048576 bytes in all/);
});

test("a session has a limit of open calls, and the ones beyond it have not run", async ({ start }) => {
  const { client } = await start({ ...small, service: { ...service, maxOpenCalls: 3 } });
  const visitor = await client(visiting).open();
  const open = Array.from({ length: 3 }, (_, id) => visitor.tool("slow", { ms: 60_000 }, { id }));
  await until("the limit is reached", async () => {
    const beyond = await visitor.post({ jsonrpc: "2.0", ...toolCall(9, "count", {}) });
    return beyond.status === 503 && beyond.headers.has("retry-after");
  });
  for (let id = 0; id < 3; id++) await visitor.cancel(id);
  await Promise.all(open);
  await works(visitor);
});

test("idle connections make room for new ones: a flood of them keeps nobody out", async ({ start, onTestFinished }) => {
  const { client, port } = await start({ ...small, maxConnections: 16 });
  const visitor = await client(visiting).open();
  const flood = Array.from({ length: 100 }, () => connect(port, "127.0.0.1").on("error", () => {}));
  onTestFinished(() => flood.forEach((socket) => socket.destroy()));
  await until("the first of them are closed", () => flood.filter(({ closed }) => closed).length > 80);
  const newcomer = await sendRaw(port, "GET /health HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n");
  expect(newcomer.status).toBe(200);
  await works(visitor);
});

test("requests that one token leaves open are limited, and leave room for another's", async ({ start }) => {
  const { client } = await start({ ...small, maxConnections: 32 });
  const [attacker, visitor] = [await client(attacking).open(), await client(visiting).open()];
  const open = Array.from({ length: 12 }, (_, id) => attacker.tool("slow", { ms: 60_000 }, { id }));
  await until("a request is refused", async () => {
    const beyond = await attacker.post({ jsonrpc: "2.0", ...toolCall(99, "count", {}) });
    return beyond.status === 429 && beyond.headers.has("retry-after");
  });
  await works(visitor);
  await attacker.end().catch(() => {});
  void Promise.allSettled(open);
});

test("a subscriber to a prefix hears nothing of what another token has subscribed to", async ({ start }) => {
  const { client } = await start(small);
  const [eve, ann] = [await client(attacking).open(), await client(visiting).open()];
  const [toEve, toAnn] = [await eve.listen(), await ann.listen()];
  await eve.request("resources/subscribe", { uri: "file:///" });
  await ann.request("resources/subscribe", { uri: "file:///home/ann" });
  for (const uri of ["file:///home/ann/secret", "file:///public"])
    await ann.text("notify", { method: "notifications/resources/updated", params: { uri } });
  await ann.text("notify", { method: "notifications/tools/list_changed" });
  await until("all has arrived", () =>
    [toEve, toAnn].every((heard) => heard.some(({ method }) => method?.endsWith("list_changed"))),
  );
  const uris = (heard: typeof toEve) => heard.flatMap(({ params }) => params?.["uri"] ?? []);
  expect([uris(toEve), uris(toAnn)]).toEqual([["file:///public"], ["file:///home/ann/secret"]]);
});

const ended = (socket: Socket) => {
  socket.resume();
  return until("its connection is closed", () => socket.closed);
};
