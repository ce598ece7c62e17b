/** A gateway is told to end while a call is open that came in by any way: the call is answered, or told that it may have run. */
import { existsSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, vi } from "vitest";
import type { Client, Received } from "../../fixtures/client.ts";
import { until } from "../../fixtures/harness.ts";
import { META, ModernClient } from "../../fixtures/modern-client.ts";
import type { GatewayProcess } from "../../fixtures/process.ts";
import { test, type StartReplica } from "../../fixtures/replicas.ts";
import { SseClient } from "../../fixtures/sse-client.ts";
import { WebSocketClient } from "../../fixtures/web-socket-client.ts";

vi.setConfig({ testTimeout: 120_000 }); // each starts several processes, and the machine may be busy

const SERIAL = ["--isolation", "shared", "--serial"];
const GOING_AWAY = { code: 1001, reason: "the gateway is shutting down: connect again" };

type Caller = Client | ModernClient | SseClient | WebSocketClient;

const ws = (port: number) => new WebSocketClient(`ws://127.0.0.1:${port}/ws`);
const WAYS: Record<string, (gateway: GatewayProcess) => Caller | Promise<Caller>> = {
  "/mcp": (gateway) => gateway.client().open(),
  "/mcp in the modern era": (gateway) => new ModernClient(gateway),
  "/sse": ({ port }) => new SseClient(`http://127.0.0.1:${port}/sse`).open(),
  "/ws": ({ port }) => ws(port).open(),
  "/ws in the modern era": ({ port }) => ws(port).connect(),
};

/** A call that is answered when there is a file `go` in the folder. Resolves when it runs. */
async function openCall(way: string, caller: Caller, folder: string): Promise<{ readonly answer: Promise<Received> }> {
  const begun = join(folder, "begun");
  const params = { name: "held", arguments: { text: join(folder, "go"), file: begun } };
  const isModernFrame = way === "/ws in the modern era";
  const answer = caller.request("tools/call", isModernFrame ? { ...params, _meta: META } : params);
  await until("it runs", () => existsSync(begun));
  return { answer };
}

/** Where a client connects: to the gateway that runs the calls, or to one that passes them on to that. */
const PLACES: Record<string, (replica: StartReplica, flags: readonly string[]) => Promise<GatewayProcess>> = {
  "at the gateway that runs it": (replica, flags) => replica({ flags }),
  "through another gateway": async (replica, flags) => {
    await replica({ flags: SERIAL });
    return replica({ flags });
  },
};

const CASES = Object.keys(PLACES).flatMap((place) => Object.keys(WAYS).map((way) => [way, place] as const));

/** How a client is told that its one stream is over; undefined = it is told nothing. */
async function endOf(client: Caller): Promise<unknown> {
  if (client instanceof WebSocketClient) return client.closed;
  if (client instanceof SseClient) await client.ended;
  return undefined;
}

const endingOf = (way: string) => (way.startsWith("/ws") ? GOING_AWAY : undefined);

describe.each(CASES)("a call by %s %s", (way, place) => {
  test.concurrent("is answered before the gateway ends", async ({ replica, roll }) => {
    const gateway = await PLACES[place]!(replica, SERIAL);
    const client = await WAYS[way]!(gateway);
    const { answer } = await openCall(way, client, roll.folder);
    gateway.kill("SIGTERM");
    await until("its port is closed", () => isClosed(gateway));
    writeFileSync(join(roll.folder, "go"), "");
    expect((await answer).result?.content?.[0]?.text).toBe("released");
    expect(await endOf(client)).toEqual(endingOf(way));
    expect(await gateway.exited).toBe(0);
  });

  test.concurrent(
    "that lasts longer than the gateway waits is told that it may have run",
    async ({ replica, roll }) => {
      const gateway = await PLACES[place]!(replica, [...SERIAL, "--drain-timeout", "1s"]);
      const client = await WAYS[way]!(gateway);
      const { answer } = await openCall(way, client, roll.folder);
      gateway.kill("SIGTERM");
      expect((await answer).error?.message).toMatch(/may have run/);
      expect(await endOf(client)).toEqual(endingOf(way));
      expect(await gateway.exited).toBe(0);
    },
  );
});

const isClosed = ({ port }: GatewayProcess) =>
  fetch(`http://127.0.0.1:${port}/health`).then(
    () => false,
    () => true,
  );
