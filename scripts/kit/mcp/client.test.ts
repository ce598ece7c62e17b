import { once } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { expect, onTestFinished, test } from "vitest";
import { Refusal, Wrong } from "./answers.ts";
import { McpClient } from "./client.ts";
import { initializeParams, LATEST, type Message } from "./messages.ts";

type Handler = (req: IncomingMessage, res: ServerResponse) => unknown;

/** A client of a server that answers everything like that. */
async function clientOf(answer: Handler): Promise<McpClient> {
  const server = createServer(answer).listen(0, "127.0.0.1");
  await once(server, "listening");
  onTestFinished(() => server.close().closeAllConnections());
  return new McpClient(`http://127.0.0.1:${(server.address() as AddressInfo).port}/mcp`, "token");
}

const json =
  (status: number, body: unknown): Handler =>
  (_, res) =>
    res.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(body));
const stream =
  (...messages: object[]): Handler =>
  (_, res) => {
    const events = messages.map((message, at) => `id: ${at}\ndata: ${JSON.stringify(message)}\n\n`);
    res.writeHead(200, { "content-type": "text/event-stream" }).end(`id: first\ndata:\n\n${events.join("")}`);
  };

const progress = { jsonrpc: "2.0", method: "notifications/progress", params: {} };
const result = (id: unknown) => ({ jsonrpc: "2.0", id, result: { content: [{ type: "text", text: "done" }] } });

test("the result is told apart from the messages before it, whose event ids are known", async () => {
  const client = await clientOf(stream(progress, result(7)));
  const before: [Message, string | undefined][] = [];
  const onMessage = (message: Message, id: string | undefined) => void before.push([message, id]);
  expect(await client.tool("any", {}, { id: 7, onMessage })).toBe("done");
  expect(before).toEqual([[progress, "0"]]);
});

test.each<[string, Handler]>([
  ["the answer to another call", json(200, result(2))],
  ["a message after the answer", stream(result(1), progress)],
  ["a stream without an answer", stream(progress)],
  ["something that is not JSON", (_, res) => res.end("<html>")],
])("%s is wrong", async (_, answer) => {
  await expect((await clientOf(answer)).request("tools/list", {})).rejects.toThrow(Wrong);
});

test("an error for our own call is a refusal, with status and code", async () => {
  const client = await clientOf(json(404, { jsonrpc: "2.0", id: 1, error: { code: -32001, message: "no session" } }));
  const refusal = await client.request("tools/list", {}).catch((error: unknown) => error);
  expect(refusal).toBeInstanceOf(Refusal);
  expect(refusal).toMatchObject({ status: 404, code: -32001, message: "no session" });
});

test("after initialize, every request carries session and revision beside the token", async () => {
  const seen: IncomingMessage["headers"][] = [];
  const client = await clientOf((req, res) => {
    seen.push(req.headers);
    if (seen.length > 1) return res.writeHead(202).end();
    const body = { jsonrpc: "2.0", id: 0, result: { protocolVersion: LATEST } };
    return res.writeHead(200, { "content-type": "application/json", "mcp-session-id": "s" }).end(JSON.stringify(body));
  });
  await client.initialize(initializeParams({ name: "test", version: "1" }));
  expect(seen[0]).not.toHaveProperty("mcp-session-id");
  expect(seen[1]).toMatchObject({
    authorization: "Bearer token",
    "mcp-session-id": "s",
    "mcp-protocol-version": LATEST,
  });
});
