/** `/sse` and `/messages`, the transport of MCP 2024-11-05: one stream carries everything to the client. */
import { rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect } from "vitest";
import type { Received } from "../../fixtures/client.ts";
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
const isQuestion = ({ method }: Received) => method === "sampling/createMessage";

const options = (id: number) => ({ id: 1_000 + id, progressToken: "same" });
const asked = async (which: string, ask: (text: string, id: number) => Promise<string>) => {
  for (let id = 1; id <= 200; id++) expect(await ask(`${which} ${id}`, id)).toBe(`${which} ${id}`);
};

describe("a session", () => {
  test.concurrent("is opened, used and closed with its stream", async ({ start }) => {
    const gateway = await start();
    const client = await sse(gateway).open();
    expect(await client.text("echo", { text: "back" })).toBe("back");
    expect(await client.text("count")).toBe("1");
    expect(await client.text("count")).toBe("2");
    expect(gateway.service.sessions.size).toBe(1);
    client.leave();
    await until("the session has ended", () => gateway.service.sessions.size === 0);
    expect((await client.post(call(1))).status).toBe(404);
  });

  test.concurrent("is posted to a relative URL, however many slashes its own has", async ({ start }) => {
    const gateway = await start();
    for (const path of ["/sse", "/sse/", "/sse//", "//sse", "//sse///?of=/x/"]) {
      const client = await sse(gateway, {}, path).open();
      expect(client.endpoint).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/+messages\?sessionId=[\w.%-]+$/);
      expect(await client.text("echo", { text: path })).toBe(path);
    }
  });

  test.concurrent("gets progress, requests and notifications of its server on the stream", async ({ start }) => {
    const client = await sse(await start()).open("2024-11-05", { sampling: {} });
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
    await client.post({ jsonrpc: "2.0", id, result: { role: "assistant", content: { type: "text", text: "yes" } } });
    expect(await asking).toContain("yes");
    await client.tool("notify", { method: "notifications/tools/list_changed" });
    await until("the list has changed", () =>
      client.messages.some(({ method }) => method === "notifications/tools/list_changed"),
    );
  });

  test.concurrent("cancels a call", async ({ start }) => {
    const gateway = await start();
    const client = await sse(gateway).open();
    await client.post(call("slow-1", "slow", { ms: 60_000 }));
    await until("the call is open", () => gateway.service.openCalls === 1);
    await client.notify("notifications/cancelled", { requestId: "slow-1" });
    await until("no call is open", () => gateway.service.openCalls === 0);
    expect(await client.text("echo", { text: "still here" })).toBe("still here");
  });

  test.concurrent("takes several messages in one body", async ({ start }) => {
    const client = await sse(await start()).open();
    const answers = [client.answerTo("a"), client.answerTo("b")];
    expect((await client.post([call("a"), call("b")])).status).toBe(202);
    expect((await Promise.all(answers)).map(({ id }) => id)).toEqual(["a", "b"]);
  });

  test.concurrent("that is left while it is being opened leaves nothing behind", async ({ start }) => {
    const gateway = await start({ child: ["--slow", "400"] });
    const client = await sse(gateway).connect();
    await client.post({ jsonrpc: "2.0", id: 1, method: "initialize", params: {} });
    await until("the session is being opened", () => gateway.service.openCalls === 1);
    client.leave();
    await until("no call is open", () => gateway.service.openCalls === 0);
    await until("no session is left", () => gateway.service.sessions.size === 0);
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

  test.concurrent(
    "a call before initialize, and a second initialize, are answered on the stream",
    async ({ start }) => {
      const client = await sse(await start()).connect();
      const early = await client.request("tools/list");
      expect(early.error?.message).toContain("the first message of a session is initialize");
      expect((await client.initialize()).result).toBeDefined();
      expect((await client.initialize()).error?.message).toContain("initialized already");
      expect(await client.text("echo", { text: "fine" })).toBe("fine");
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

test.concurrent(
  "two clients with the same ids and tokens, and one of /mcp, get their own messages only",
  async ({ start }) => {
    const gateway = await start({ service: { isolation: "shared" } });
    const clients = [await sse(gateway).open(), await sse(gateway).open()] as const;
    const streamable = await gateway.open();
    await Promise.all([
      ...clients.map((client, at) =>
        asked(`sse ${at}`, (text, id) => client.text("progress", { times: 1, text }, options(id))),
      ),
      asked("mcp", (text, id) => streamable.text("progress", { times: 1, text }, options(id))),
    ]);
    for (const [at, { messages }] of clients.entries()) {
      const texts = messages.flatMap(({ params }) => (params?.["message"] === undefined ? [] : [params["message"]]));
      expect(texts).toEqual(Array.from({ length: 200 }, (_, id) => `sse ${at} ${id + 1}`));
    }
  },
);

test.concurrent("calls are audited with their session", async ({ start }) => {
  const gateway = await start();
  const client = await sse(gateway).open();
  await client.text("echo", { text: "x" });
  const start6 = new URL(client.endpoint).searchParams.get("sessionId")!.slice(0, 6);
  await until("the line is written", () =>
    gateway.log.some((line) => line.includes("AUTH call") && line.includes(`"session":"${start6}"`)),
  );
});

test.concurrent("a gateway that ends ends the stream", async ({ start }) => {
  const gateway = await start();
  const client = await sse(gateway).open();
  await Promise.all([gateway.gateway.stop(), client.ended]);
});
