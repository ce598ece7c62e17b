/** A client of `/ws` at a gateway that does not run the calls of a serial service. */
import { expect, vi } from "vitest";
import { test } from "../../fixtures/replicas.ts";
import { WebSocketClient } from "../../fixtures/web-socket-client.ts";

vi.setConfig({ testTimeout: 120_000 }); // each starts several processes, and the machine may be busy

const ws = ({ port }: { port: number }) => new WebSocketClient(`ws://127.0.0.1:${port}/ws`);

test.concurrent("is taken through to the one that does", async ({ replica }) => {
  const flags = ["--isolation", "shared", "--serial"];
  const [first, second] = [await replica({ flags }), await replica({ flags })];
  const clients = [await ws(first).open(), await ws(second).open()];
  for (const client of clients) {
    expect(client.socket.protocol).toBe("mcp");
    expect(await client.text("echo", { text: "x".repeat(200_000) })).toHaveLength(200_000);
  }
  expect(await Promise.all(clients.map((client) => client.text("count")))).toEqual(["1", "2"]);
  first.kill("SIGTERM");
  await Promise.all(clients.map(({ closed }) => closed));
  const again = await ws(second).open();
  expect(await again.text("echo", { text: "again" })).toBe("again");
  again.leave();
});

test.concurrent("ends when the one that does is killed, and the next connection goes on", async ({ replica }) => {
  const flags = ["--isolation", "shared", "--serial"];
  const [first, second] = [await replica({ flags }), await replica({ flags })];
  const [own, through] = [await ws(first).open(), await ws(second).open()];
  const call = through.request("tools/call", { name: "slow", arguments: { ms: 60_000 } }).catch(() => "cut");
  first.kill("SIGKILL");
  await Promise.all([own.closed, through.closed]);
  const again = await ws(second).open();
  expect(await again.text("echo", { text: "again" })).toBe("again");
  again.leave();
  void call;
});
