/** An upstream that is gone, comes back, or comes back in another era: `/ready` says so although nobody calls, and calls go on. */
import { expect } from "vitest";
import { until, type Running } from "../../fixtures/harness.ts";
import { ModernClient, modernChild } from "../../fixtures/modern-client.ts";
import { modernOnly } from "../../fixtures/modern-only.ts";
import { json, resultFor, test, type Behaviour } from "../../fixtures/upstream.ts";

/** Legacy alone, as a server of the official SDK is: it refuses what names no session of its own. */
const legacyOnly = (): Behaviour => {
  const session = String(Math.random());
  return ({ verb, message, headers, res }, well) => {
    if (message.method === "initialize") return json(res, resultFor(message), { "mcp-session-id": session });
    const error = { code: -32000, message: "Bad Request: No valid session ID provided" };
    const body = JSON.stringify({ jsonrpc: "2.0", id: null, error });
    if (verb === "POST" && headers["mcp-session-id"] !== session)
      return res.writeHead(400, { "content-type": "application/json" }).end(body);
    return well();
  };
};

const down: Behaviour = ({ res }) => void res.destroy();

/** How long a change may take to be seen. */
const SOON = 30_000;

const isReady = async (running: Running) => (await running.probe("/ready")).status === 200;

const works = async (client: { tool: ModernClient["tool"] }) => (await client.tool("echo", { text: "a" })).result;

for (const isolation of ["session", "shared"] as const) {
  test.concurrent(
    `an upstream is served in whichever era it comes back, to clients of both, isolation ${isolation}`,
    { timeout: 150_000 },
    async ({ start, serve }) => {
      const behind = await start({ command: modernChild() });
      const modern = modernOnly(() => `http://127.0.0.1:${behind.port}/mcp`);
      let now: Behaviour = down;
      const upstream = await serve((call, well) => now(call, well));
      const server = { kind: "http", url: upstream.url, headers: {} } as const;
      const front = await start({ service: { server, isolation } });
      expect(await isReady(front)).toBe(false);
      for (const [era, behave] of [
        ["modern", modern],
        ["legacy", legacyOnly()],
        ["modern", modern],
        ["modern", modern],
        ["legacy", legacyOnly()],
        ["legacy", legacyOnly()],
      ] as const) {
        now = behave;
        await until(`${era} is ready`, () => isReady(front), SOON);
        const legacy = await front.open();
        const expected = era === "modern" ? "modern-child" : "upstream";
        const initialized = (await (await front.client().initialize()).json()) as { result: { serverInfo: object } };
        expect(initialized.result.serverInfo).toMatchObject({ name: expected });
        expect(await works(legacy), `${era} for a legacy client`).toBeDefined();
        await until("modern clients are served", () => works(new ModernClient(front)), SOON);
        now = down;
        await until("it is not ready", async () => !(await isReady(front)), SOON);
      }
    },
  );

  test.concurrent(
    `an upstream that changes its era between two calls is noticed by the calls, isolation ${isolation}`,
    { timeout: 100_000 },
    async ({ start, serve }) => {
      const behind = await start({ command: modernChild() });
      const modern = modernOnly(() => `http://127.0.0.1:${behind.port}/mcp`);
      let now: Behaviour = modern;
      const upstream = await serve((call, well) => now(call, well));
      const server = { kind: "http", url: upstream.url, headers: {} } as const;
      const front = await start({ service: { server, isolation } });
      for (const behave of [legacyOnly(), modern, legacyOnly()]) {
        const client = await front.open();
        const before = await client.tool("echo", { text: "a" });
        expect(before.result).toBeDefined();
        now = behave;
        const sent = upstream.methods().length;
        const calls = () => upstream.methods().slice(sent);
        const { error } = await client.tool("echo", { text: "b" });
        expect(error?.message ?? "").not.toContain("may have run");
        expect(calls().filter((method) => method === "tools/call").length).toBeLessThan(3);
        await until(
          "a new session works",
          async () => {
            const again = await front.open().catch(() => undefined);
            return (await again?.tool("echo", { text: "c" }))?.result;
          },
          SOON,
        );
      }
    },
  );
}

