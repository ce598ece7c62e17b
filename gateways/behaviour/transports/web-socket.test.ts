/** `/ws`: one JSON-RPC message a text frame. */
import { createHash, randomBytes } from "node:crypto";
import { connect as connectSocket } from "node:net";
import { describe, expect } from "vitest";
import type { ClientOptions } from "ws";
import { test, until, type Running } from "../../fixtures/harness.ts";
import { modernChild } from "../../fixtures/modern-client.ts";
import { sendInPieces } from "../../fixtures/raw.ts";
import { WebSocketClient } from "../../fixtures/web-socket-client.ts";

const MiB = 1024 * 1024;

const ws = ({ port }: Running, protocols = ["mcp"], options: ClientOptions = {}) =>
  new WebSocketClient(`ws://127.0.0.1:${port}/ws`, protocols, options);

const META = {
  "io.modelcontextprotocol/protocolVersion": "2026-07-28",
  "io.modelcontextprotocol/clientCapabilities": {},
};
const modern = (name: string, args: object) => ({ name, arguments: args, _meta: META });

describe("the modern era", () => {
  for (const era of ["legacy", "modern"] as const) {
    test.concurrent(`is answered beside the legacy one, in front of a ${era} server`, async ({ start }) => {
      const gateway = await start(era === "modern" ? { command: modernChild() } : {});
      const client = await ws(gateway).open();
      const [old, current] = await Promise.all([
        client.text("echo", { text: "old" }),
        client.request("tools/call", modern("echo", { text: "new" })),
      ]);
      expect([old, current.result?.content?.[0]?.text]).toEqual(["old", "new"]);
      const listed = await client.request("tools/list", { _meta: META });
      expect(listed.result?.["tools"]).not.toHaveLength(0);
    });
  }

  test.concurrent("cancels with a notification, and by leaving", async ({ start }) => {
    const gateway = await start();
    const client = await ws(gateway).connect();
    for (const end of [
      () => client.notify("notifications/cancelled", { requestId: "slow" }),
      () => Promise.resolve(client.leave()),
    ]) {
      void client.request("tools/call", modern("slow", { ms: 60_000 }), { id: "slow" }).catch(() => {});
      await until("the call is open", () => gateway.service.openCalls === 1);
      await end();
      await until("no call is open", () => gateway.service.openCalls === 0);
    }
    await until("nothing is held", () => gateway.gateway.memory.whole.requests === 0);
  });

  test.concurrent("says what is wrong with a request, with the codes of its revision", async ({ start }) => {
    const client = await ws(await start()).connect();
    const unknown = { ...META, "io.modelcontextprotocol/protocolVersion": "2031-01-01" };
    expect((await client.request("tools/list", { _meta: unknown })).error?.code).toBe(-32022);
    expect((await client.request("ping", { _meta: META })).error?.code).toBe(-32601);
  });
});

const head = (fields: string) =>
  `GET /ws HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n${fields}\r\n\r\n`;

