/** A modern server that asks a legacy session's client for odd things, and what long numbers become on their way. */
import { expect } from "vitest";
import type { Received } from "../../fixtures/client.ts";
import { test } from "../../fixtures/harness.ts";
import { modernChild } from "../../fixtures/modern-client.ts";

const modern = { command: modernChild() };
const CAN = { elicitation: {}, sampling: {}, roots: {} };

test.concurrent(
  "a server that asks for what no client is asked for is refused, and the client hears nothing",
  async ({ start }) => {
    const { open, log } = await start(modern);
    const client = await open("2025-11-25", CAN);
    const heard: Received[] = [];
    const onMessage = (message: Received) => heard.push(message);
    for (const method of ["tools/call", "ping", 'roots/list","id":1,"x":"', "", null, { a: 1 }, "__proto__"]) {
      const { error } = await client.tool("ask", { requests: { x: { method } } }, { onMessage });
      expect(error?.code, JSON.stringify(method)).toBe(-32603);
    }
    for (const requests of [{ x: null }, { x: 5 }, ["roots"], "text"]) {
      expect((await client.tool("ask", { requests }, { onMessage })).error).toBeDefined();
    }
    expect(heard).toEqual([]);
    expect(log.filter((line) => line.includes("internal error"))).toEqual([]);
    expect(await client.text("echo", { text: "goes on" })).toBe("goes on");
  },
);

test.concurrent("what a server asks is asked as it was written, long numbers too", async ({ start }) => {
  const { open } = await start(modern);
  const client = await open("2025-11-25", CAN);
  const params = '{"n":9007199254740993,"s":"\\/"}';
  const result = `{"resultType":"input_required","inputRequests":{"a":{"method":"roots/list","params":${params}}}}`;
  const text = `{"jsonrpc":"2.0","id":$ID,"result":${result}}`;
  const call = { jsonrpc: "2.0", id: 1, method: "tools/call", params: { name: "raw", arguments: { text } } };
  const leave = new AbortController();
  const response = await client.post(call, { accept: "text/event-stream" }, leave.signal);
  let heard = "";
  for await (const chunk of response.body!.pipeThrough(new TextDecoderStream())) {
    heard += chunk;
    if (heard.includes("roots/list")) break;
  }
  expect(heard).toContain(`"method":"roots/list","params":${params}`);
});
