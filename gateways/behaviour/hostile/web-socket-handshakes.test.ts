/** Handshakes of `/ws` that no client sends, and connections that are more than fit. */
import { subscribe } from "node:diagnostics_channel";
import { connect, type Socket } from "node:net";
import { describe, expect } from "vitest";
import { test, until, type Running } from "../../fixtures/harness.ts";
import { sendInPieces, sendRaw } from "../../fixtures/raw.ts";
import { frame, handshake } from "../../fixtures/raw-frames.ts";
import { WebSocketClient } from "../../fixtures/web-socket-client.ts";

const ws = ({ port }: Running, path = "/ws") => new WebSocketClient(`ws://127.0.0.1:${port}${path}`);

const HEALTH = "GET /health HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n";
const SWITCHED = "HTTP/1.1 101 Switching Protocols";

/** Whether the gateway still serves. */
async function serves(gateway: Running): Promise<void> {
  expect((await gateway.probe("/health")).status).toBe(200);
  const client = await ws(gateway).open();
  expect(await client.text("echo", { text: "fine" })).toBe("fine");
  client.leave();
  await until("nothing is held", () => gateway.gateway.memory.whole.requests === 0);
}

describe("a handshake", () => {
  test.concurrent(
    "behind a request that has been answered, on the same connection, is one like any other",
    async ({ start }) => {
      const gateway = await start();
      const socket = connect(gateway.port, "127.0.0.1").setEncoding("latin1");
      let text = "";
      socket.on("data", (chunk: string) => (text += chunk)).write(HEALTH);
      await until("it is answered", () => text.endsWith("}"));
      socket.write(handshake() + frame({ content: '{"type":"ping"}' }).toString("latin1"), "latin1");
      await until("the ping is answered", () => text.includes("pong"));
      expect(text).toMatch(/^HTTP\/1\.1 200 [^]*HTTP\/1\.1 101 /);
      socket.destroy();
      await serves(gateway);
    },
  );

  test.concurrent("is followed by frames, never by another request", async ({ start }) => {
    const gateway = await start();
    const text = await sendInPieces(gateway.port, handshake() + HEALTH);
    expect(text).toContain(SWITCHED);
    expect(text).not.toContain("200 OK");
    await serves(gateway);
  });

  for (const [what, upgrade] of [
    ["that", handshake()],
    ["another protocol", handshake().replace("websocket", "h2c")],
  ] as const) {
    test.concurrent(
      `for ${what} behind a request that waits for its answer ends nothing but its connection`,
      async ({ start }) => {
        const gateway = await start();
        const body = JSON.stringify({ jsonrpc: "2.0", id: 1, method: "initialize", params: {} });
        const waiting = `POST /mcp HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\nContent-Length: ${body.length}\r\n\r\n${body}`;
        expect(await sendInPieces(gateway.port, waiting + upgrade)).not.toContain(SWITCHED);
        await serves(gateway);
      },
    );
  }

  test.concurrent("in HTTP/1.0 is answered as a request", async ({ start }) => {
    const gateway = await start();
    const { status } = await sendRaw(gateway.port, handshake([], "1.0"));
    expect(status).toBe(426);
    await serves(gateway);
  });

  test.concurrent("refused a hundred times over leaves nothing behind", async ({ start }) => {
    const gateway = await start({ tokens: ["a-token-of-this-test"] });
    const refused = ["", "Authorization: Bearer wrong", "Origin: https://evil.example"];
    for (let at = 0; at < 100; at++)
      expect((await sendRaw(gateway.port, handshake([refused[at % 3]!].filter(Boolean)))).status).toBeGreaterThan(400);
    await until("no connection is left", () => gateway.gateway.memory.whole.requests === 0);
  });

  test.concurrent("that fails to log in too often is locked out, like any other request", async ({ start }) => {
    const service = { exemptLoopback: false, loginRate: 3 };
    const gateway = await start({ tokens: ["a-token-of-this-test"], service });
    const statuses: number[] = [];
    for (let at = 0; at < 8; at++)
      statuses.push((await sendRaw(gateway.port, handshake(["Sec-WebSocket-Protocol: mcp, bearer.wrong"]))).status);
    expect(new Set(statuses)).toEqual(new Set([401, 429]));
    const right = new WebSocketClient(`ws://127.0.0.1:${gateway.port}/ws`, ["mcp", "bearer.a-token-of-this-test"]);
    await right.open();
  });

  test.concurrent("beyond the rate is refused with 429", async ({ start }) => {
    const limited = { requestRate: { times: 5, per: 60 }, requestBurst: 5, exemptLoopback: false };
    const gateway = await start({ service: limited });
    const outcomes = await Promise.all(
      Array.from({ length: 20 }, () =>
        ws(gateway)
          .connect()
          .then(() => "open", String),
      ),
    );
    expect(outcomes.filter((outcome) => outcome.includes("HTTP 429")).length).toBeGreaterThan(10);
  });
});