describe("the handshake", () => {
  const tokens = ["first-token"];

  test.concurrent("takes a token as a subprotocol, and answers without it", async ({ start }) => {
    const gateway = await start({ tokens });
    const client = await ws(gateway, ["mcp", "bearer.first-token"]).open();
    expect(client.socket.protocol).toBe("mcp");
    expect(await client.text("echo", { text: "in" })).toBe("in");
    expect(gateway.log.join("")).not.toContain("first-token");
  });

  test.concurrent("takes none from the query", async ({ start }) => {
    const { port } = await start({ tokens });
    for (const query of ["token=first-token", "access_token=first-token", "bearer.first-token"]) {
      const client = new WebSocketClient(`ws://127.0.0.1:${port}/ws?${query}`);
      expect(await client.connect().catch(String)).toContain("HTTP 401");
    }
  });

  for (const [origin, status] of [
    ["http://localhost:5173", undefined],
    ["https://allowed.example", undefined],
    ["https://evil.example", 403],
    ["null", 403],
  ] as const) {
    test.concurrent(`a page of ${origin} ${status ? "is refused" : "may connect"}`, async ({ start }) => {
      const gateway = await start({ service: { allowedOrigins: ["https://allowed.example"] } });
      const answer = await ws(gateway, ["mcp"], { origin })
        .connect()
        .then(() => "open", String);
      expect(answer).toContain(status ? `HTTP ${status}` : "open");
    });
  }

  test.concurrent("is told what is missing", async ({ start }) => {
    const gateway = await start();
    const other = await ws(gateway, ["graphql-ws"]).connect().catch(String);
    expect(other).toContain("the subprotocols do not include mcp");
    const old = await ws(gateway, ["mcp"], { protocolVersion: 8 }).connect().catch(String);
    expect(old).toContain("Sec-WebSocket-Version must be 13");
    const plain = await fetch(`http://127.0.0.1:${gateway.port}/ws`);
    expect([plain.status, plain.headers.get("upgrade"), await plain.text()]).toEqual([
      426,
      "websocket",
      expect.stringContaining("only a WebSocket is spoken here"),
    ]);
    for (const path of ["/mcp", "/sse", "/messages"]) {
      const elsewhere = new WebSocketClient(`ws://127.0.0.1:${gateway.port}${path}`);
      expect(await elsewhere.connect().catch(String)).toContain("Connect to /ws");
    }
  });

  test.concurrent("without a subprotocol connects, too", async ({ start }) => {
    const client = await ws(await start(), []).open();
    expect(await client.text("echo", { text: "in" })).toBe("in");
  });

  test.concurrent("with what no client sends ends the connection, and nothing else", async ({ start }) => {
    const gateway = await start();
    const key = `Sec-WebSocket-Key: ${randomBytes(16).toString("base64")}`;
    const version = "Sec-WebSocket-Version: 13";
    for (const fields of [
      version,
      `${version}\r\nSec-WebSocket-Key: short`,
      `${version}\r\n${key}\r\nSec-WebSocket-Protocol: mcp, mcp`,
      `${version}\r\n${key}\r\nContent-Length: 99999999`,
      `${version}\r\n${key}\r\nTransfer-Encoding: chunked`,
    ]) {
      await sendInPieces(gateway.port, `${head(fields)}\x00\xff\x00garbage`);
    }
    const client = await ws(gateway).open();
    expect(await client.text("echo", { text: "fine" })).toBe("fine");
  });

  test.concurrent("for another protocol is answered as the request that it is", async ({ start }) => {
    const gateway = await start();
    const body = JSON.stringify({ jsonrpc: "2.0", id: 1, method: "initialize", params: {} });
    const fields = ["Host: 127.0.0.1", "Content-Type: application/json", `Content-Length: ${body.length}`];
    const upgrade = ["Connection: Upgrade, HTTP2-Settings, close", "Upgrade: h2c", "HTTP2-Settings: AAMAAABk"];
    const head = ["POST /mcp HTTP/1.1", ...fields, ...upgrade, "", ""].join("\r\n");
    for (const pieces of [[head + body], [head, body], [head + body.slice(0, 9), body.slice(9)]]) {
      expect(await sendInPieces(gateway.port, ...pieces)).toMatch(/^HTTP\/1\.1 200 OK[^]*"protocolVersion"/);
    }
  });
});

describe("messages", () => {
  test.concurrent("a ping as people type it is answered", async ({ start }) => {
    const client = await ws(await start()).connect();
    await client.send('{"type": "ping"}');
    await until("the pong comes", () => client.messages.some((message) => "type" in message));
    expect(client.messages).toEqual([{ type: "pong" }]);
  });

  test.concurrent(
    "a frame that is not a message is answered with an error, and the session goes on",
    async ({ start }) => {
      const client = await ws(await start()).open();
      const before = client.messages.length;
      for (const frame of [
        "{",
        "hello",
        '{"jsonrpc":"1.0","id":1,"method":"x"}',
        "[]",
        '[{"jsonrpc":"2.0"}]',
        "\u0000",
      ])
        await client.send(frame);
      await until("all are answered", () => client.messages.length >= before + 6);
      expect(client.messages.slice(before).every(({ error }) => error !== undefined)).toBe(true);
      expect(await client.text("echo", { text: "fine" })).toBe("fine");
    },
  );

  test.concurrent("a long one goes both ways, whatever else is going on", async ({ start }) => {
    const client = await ws(await start()).open();
    const long = "ü".repeat(1.5 * MiB);
    const [first, second, short] = await Promise.all([
      client.text("echo", { text: long }),
      client.text("echo", { text: `${long}!` }),
      client.text("echo", { text: "short" }),
    ]);
    expect([first === long, second === `${long}!`, short]).toEqual([true, true, "short"]);
  });

  for (const [what, code, send] of [
    ["in a binary frame", 1003, (client: WebSocketClient) => client.socket.send(Buffer.from("{}"))],
    ["that is too long", 1009, (client: WebSocketClient) => client.socket.send("x".repeat(2_000))],
    [
      "that is no UTF-8",
      1007,
      (client: WebSocketClient) => client.socket.send(Buffer.from([0xff, 0xfe]), { binary: false }),
    ],
  ] as const) {
    test.concurrent(`one ${what} closes the connection with ${code}`, async ({ start }) => {
      const gateway = await start({ maxBody: 1_000 });
      const client = await ws(gateway).open();
      send(client);
      expect((await client.closed).code).toBe(code);
      await until("its session has ended", () => gateway.service.sessions.size === 0);
    });
  }
});

