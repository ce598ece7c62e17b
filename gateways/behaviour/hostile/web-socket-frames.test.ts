/** Frames on `/ws` that no client library sends. */
import { describe, expect } from "vitest";
import { test, until, type Running } from "../../fixtures/harness.ts";
import { frame, openRaw, type Frame } from "../../fixtures/raw-frames.ts";
import { WebSocketClient } from "../../fixtures/web-socket-client.ts";

const MiB = 1024 * 1024;

const ws = ({ port }: Running) => new WebSocketClient(`ws://127.0.0.1:${port}/ws`);

const INITIALIZE = JSON.stringify({ jsonrpc: "2.0", id: 1, method: "initialize", params: {} });

const closeWith = (code: number, reason = "") => {
  const content = Buffer.alloc(2 + reason.length, reason);
  content.writeUInt16BE(code);
  content.write(reason, 2);
  return { opcode: 8, content };
};

const AGAINST_THE_PROTOCOL: Readonly<Record<string, readonly [code: number, ...frames: Frame[]]>> = {
  "without a mask": [1002, { content: INITIALIZE, masked: false }],
  "with a reserved bit": [1002, { content: INITIALIZE, reserved: 0x40 }],
  "with the other reserved bits": [1002, { content: INITIALIZE, reserved: 0x30 }],
  "of a kind that there is not": [1002, { opcode: 3, content: "x" }],
  "that is a ping of 126 bytes": [1002, { opcode: 9, content: "x".repeat(126) }],
  "that is a ping in two frames": [1002, { opcode: 9, fin: false }],
  "that continues nothing": [1002, { opcode: 0, content: "x" }],
  "that begins a message within another": [1002, { content: "{", fin: false }, { content: "}" }],
  "that closes with a code of one byte": [1002, { opcode: 8, content: "x" }],
  "that closes with a code that nobody may send": [1002, closeWith(1006)],
  "that closes with a code of no range": [1002, closeWith(65_535)],
  "that closes with a reason that is no UTF-8": [1007, closeWith(1000, "\xff")],
  "that closes with a code of its own": [4321, closeWith(4321, "bye")],
};

describe("a frame", () => {
  for (const [what, [code, ...frames]] of Object.entries(AGAINST_THE_PROTOCOL)) {
    test.concurrent(`${what} closes the connection with ${code}`, async ({ start }) => {
      const gateway = await start();
      const { socket, closed } = await openRaw(gateway.port);
      socket.write(Buffer.concat(frames.map(frame)));
      expect(await closed).toBe(code);
      await until("nothing is held", () => gateway.gateway.memory.whole.requests === 0);
    });
  }

  test.concurrent("after the one that closes is not looked at", async ({ start }) => {
    const gateway = await start();
    const { socket, closed, text } = await openRaw(gateway.port);
    socket.write(Buffer.concat([frame(closeWith(1000)), frame({ content: '{"type":"ping"}' })]));
    expect(await closed).toBe(1000);
    expect(text()).not.toContain("pong");
    expect(gateway.service.sessions.size).toBe(0);
  });

  test.concurrent("of one byte in as many pieces is read like any other", async ({ start }) => {
    const { port } = await start();
    const { socket, text } = await openRaw(port);
    const bytes = Buffer.concat([
      ...Array.from(INITIALIZE.slice(0, -1), (letter, at) =>
        frame({ opcode: at === 0 ? 1 : 0, content: letter, fin: false }),
      ),
      frame({ opcode: 9, content: "still here" }),
      frame({ opcode: 0, content: "}" }),
    ]);
    for (const byte of bytes) {
      socket.write(Buffer.from([byte]));
      if (Math.random() < 0.05) await new Promise((resolve) => setImmediate(resolve));
    }
    await until("it is answered", () => text().includes("serverInfo"));
    expect(text()).toContain("still here");
    socket.destroy();
  });

  for (const content of ["", "x"]) {
    test.concurrent(
      `of ${content.length} bytes, a hundred thousand times in one message, ends it`,
      async ({ start }) => {
        const gateway = await start();
        const { socket, closed } = await openRaw(gateway.port);
        const more = frame({ opcode: 0, content, fin: false });
        socket.write(Buffer.concat([frame({ content: "{", fin: false }), ...Array<Buffer>(100_000).fill(more)]));
        expect([1008, undefined]).toContain(await closed); // what is on its way then may meet a closed connection
        await until("nothing is held", () => gateway.gateway.memory.whole.bytes === 0);
      },
    );
  }
});

