/** What the metrics say of the gateway, and who may read them. */
import { mkdtempSync } from "node:fs";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { AddressInfo } from "node:net";
import { once } from "node:events";
import { expect } from "vitest";
import { test, until } from "../../fixtures/harness.ts";
import { scrape } from "../../fixtures/scrape.ts";
import { sendRaw } from "../../fixtures/raw.ts";
import { METRICS } from "../../metrics/table.ts";

const measured = { metricsPort: 0 };
const ofFixture = (name: string) => `${name}{service="fixture"}`;

test.concurrent("without a port nothing is counted, and nothing listens", async ({ start }) => {
  const { gateway, probe } = await start();
  expect(gateway.metricsPort).toBeUndefined();
  expect((await probe("/metrics")).status).toBe(404);
});

test.concurrent("every metric is named, and those of the seed stand there without labels", async ({ start }) => {
  const { gateway, open } = await start(measured);
  await open();
  const { text } = await scrape(gateway);
  for (const [name, { type }] of Object.entries(METRICS)) expect(text).toContain(`# TYPE ${name} ${type}\n`);
  expect(text).toMatch(/^mcp_gateway_requests_total 1$/m);
  expect(text).toMatch(/^mcp_gateway_errors_total 0$/m);
  expect(text).toMatch(/^mcp_gateway_active_connections [1-9]/m);
});

test.concurrent("sessions, processes, restarts, calls and bytes are told as they are", async ({ start }) => {
  const running = await start(measured);
  const client = await running.open();
  const slow = client.tool("slow", { ms: 60_000 }).catch(() => {});
  await until("the call is open", async () => {
    const { value } = await scrape(running.gateway);
    return value(ofFixture("mcp_gateway_open_calls")) === 1;
  });
  const before = await scrape(running.gateway);
  expect(before.value(ofFixture("mcp_gateway_sessions"))).toBe(1);
  expect(before.value(ofFixture("mcp_gateway_service_ready"))).toBe(1);
  expect(before.value(ofFixture("mcp_gateway_server_processes"))).toBeGreaterThanOrEqual(1);
  expect(before.value("mcp_gateway_received_bytes_total")).toBeGreaterThan(0);
  expect(before.value("mcp_gateway_sent_bytes_total")).toBeGreaterThan(0);
  expect(before.value("mcp_gateway_held_bytes")).toBeGreaterThan(0);
  expect(before.value("process_start_time_seconds")).toBe(
    (await scrape(running.gateway)).value("process_start_time_seconds"),
  );
  await client.end();
  await slow;
  await until("the session is counted", async () => {
    const { value } = await scrape(running.gateway);
    return value('mcp_server_session_duration_seconds_count{service="fixture"}') === 1;
  });
});

test.concurrent("a server that ends is a restart", async ({ start }) => {
  const { gateway, open } = await start({ ...measured, service: { isolation: "shared" } });
  const client = await open();
  await client.tool("crash");
  await until("it is counted", async () => {
    const { value } = await scrape(gateway);
    return value(ofFixture("mcp_gateway_server_restarts_total")) === 1;
  });
});

test.concurrent("calls that wait for their turn are told", async ({ start }) => {
  const { gateway, open } = await start({ ...measured, service: { isolation: "shared", serial: true } });
  const client = await open();
  const calls = [1, 2, 3].map(() => client.tool("slow", { ms: 60_000 }).catch(() => {}));
  await until("two of them wait", async () => {
    const { value } = await scrape(gateway);
    return value(ofFixture("mcp_gateway_waiting_calls")) === 2;
  });
  await client.end();
  await Promise.all(calls);
});

test.concurrent("what the gateways of a service share is counted", async ({ start }) => {
  const stateDir = mkdtempSync(join(tmpdir(), "state-"));
  const { gateway, open } = await start({ ...measured, service: { stateDir } });
  await open();
  const { value, labels } = await scrape(gateway);
  const name = "mcp_gateway_store_operation_duration_seconds_count";
  expect(value(`${name}{service="fixture",operation="add"}`)).toBe(1);
  expect(labels(name).filter(({ error_type: error }) => error !== undefined)).toEqual([]);
});

test.concurrent("whoever reaches the port may read, but no page of another site", async ({ start }) => {
  const { gateway } = await start({ ...measured, tokens: ["a-token-that-nobody-needs-here"] });
  const base = `http://127.0.0.1:${gateway.metricsPort}`;
  const asked = async (host: string) => {
    const head = `GET /metrics HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\n\r\n`;
    return (await sendRaw(gateway.metricsPort!, head)).status;
  };
  expect(await asked("rebound.example")).toBe(403);
  expect(await asked("localhost:1")).toBe(200);
  expect((await fetch(`${base}/metrics?x=1`)).headers.get("content-type")).toBe(
    "text/plain; version=0.0.4; charset=utf-8",
  );
  expect((await fetch(base)).status).toBe(404);
  expect((await fetch(`${base}/metrics`, { method: "POST" })).status).toBe(404);
});

test.concurrent("a gateway whose port is taken says so, and serves", async ({ start, onTestFinished }) => {
  const other = createServer().listen(0, "127.0.0.1");
  onTestFinished(() => void other.close());
  await once(other, "listening");
  const { port } = other.address() as AddressInfo;
  const { gateway, log, open } = await start({ metricsPort: port });
  expect(gateway.metricsPort).toBeUndefined();
  expect(log.join("")).toMatch(`metrics: port ${port} is taken by`);
  expect(await (await open()).text("echo", { text: "served" })).toBe("served");
});

test.concurrent("a host that is not here is told, and nothing listens elsewhere", async ({ start }) => {
  const { gateway, log } = await start({ metricsPort: 0, metricsHost: "192.0.2.1" });
  expect(gateway.metricsPort).toBeUndefined();
  expect(log.join("")).toContain("192.0.2.1 is no address of this machine");
});
