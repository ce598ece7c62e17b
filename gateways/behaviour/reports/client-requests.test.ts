/** A server's request on a pipe does not say which call it belongs to: on which stream the client is asked. */
import { expect } from "vitest";
import { test, until } from "../../fixtures/harness.ts";

const slow = { name: "slow", arguments: { ms: 60_000 } };

test.for([
  ["one call", 0, true, "its call's stream"],
  ["two calls", 1, true, "the session's own stream"],
  ["two calls and no GET", 1, false, "its call's stream"],
] as const)(
  "with %s open, a server's request comes once, on the right stream",
  async ([, others, listens, stream], { start }) => {
    const { open, service } = await start();
    const client = await open("2025-11-25", { roots: {} });
    const streams = { "its call's stream": [], "another call's stream": [], "the session's own stream": [] } as Record<
      string,
      unknown[]
    >;
    const to = (name: string) => ({ onMessage: (message: unknown) => void streams[name]!.push(message) });
    if (listens) streams["the session's own stream"] = await client.listen();
    for (let other = 0; other < others; other++)
      void client.request("tools/call", slow, to("another call's stream")).catch(() => "the gateway ends first");
    await until("the others are open", () => service.openCalls === others);
    const call = client.text("ask", { method: "roots/list" }, to("its call's stream"));
    await until("the client is asked", () => Object.values(streams).flat().length > 0);
    const [[where, [asked]]] = Object.entries(streams).filter(([, { length }]) => length > 0) as [
      [string, { id: string }[]],
    ];
    expect(where).toBe(stream);
    await client.post({ jsonrpc: "2.0", id: asked!.id, result: { roots: [] } });
    expect(JSON.parse(await call)).toEqual({ result: { roots: [] } });
  },
);
