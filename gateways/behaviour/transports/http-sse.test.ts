/** `/sse` and `/messages`, the transport of MCP 2024-11-05: one stream carries everything to the client. */
import { rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect } from "vitest";
import { test, until, type Running } from "../../fixtures/harness.ts";
import { SseClient } from "../../fixtures/sse-client.ts";

const sse = ({ port }: Running, headers: Record<string, string> = {}, path = "/sse") =>
  new SseClient(`http://127.0.0.1:${port}${path}`, headers);

const call = (id: number | string, tool = "echo", args: object = { text: "x" }) => ({
  jsonrpc: "2.0",
  id,
  method: "tools/call",
  params: { name: tool, arguments: args },
});

const bearer = (token: string) => ({ authorization: `Bearer ${token}` });

describe("a session", () => {
  test.concurrent("is posted to a relative URL, however many slashes its own has", async ({ start }) => {
    const gateway = await start();
    for (const path of ["/sse", "/sse/", "/sse//", "//sse", "//sse///?of=/x/"]) {
      const client = await sse(gateway, {}, path).open();
      expect(client.endpoint).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/+messages\?sessionId=[\w.%-]+$/);
      expect(await client.text("echo", { text: path })).toBe(path);
    }
  });

  test.concurrent("takes several messages in one body", async ({ start }) => {
    const client = await sse(await start()).open();
    const answers = [client.answerTo("a"), client.answerTo("b")];
    expect((await client.post([call("a"), call("b")])).status).toBe(202);
    expect((await Promise.all(answers)).map(({ id }) => id)).toEqual(["a", "b"]);
  });
});

describe("what is refused", () => {
  const service = { isolation: "shared" } as const;

  test.concurrent("a session of somebody else, and one that never was, are not found", async ({ start }) => {
    const gateway = await start({ service, tokens: ["first-token", "second-token"] });
    const client = await sse(gateway, bearer("first-token")).open();
    const stranger = sse(gateway, bearer("second-token"));
    stranger.endpoint = client.endpoint;
    expect((await stranger.post(call(1))).status).toBe(404);
    stranger.endpoint = client.endpoint.replace(/sessionId=.*/, "sessionId=made-up");
    const response = await stranger.post(call(1));
    expect([response.status, await response.text()]).toEqual([404, expect.stringContaining("Open GET /sse again")]);
    expect(await sse(gateway).connect().catch(String)).toContain("HTTP 401");
    expect(await client.text("echo", { text: "mine" })).toBe("mine");
    expect(client.messages.filter(({ id }) => id === 1)).toHaveLength(1);
  });

  test.concurrent("a session of /mcp is not found here", async ({ start }) => {
    const gateway = await start();
    const [client, streamable] = [await sse(gateway).open(), await gateway.open()];
    client.endpoint = client.endpoint.replace(/sessionId=.*/, `sessionId=${streamable.session}`);
    expect((await client.post(call(1))).status).toBe(404);
    expect(await streamable.text("echo", { text: "here" })).toBe("here");
  });

  test.concurrent("the URL that is posted to says whose the message is, whatever a header says", async ({ start }) => {
    const gateway = await start({ service });
    const [client, other] = [await sse(gateway).open(), await sse(gateway).open()];
    const session = new URL(other.endpoint).searchParams.get("sessionId")!;
    const answer = client.answerTo("mine");
    expect((await client.post(call("mine"), { "mcp-session-id": session })).status).toBe(202);
    expect((await answer).result).toBeDefined();
    expect(other.messages.filter(({ id }) => id === "mine")).toEqual([]);
  });

  test.concurrent(
    "what is posted while the session is opening counts, and is refused beyond it",
    async ({ start, roll }) => {
      const gate = join(roll.folder, "gate");
      const gateway = await start({ child: ["--gate", gate], memoryBudget: 40 * 1024 * 1024 });
      writeFileSync(gate, "");
      const client = await sse(gateway).connect();
      const opened = client.initialize();
      await until("the session is being opened", () => gateway.service.openCalls === 1);
      const large = { jsonrpc: "2.0", method: "notifications/large", params: { text: "x".repeat(3_000_000) } };
      const statuses: number[] = [];
      while (statuses.length < 30 && statuses.at(-1) !== 503) statuses.push((await client.post(large)).status);
      expect(statuses.at(-1)).toBe(503);
      const refused = client.answerTo("refused");
      expect((await client.post({ ...large, id: "refused" })).status).toBe(503);
      expect((await refused).error?.message).toContain("memory");
      rmSync(gate);
      expect((await opened).result).toBeDefined();
      expect(await client.text("echo", { text: "fine" })).toBe("fine");
      client.leave();
      await until("nothing is held", () => gateway.gateway.memory.whole.bytes === 0);
    },
  );

  for (const [method, path, hint] of [
    ["POST", "/sse", "its first event says where to post"],
    ["GET", "/messages", "Post messages here"],
    ["DELETE", "/messages?sessionId=x", "Post messages here"],
  ] as const) {
    test.concurrent(`${method} ${path} says which one is meant`, async ({ start }) => {
      const { port } = await start();
      const response = await fetch(`http://127.0.0.1:${port}${path}`, { method });
      expect([response.status, await response.text()]).toEqual([405, expect.stringContaining(hint)]);
    });
  }

  test.concurrent("HEAD says what GET would open, and opens nothing", async ({ start }) => {
    const { port, gateway } = await start();
    const head = (accept: string) => fetch(`http://127.0.0.1:${port}/sse`, { method: "HEAD", headers: { accept } });
    const response = await head("*/*");
    expect([response.status, response.headers.get("content-type")]).toEqual([200, "text/event-stream"]);
    expect((await head("application/json")).status).toBe(406);
    await until("no request is open", () => gateway.memory.whole.requests === 0);
  });

  test.concurrent("a message of 2026-07-28 is told where it is spoken", async ({ start }) => {
    const client = await sse(await start()).connect();
    const _meta = { "io.modelcontextprotocol/protocolVersion": "2026-07-28" };
    const response = await client.post({ jsonrpc: "2.0", id: 7, method: "tools/list", params: { _meta } });
    expect([response.status, await response.text()]).toEqual([400, expect.stringContaining("spoken at /mcp")]);
    await until("it is told on the stream too", () => client.messages.some(({ id, error }) => id === 7 && error));
  });

  test.concurrent("a body that is not JSON, and one that is too long", async ({ start }) => {
    const gateway = await start({ maxBody: 1_000 });
    const client = await sse(gateway).open();
    expect((await client.post("{")).status).toBe(400);
    expect((await client.post(call(1, "echo", { text: "x".repeat(2_000) }))).status).toBe(413);
    expect((await client.post("{}", { "content-type": "text/plain" })).status).toBe(415);
    expect(await client.text("echo", { text: "fine" })).toBe("fine");
  });
});

test.concurrent("a gateway that ends ends the stream", async ({ start }) => {
  const gateway = await start();
  const client = await sse(gateway).open();
  await Promise.all([gateway.gateway.stop(), client.ended]);
});