describe("another protocol", () => {
  test.concurrent("asked for with each of many requests on a connection leaves nothing there", async ({ start }) => {
    const gateway = await start();
    const request = HEALTH.replace("\r\n\r\n", "\r\nConnection: Upgrade\r\nUpgrade: h2c\r\n\r\n");
    const socket = connect(gateway.port, "127.0.0.1");
    let answers = 0;
    for (let at = 0; at < 100; at++) {
      socket.write(request);
      await new Promise<void>((resolve) => socket.once("data", () => resolve()));
      answers++;
    }
    const [connection] = socketsOf(gateway);
    for (const event of connection!.eventNames()) expect(connection!.listenerCount(event)).toBeLessThan(10);
    expect(answers).toBe(100);
    socket.destroy();
  });
});

describe("connections", () => {
  test.concurrent("that are WebSockets count, and are not closed to make room for others", async ({ start }) => {
    const gateway = await start({ maxConnections: 12 });
    const all: WebSocketClient[] = [];
    const open = () =>
      ws(gateway)
        .connect()
        .then(
          (client) => all.push(client) > 0,
          () => false,
        );
    while (await open());
    expect(all.length).toBeGreaterThan(1);
    expect(all.length).toBeLessThan(12 / 2); // half of all is for one address
    expect(all.every(({ socket }) => socket.readyState === socket.OPEN)).toBe(true);
    all[0]!.leave();
    await until("there is room", open);
    for (const client of all) client.leave();
  });

  test.concurrent("keep as many listeners after thousands of messages as before", async ({ start }) => {
    const gateway = await start();
    const client = await ws(gateway).open();
    const [socket] = socketsOf(gateway);
    const before = socket!.eventNames().map((event) => [event, socket!.listenerCount(event)]);
    for (let at = 0; at < 50; at++)
      await Promise.all(Array.from({ length: 40 }, (_, one) => client.text("echo", { text: `${at} ${one}` })));
    expect(socket!.eventNames().map((event) => [event, socket!.listenerCount(event)])).toEqual(before);
    client.leave();
    await until("nothing is held", () => gateway.gateway.memory.whole.bytes === 0);
  });
});

/** The gateway's sides of connections, which it shows to nobody. */
const accepted = new Set<Socket>();
subscribe("net.server.socket", (event) => accepted.add((event as { socket: Socket }).socket));

const socketsOf = ({ port }: Running): Socket[] =>
  [...accepted].filter((socket) => socket.localPort === port && !socket.destroyed);

test.concurrent("on a hub /ws is below each service, and at the top for all of them", async ({ start }) => {
  const gateway = await start({ hub: true });
  const client = await ws(gateway, "/fixture/ws").open();
  expect(await client.text("echo", { text: "below" })).toBe("below");
  const all = await ws(gateway, "/ws").open();
  expect(await all.text("fixture_echo", { text: "top" })).toBe("top");
  all.leave();
  for (const path of ["/nobody/ws", "/fixture/mcp", "/fixture/ws/more"])
    expect(
      await ws(gateway, path)
        .connect()
        .then(() => "open", String),
    ).toMatch(/HTTP 4\d\d/);
  client.leave();
});