describe("half a message", () => {
  test.concurrent("is counted also when there are pings in between", async ({ start }) => {
    const gateway = await start();
    const { socket, text } = await openRaw(gateway.port);
    const { whole } = gateway.gateway.memory;
    socket.write(frame({ content: "x".repeat(MiB), fin: false }));
    await until("it is counted", () => whole.bytes > MiB);
    socket.write(frame({ opcode: 9, content: "ping" }));
    await until("the pong comes", () => text().includes("ping"));
    expect(whole.bytes).toBeGreaterThan(MiB);
    socket.destroy();
    await until("its memory is free", () => whole.bytes === 0);
  });

  test.concurrent("in many frames costs more than its bytes", async ({ start }) => {
    const gateway = await start();
    const { socket } = await openRaw(gateway.port);
    const { whole } = gateway.gateway.memory;
    const parts = Array.from({ length: 10_000 }, (_, at) =>
      frame({ opcode: at === 0 ? 1 : 0, content: "x", fin: false }),
    );
    socket.write(Buffer.concat(parts));
    await until("all are counted", () => whole.bytes > MiB);
    socket.destroy();
    await until("its memory is free", () => whole.bytes === 0);
  });

  test.concurrent("on each of many connections is refused when all of it does not fit", async ({ start }) => {
    const memoryBudget = 8 * MiB;
    const gateway = await start({ memoryBudget });
    const { whole } = gateway.gateway.memory;
    const all = await Promise.all(Array.from({ length: 30 }, () => openRaw(gateway.port)));
    for (const { socket } of all) socket.write(frame({ content: "x".repeat(MiB), fin: false }));
    expect(await Promise.race(all.map(({ closed }) => closed))).toBe(1013);
    expect(whole.bytes).toBeLessThanOrEqual(memoryBudget);
    for (const { socket } of all) socket.destroy();
    await until("its memory is free", () => whole.bytes === 0);
  });
});

describe("a message of any length", () => {
  test.concurrent("leaves nothing behind, ten thousand times", async ({ start }) => {
    const gateway = await start();
    const client = await ws(gateway).open();
    const { whole } = gateway.gateway.memory;
    const idle = whole.bytes;
    for (const length of [1, 200, 70_000]) {
      const notification = { jsonrpc: "2.0", method: "notifications/x", params: { filler: "x".repeat(length) } };
      for (let at = 0; at < (length > 1_000 ? 500 : 10_000); at++)
        await client.notify(notification.method, notification.params);
      expect(await client.text("echo", { text: "through" })).toBe("through");
      await until("no more is held than before", () => whole.bytes <= idle + 8 * 1024);
    }
    client.leave();
    await until("nothing is held", () => whole.bytes === 0);
  });
});

describe("the rate limit", () => {
  const limited = { requestRate: { times: 5, per: 60 }, requestBurst: 5, exemptLoopback: false };
  const FLOODS: Readonly<Record<string, Frame>> = {
    pings: { opcode: 9, content: "x" },
    "pongs that answer nothing": { opcode: 10, content: "x" },
    "pings as people type them": { content: '{"type":"ping"}' },
    "messages that are none": { content: "{" },
    "empty messages": { content: "" },
    notifications: { content: '{"jsonrpc":"2.0","method":"notifications/x"}' },
    "answers to nothing": { content: '{"jsonrpc":"2.0","id":1,"result":{}}' },
  };
  for (const [what, one] of Object.entries(FLOODS)) {
    test.concurrent(`is for ${what}, too`, async ({ start }) => {
      const { port } = await start({ service: limited });
      const { socket, closed } = await openRaw(port);
      socket.write(Buffer.concat(Array<Buffer>(200).fill(frame(one))));
      // Of many pings at once, the library breaks off before it has told of all.
      expect(what === "pings" ? [1008, undefined] : [1008]).toContain(await closed);
    });
  }
});