test.concurrent(
  "subscriptions of legacy clients hold at an upstream that is started again",
  { timeout: 60_000 },
  async ({ start, serve }) => {
    const first = await start({ command: modernChild() });
    let behind = first;
    const forward = modernOnly(() => `http://127.0.0.1:${behind.port}/mcp`);
    let isDown = false;
    const upstream = await serve((call, well) => (isDown ? call.res.destroy() : forward(call, well)));
    const server = { kind: "http", url: upstream.url, headers: {} } as const;
    const front = await start({ service: { server } });
    const client = await front.open();
    const listening = () =>
      upstream.calls.filter(({ message, res }) => message.method === "subscriptions/listen" && !res.closed);
    expect((await client.request("resources/subscribe", { uri: "a:" })).result).toEqual({});
    await until("both are open", () => listening().length === 2);
    isDown = true;
    await first.gateway.stop();
    expect((await client.tool("echo", { text: "a" })).error?.message).toMatch(/may have run|has not run/);
    await until("nothing is open", () => listening().length === 0);
    await until(
      "a subscription was refused",
      () => upstream.calls.filter(({ message }) => message.method === "subscriptions/listen").length > 3,
      SOON,
    );
    behind = await start({ command: modernChild() });
    isDown = false;
    await until("both are open again", () => listening().length === 2, SOON);
    expect(await client.text("echo", { text: "a" })).toBe("a");
  },
);

/** Modern alone, and lenient: it answers what is of the legacy era as methods or parameters that it does not know, with 200. */
const lenient =
  (code: number, modern: Behaviour): Behaviour =>
  (call, well) => {
    const { message, res, verb } = call;
    const meta = message.params?.["_meta"] as Record<string, unknown> | undefined;
    if (verb !== "POST" || meta?.["io.modelcontextprotocol/protocolVersion"] !== undefined) return modern(call, well);
    return json(res, JSON.stringify({ jsonrpc: "2.0", id: message.id, error: { code, message: "not here" } }));
  };

for (const isolation of ["session", "shared"] as const) {
  test.for([-32601, -32602])(
    `an upstream that comes back in the modern era and answers ping with %d is noticed, isolation ${isolation}`,
    { timeout: 100_000 },
    async (code, { start, serve }) => {
      const behind = await start({ command: modernChild() });
      const modern = lenient(
        code,
        modernOnly(() => `http://127.0.0.1:${behind.port}/mcp`),
      );
      let now: Behaviour = legacyOnly();
      const upstream = await serve((call, well) => now(call, well));
      const server = { kind: "http", url: upstream.url, headers: {} } as const;
      const front = await start({ service: { server, isolation } });
      expect(await works(await front.open())).toBeDefined();
      now = modern;
      await until(
        "a new session works, although none has been called",
        async () => {
          await front.probe("/ready");
          const { result } = (await (await front.client().initialize()).json()) as { result?: { serverInfo: object } };
          return JSON.stringify(result ?? "").includes("modern-child");
        },
        SOON,
      );
      expect(await works(await front.open())).toBeDefined();
      expect(await isReady(front)).toBe(true);
    },
  );
}

test.concurrent(
  "a legacy upstream that does not know ping stays what it is",
  { timeout: 100_000 },
  async ({ start, serve }) => {
    const upstream = await serve(({ message, res }, well) => {
      const error = { code: -32601, message: "no such method" };
      if (message.method === "ping") return json(res, JSON.stringify({ jsonrpc: "2.0", id: message.id, error }));
      return well();
    });
    const server = { kind: "http", url: upstream.url, headers: {} } as const;
    const front = await start({ service: { server, isolation: "shared" } });
    const client = await front.open();
    const pings = () => upstream.methods().filter((method) => method === "ping").length;
    await until("it has been asked twice", async () => {
      expect(await isReady(front)).toBe(true);
      return pings() >= 2;
    });
    expect(await works(client)).toBeDefined();
    expect(upstream.methods().filter((method) => method === "initialize")).toHaveLength(1);
  },
);
