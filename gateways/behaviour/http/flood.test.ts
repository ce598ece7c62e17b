/** A client that floods the gateway is slowed down, and open sessions are not affected. */
import { expect } from "vitest";
import { test } from "../../fixtures/harness.ts";

const settings = { exemptLoopback: false, service: { isolation: "shared" } } as const;

test("a flood of initialize is refused with Retry-After while an open session of the same address goes on", async ({
  start,
}) => {
  const { open, client } = await start({
    ...settings,
    sessionRate: 5,
    requestRate: { times: 20, per: 1 },
    requestBurst: 20,
  });
  const live = await open();
  for (let wave = 1; wave <= 8; wave++) {
    const flood = await Promise.all(Array.from({ length: 20 }, () => client().initialize()));
    const refused = flood.filter(({ status }) => status !== 200);
    expect(refused.length).toBeGreaterThanOrEqual(15);
    for (const response of refused) {
      expect(response.status).toBe(429);
      expect(Number(response.headers.get("retry-after"))).toBeGreaterThan(0);
      expect(await response.json()).toMatchObject({ jsonrpc: "2.0", error: { code: -32000 } });
    }
    expect(await live.text("count")).toBe(`${wave}`);
  }
});

test("a session that calls too often is refused with Retry-After, and may call again later", async ({ start }) => {
  const { open } = await start({ ...settings, requestRate: { times: 5, per: 1 }, requestBurst: 10 });
  const client = await open();
  const calls = await Promise.all(
    Array.from({ length: 20 }, (_, id) => client.post({ jsonrpc: "2.0", id, method: "ping" })),
  );
  const refused = calls.filter(({ status }) => status === 429);
  expect(refused.length).toBeGreaterThan(5);
  for (const response of refused) expect(Number(response.headers.get("retry-after"))).toBeGreaterThan(0);
  await expect.poll(async () => (await client.notify("notifications/x")).status, { timeout: 10_000 }).toBe(202);
});

test("a flood of initialize with a made-up session id does not use up the sessions' limit", async ({ start }) => {
  const { open, client } = await start({
    ...settings,
    sessionRate: 5,
    requestRate: { times: 1, per: 60 },
    requestBurst: 10,
  });
  const live = await open();
  const flood = client({ "mcp-session-id": "made-up" });
  for (let tries = 0; tries < 12; tries++) await flood.initialize();
  expect((await live.request("ping")).result).toEqual({});
});
