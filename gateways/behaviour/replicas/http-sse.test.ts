/** A client of `/sse` whose stream and messages reach different gateways of the service. */
import { expect, vi } from "vitest";
import { test } from "../../fixtures/replicas.ts";
import { SseClient } from "../../fixtures/sse-client.ts";

vi.setConfig({ testTimeout: 120_000 }); // each starts several processes, and the machine may be busy

const sse = ({ port }: { port: number }) => new SseClient(`http://127.0.0.1:${port}/sse`);

for (const serial of [false, true]) {
  test.concurrent(`messages find their stream at the other gateway, serial ${serial}`, async ({ replica }) => {
    const flags = serial ? ["--isolation", "shared", "--serial"] : [];
    const [first, second] = [await replica({ flags }), await replica({ flags })];
    for (const [stream, messages] of [
      [first, second],
      [second, first],
    ] as const) {
      const client = await sse(stream).connect();
      const { search } = new URL(client.endpoint);
      client.endpoint = `http://127.0.0.1:${messages.port}/messages${search}`;
      expect((await client.initialize()).result).toBeDefined();
      await client.notify("notifications/initialized");
      expect(await client.text("echo", { text: "across" })).toBe("across");
      expect(await client.text("progress", { times: 2, ms: 5, text: "on" }, { progressToken: 1 })).toBe("on");
      expect(client.messages.filter(({ method }) => method === "notifications/progress")).toHaveLength(2);
      client.leave();
    }
  });
}

test.concurrent("a session of a gateway that has ended is not found", async ({ replica }) => {
  const [first, second] = [await replica(), await replica()];
  const client = await sse(first).open();
  const { search } = new URL(client.endpoint);
  first.kill("SIGTERM");
  await client.ended;
  client.endpoint = `http://127.0.0.1:${second.port}/messages${search}`;
  expect((await client.post({ jsonrpc: "2.0", id: 1, method: "ping" })).status).toBe(404);
  const again = await sse(second).open();
  expect(await again.text("echo", { text: "again" })).toBe("again");
  again.leave();
});
