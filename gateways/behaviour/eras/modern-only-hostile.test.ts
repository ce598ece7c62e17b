/** A modern server that sends a legacy session's client odd input requests. */
import { expect } from "vitest";
import type { Received } from "../../fixtures/client.ts";
import { test } from "../../fixtures/harness.ts";
import { modernChild } from "../../fixtures/modern-client.ts";

const modern = { command: modernChild() };
const CAN = { elicitation: {}, sampling: {}, roots: {} };

test.concurrent(
  "an input request with a method that is no client request is refused, and does not reach the client",
  async ({ start }) => {
    const { open, log } = await start(modern);
    const client = await open("2025-11-25", CAN);
    const messages: Received[] = [];
    const onMessage = (message: Received) => messages.push(message);
    for (const method of ["tools/call", "ping", 'roots/list","id":1,"x":"', "", null, { a: 1 }, "__proto__"]) {
      const { error } = await client.tool("ask", { requests: { x: { method } } }, { onMessage });
      expect(error?.code, JSON.stringify(method)).toBe(-32603);
    }
    for (const requests of [{ x: null }, { x: 5 }, ["roots"], "text"]) {
      expect((await client.tool("ask", { requests }, { onMessage })).error).toBeDefined();
    }
    expect(messages).toEqual([]);
    expect(log.filter((line) => line.includes("internal error"))).toEqual([]);
    expect(await client.text("echo", { text: "goes on" })).toBe("goes on");
  },
);

test.concurrent("an input request reaches the client exactly as written, including long numbers", async ({ start }) => {
  const { open } = await start(modern);
  const client = await open("2025-11-25", CAN);
  const params = '{"n":9007199254740993,"s":"\\/"}';
  const result = `{"resultType":"input_required","inputRequests":{"a":{"method":"roots/list","params":${params}}}}`;
  const text = `{"jsonrpc":"2.0","id":$ID,"result":${result}}`;
  const call = { jsonrpc: "2.0", id: 1, method: "tools/call", params: { name: "raw", arguments: { text } } };
  const leave = new AbortController();
  const response = await client.post(call, { accept: "text/event-stream" }, leave.signal);
  let received = "";
  for await (const chunk of response.body!.pipeThrough(new TextDecoderStream())) {
    received += chunk;
    if (received.includes("roots/list")) break;
  }
  expect(received).toContain(`"method":"roots/list","params":${params}`);
});