describe("limits", () => {
  test.concurrent("messages beyond the rate are refused, and a flood ends the connection", async ({ start }) => {
    const limited = { requestRate: { times: 5, per: 60 }, requestBurst: 5, exemptLoopback: false };
    const gateway = await start({ service: limited });
    const client = await ws(gateway).open();
    const answers = await Promise.all(Array.from({ length: 10 }, () => client.request("tools/list")));
    const refused = answers.filter(({ error }) => error?.message.includes("Too many"));
    expect(refused.length).toBeGreaterThan(0);
    expect(refused[0]?.error?.data).toMatchObject({ error: "rate-limited", retryAfter: expect.any(Number) as number });
    for (let at = 0; at < 200; at++) await client.notify("notifications/anything");
    expect(await client.closed).toEqual({ code: 1008, reason: "too many messages in spite of rate limits" });
  });

  test.concurrent("a client that does not read is cut, and holds no more memory than its share", async ({ start }) => {
    const memoryBudget = 8 * MiB;
    const gateway = await start({ memoryBudget });
    const client = await ws(gateway).open();
    client.socket.pause();
    const { whole } = gateway.gateway.memory;
    let most = 0;
    const isCut = () => gateway.log.some((line) => line.includes("slow reader"));
    for (let at = 0; at < 500 && !isCut(); at++) {
      await client.send({
        jsonrpc: "2.0",
        id: at,
        method: "tools/call",
        params: { name: "echo", arguments: { text: "x".repeat(400_000) } },
      });
      await new Promise((resolve) => setTimeout(resolve, 5));
      most = Math.max(most, whole.bytes);
    }
    await until("it is cut", isCut);
    expect(most).toBeLessThanOrEqual(memoryBudget);
    client.socket.resume();
    await client.closed;
    await until("its memory is free", () => whole.bytes === 0);
  });

  test.concurrent("what has come of a long message is counted", async ({ start }) => {
    const gateway = await start({ memoryBudget: 4 * MiB });
    const client = await ws(gateway).open();
    const { whole } = gateway.gateway.memory;
    client.socket.send("x".repeat(MiB), { fin: false });
    await until("it is counted", () => whole.bytes > MiB);
    client.socket.send("x".repeat(6 * MiB), { fin: false });
    expect((await client.closed).code).toBe(1013);
    await until("its memory is free", () => whole.bytes === 0);
  });

  test.concurrent("a client that answers no ping is cut", async ({ start }) => {
    const gateway = await start({ service: { heartbeat: 1_000 } });
    const client = await ws(gateway, ["mcp"], { autoPong: false }).connect();
    let pings = 0;
    client.socket.on("ping", () => pings++);
    await client.closed;
    expect(pings).toBe(3);
    const faithful = await ws(gateway).connect();
    let answered = 0;
    faithful.socket.on("ping", () => answered++);
    await until("it has answered many", () => answered > 4);
    expect(faithful.socket.readyState).toBe(1);
  });
});

test.concurrent("a gateway that ends says goodbye, after its answers", async ({ start }) => {
  const gateway = await start({ drainTimeout: 5_000 });
  const [idle, busy] = [await ws(gateway).connect(), await ws(gateway).open()];
  const answer = busy.text("slow", { ms: 300 });
  await until("the call is open", () => gateway.service.openCalls === 1);
  await Promise.all([
    gateway.gateway.stop(),
    expect(answer).resolves.toBeDefined(),
    ...[idle, busy].map((client) =>
      expect(client.closed).resolves.toEqual({ code: 1001, reason: "the gateway is shutting down: connect again" }),
    ),
  ]);
});

test.concurrent("a client that stays after the goodbye does not keep the gateway up", async ({ start }) => {
  const gateway = await start();
  const key = randomBytes(16).toString("base64");
  const socket = connectSocket(gateway.port, "127.0.0.1");
  socket.write(
    `GET /ws HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: ${key}\r\n\r\n`,
  );
  const [head] = (await new Promise((resolve) => socket.once("data", (chunk) => resolve([chunk.toString()])))) as [
    string,
  ];
  const accept = createHash("sha1").update(`${key}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`).digest("base64");
  expect(head).toContain(`Sec-WebSocket-Accept: ${accept}`);
  const closed = new Promise((resolve) => socket.once("close", resolve));
  await gateway.gateway.stop();
  await closed;
});

test.concurrent(
  "a gateway that ends under load answers every call that it has taken, and then says goodbye",
  async ({ start }) => {
    const gateway = await start({ drainTimeout: 10_000 });
    const clients = await Promise.all(Array.from({ length: 8 }, () => ws(gateway).open()));
    const sent = clients.flatMap((client) => Array.from({ length: 20 }, () => client.text("slow", { ms: 200 })));
    await until("all are open", () => gateway.service.openCalls === sent.length);
    const stopped = gateway.gateway.stop();
    expect(await Promise.all(sent)).toHaveLength(160);
    for (const { closed } of clients) expect(await closed).toMatchObject({ code: 1001 });
    await stopped;
    await until("nothing is held", () => gateway.gateway.memory.whole.bytes === 0);
  },
);
