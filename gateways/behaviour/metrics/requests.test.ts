/** What the metrics say of requests: each counts once, with how it ended, and whatever is sent there are only so many series. */
import { expect } from "vitest";
import { cancelUntilAnswered, test, until, type Running } from "../../fixtures/harness.ts";
import { ModernClient, modernChild } from "../../fixtures/modern-client.ts";
import { scrape } from "../../fixtures/scrape.ts";
import { SseClient } from "../../fixtures/sse-client.ts";
import { WebSocketClient } from "../../fixtures/web-socket-client.ts";

const COUNT = "mcp_server_operation_duration_seconds_count";
const measured = { metricsPort: 0 };

/** How often each method, tool and error was counted: `["tools/call", "echo", "", 2]`. */
async function counted({ gateway }: Running) {
  const { labels, value } = await scrape(gateway);
  return labels(COUNT).map((one) => {
    const written = Object.entries(one).map(([name, text]) => `${name}="${text}"`);
    const { mcp_method_name: method, gen_ai_tool_name: tool = "", error_type: error = "" } = one;
    return [method, tool, error, value(`${COUNT}{${written.join(",")}}`)];
  });
}

test.concurrent("each request of a legacy client is counted once, by method, tool and error", async ({ start }) => {
  const running = await start({ ...measured, service: { requestTimeout: 700 } });
  const client = await running.open();
  await client.tool("echo");
  await client.tool("echo");
  await client.tool("no-such-tool");
  await client.request("tools/list");
  await client.request("no/such-method");
  await cancelUntilAnswered(client, "gone", client.tool("slow", { ms: 60_000 }, { id: "gone" }));
  await client.tool("slow", { ms: 60_000 });
  expect(await counted(running)).toEqual(
    expect.arrayContaining([
      ["initialize", "", "", 1],
      ["tools/list", "", "", 1],
      ["other", "", "-32601", 1],
      ["tools/call", "echo", "", 2],
      ["tools/call", "other", "-32601", 1],
      ["tools/call", "slow", "cancelled", 1],
      ["tools/call", "slow", "-32001", 1],
    ]),
  );
  const { value } = await scrape(running.gateway);
  expect(value("mcp_gateway_requests_total")).toBe(8);
  expect(value("mcp_gateway_errors_total")).toBe(3);
  expect(value('mcp_gateway_refusals_total{service="fixture",error="request-timeout"}')).toBe(1);
});

test.concurrent("requests count the same on every way in", async ({ start }) => {
  const running = await start({ ...measured, service: { isolation: "shared" } });
  const base = `127.0.0.1:${running.port}`;
  const [stream, socket] = [new SseClient(`http://${base}/sse`), new WebSocketClient(`ws://${base}/ws`)];
  for (const client of [await stream.open(), await socket.open(), new ModernClient(running)]) await client.tool("echo");
  expect(await counted(running)).toEqual(
    expect.arrayContaining([
      ["initialize", "", "", 2],
      ["tools/call", "echo", "", 3],
    ]),
  );
  expect((await scrape(running.gateway)).value('mcp_gateway_open_streams{service="fixture"}')).toBe(2);
  for (const client of [stream, socket]) client.leave();
});

test.concurrent("a subscription is an open stream, and no request that takes long", async ({ start }) => {
  const running = await start({ ...measured, command: modernChild() });
  const client = new ModernClient(running);
  const subscription = await client.listen({ toolsListChanged: true });
  expect((await scrape(running.gateway)).value('mcp_gateway_open_streams{service="fixture"}')).toBe(1);
  subscription.close();
  await subscription.ended;
  await until("the stream has ended", async () => {
    const { value } = await scrape(running.gateway);
    return value('mcp_gateway_open_streams{service="fixture"}') === 0;
  });
  expect((await counted(running)).map(([method]) => method)).not.toContain("subscriptions/listen");
});

test.concurrent("a login that fails and a rate that is exceeded count with their status", async ({ start }) => {
  const limits = { exemptLoopback: false, requestRate: { times: 1, per: 60 }, requestBurst: 1, loginRate: 2 };
  const running = await start({ ...measured, ...limits, tokens: ["right-token"] });
  for (let tries = 0; tries < 3; tries++) await running.client({ authorization: "Bearer wrong" }).initialize();
  const client = running.client({ authorization: "Bearer right-token" });
  for (let tries = 0; tries < 3; tries++) await client.initialize();
  const rows = await counted(running);
  expect(rows).toContainEqual(["_OTHER", "", "401", 2]);
  expect(rows.find(([method, , error]) => method === "_OTHER" && error === "429")?.[3]).toBeGreaterThanOrEqual(2);
  const { value } = await scrape(running.gateway);
  expect(value('mcp_gateway_refusals_total{service="fixture",error="unauthorized"}')).toBe(2);
  expect(value('mcp_gateway_refusals_total{service="fixture",error="too-many-failed-logins"}')).toBe(1);
});

test.concurrent("whoever looks for other software, or for a stream by GET, is no failed request", async ({ start }) => {
  const running = await start(measured);
  await running.probe("/.env");
  await running.client().get();
  const { value } = await scrape(running.gateway);
  expect(value("mcp_gateway_errors_total")).toBe(0);
  expect(value('mcp_gateway_refusals_total{service="fixture",error="not-found"}')).toBe(1);
});

test.concurrent("names that clients make up are one series", async ({ start }) => {
  const running = await start(measured);
  const client = await running.open();
  for (let made = 0; made < 60; made++) {
    await client.tool(`made-up-${made}`);
    await client.request(`made/up-${made}`);
  }
  const rows = await counted(running);
  expect(rows).toContainEqual(["tools/call", "other", "-32601", 60]);
  expect(rows).toContainEqual(["other", "", "-32601", 60]);
  expect(rows.length).toBeLessThan(6);
});
