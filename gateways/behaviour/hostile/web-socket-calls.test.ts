/** Calls on `/ws` with ids that are somebody else's, or used twice. */
import { describe, expect } from "vitest";
import { test, until, type Running } from "../../fixtures/harness.ts";
import { WebSocketClient } from "../../fixtures/web-socket-client.ts";

const MiB = 1024 * 1024;

const ws = ({ port }: Running, protocols = ["mcp"], path = "/ws") =>
  new WebSocketClient(`ws://127.0.0.1:${port}${path}`, protocols);

const META = {
  "io.modelcontextprotocol/protocolVersion": "2026-07-28",
  "io.modelcontextprotocol/clientCapabilities": {},
};
const modern = (name: string, args: object) => ({ name, arguments: args, _meta: META });
const call = (id: unknown, params: object) => ({ jsonrpc: "2.0", id, method: "tools/call", params });

describe("an id", () => {
  test.concurrent("used in both eras at once on one connection gets both answers", async ({ start }) => {
    const client = await ws(await start()).open();
    const before = client.messages.length;
    await client.send(call(7, { name: "echo", arguments: { text: "legacy" } }));
    await client.send(call(7, modern("echo", { text: "modern" })));
    await until("both are answered", () => client.messages.length === before + 2);
    const texts = client.messages.slice(before).map(({ id, result }) => [id, result?.content?.[0]?.text]);
    expect(new Map(texts.map(([id, text]) => [text, id]))).toEqual(
      new Map([
        ["legacy", 7],
        ["modern", 7],
      ]),
    );
  });

  for (const era of ["legacy", "modern"] as const) {
    test.concurrent(
      `used twice in the ${era} era does not keep a call open when its client leaves`,
      async ({ start }) => {
        const gateway = await start();
        const client = await ws(gateway).open();
        const slow = { name: "slow", arguments: { ms: 60_000 } };
        for (let at = 0; at < 3; at++)
          await client.send(call("same", era === "modern" ? { ...slow, _meta: META } : slow));
        await until("all are open", () => gateway.service.openCalls === 3);
        client.leave();
        await until("none is open", () => gateway.service.openCalls === 0);
        await until("nothing is held", () => gateway.gateway.memory.whole.bytes === 0);
      },
    );
  }

  test.concurrent("of another client's call cannot be cancelled, by the same token or another", async ({ start }) => {
    const tokens = ["the-token-of-one", "the-token-of-another"];
    const gateway = await start({ tokens });
    const [own, same, other] = [
      await ws(gateway, ["mcp", `bearer.${tokens[0]}`]).open(),
      await ws(gateway, ["mcp", `bearer.${tokens[0]}`]).open(),
      await ws(gateway, ["mcp", `bearer.${tokens[1]}`]).open(),
    ];
    const open = [
      own.request("tools/call", { name: "slow", arguments: { ms: 1_500 } }, { id: "mine" }),
      own.request("tools/call", modern("slow", { ms: 1_500 }), { id: "mine too" }),
    ];
    await until("both are open", () => gateway.service.openCalls === 2);
    for (const stranger of [same, other])
      for (const requestId of ["mine", "mine too"]) await stranger.notify("notifications/cancelled", { requestId });
    for (const answer of await Promise.all(open)) expect(answer.result?.content?.[0]?.text).toBeDefined();
    for (const stranger of [same, other])
      expect(stranger.messages.filter(({ id }) => String(id).startsWith("mine"))).toEqual([]);
  });
});

test.concurrent("a modern request that no memory is left for holds nothing", async ({ start }) => {
  const gateway = await start({ memoryBudget: 2 * MiB });
  const client = await ws(gateway).connect();
  const isRefused = () => client.messages.some(({ error }) => error?.message.includes("memory"));
  const filler = "x".repeat(MiB / 4);
  for (let at = 0; at < 30; at++) await client.send(call(at, modern("slow", { ms: 60_000, filler })));
  await until("one is refused", isRefused);
  client.leave();
  const { whole } = gateway.gateway.memory;
  await until("nothing is held", () => whole.bytes === 0 && whole.requests === 0);
});

test.concurrent(
  "messages before initialize are refused, one by one, and cost nothing afterwards",
  async ({ start }) => {
    const gateway = await start();
    const client = await ws(gateway).connect();
    const early = await Promise.all(Array.from({ length: 1_000 }, () => client.request("tools/list")));
    expect(early.every(({ error }) => error?.message.includes("initialize"))).toBe(true);
    for (let at = 0; at < 1_000; at++) await client.notify("notifications/initialized");
    expect((await client.initialize()).result).toBeDefined();
    expect((await client.initialize()).error?.message).toContain("initialized already");
    client.leave();
    await until("nothing is held", () => gateway.gateway.memory.whole.bytes === 0);
    expect(gateway.service.sessions.size).toBe(0);
  },
);
