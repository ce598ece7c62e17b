/** What a session keeps of its client's messages is limited, so no client can fill the gateway's memory. */
import { expect } from "vitest";
import { eventsOf, type Client, type Received } from "../../fixtures/client.ts";
import { until } from "../../fixtures/harness.ts";
import { test } from "../../fixtures/process.ts";

const TOO_LONG = "x".repeat(70_000);
const tooLarge = { error: { code: -32000, message: expect.stringMatching(/over 65536 bytes/) as string } };

test.concurrent("an initialize over 64 KiB is refused with 413, and no session is opened", async ({ start }) => {
  const { client, service } = await start({ service: { isolation: "shared" } });
  const response = await client().initialize("2025-11-25", { experimental: { TOO_LONG } });
  expect(response.status).toBe(413);
  expect(await response.json()).toMatchObject({ id: "init-1", ...tooLarge });
  expect(service.sessions.size).toBe(0);
});

for (const isolation of ["shared", "session"] as const) {
  test.concurrent(
    `a subscription or log level over 64 KiB is refused and reaches no server, isolation ${isolation}`,
    async ({ start }) => {
      const { open } = await start({ service: { isolation } });
      const client = await open();
      expect(await client.request("resources/subscribe", { uri: "a:", TOO_LONG })).toMatchObject(tooLarge);
      expect(await client.request("logging/setLevel", { level: "info", TOO_LONG })).toHaveProperty("error");
      expect(await client.text("echo", { text: TOO_LONG })).toBe(TOO_LONG); // a call is not kept, so it may be long
      const seen = (await client.received()).map(({ method }) => method);
      expect(seen.filter((method) => /subscribe|setLevel/.test(method ?? ""))).toEqual([]);
    },
  );
}

/** Subscribes to so many resources in concurrent batches of a hundred. @returns how many were refused */
async function subscribe(client: Client, first: number, count: number): Promise<number> {
  const batches = Array.from({ length: count / 100 }, async (_, batch) => {
    const requests = Array.from({ length: 100 }, (__, index) => {
      const id = first + batch * 100 + index;
      return { jsonrpc: "2.0", id, method: "resources/subscribe", params: { uri: `u:${id}` } };
    });
    const response = await client.post(requests, { accept: "application/json" });
    return ((await response.json()) as Received[]).filter(({ error }) => error !== undefined).length;
  });
  return (await Promise.all(batches)).reduce((sum, refused) => sum + refused, 0);
}

for (const isolation of ["shared", "session"] as const) {
  test.concurrent(
    `a session has at most 1,000 subscriptions, even when it requests more at once, isolation ${isolation}`,
    async ({ start }) => {
      const { open } = await start({ service: { isolation } });
      const client = await open("2025-03-26");
      expect(await subscribe(client, 0, 1_300)).toBe(300);
      const { error } = await client.request("resources/subscribe", { uri: "one more:" });
      expect(error?.message).toMatch(/1000 subscriptions/);
      // Other sessions are not affected.
      expect((await (await open()).request("resources/subscribe", { uri: "a:" })).result).toEqual({});
    },
  );
}

test.concurrent("ending a subscription makes room for another", async ({ start }) => {
  const { open } = await start({ service: { isolation: "shared" } });
  const client = await open("2025-03-26");
  expect(await subscribe(client, 0, 1_000)).toBe(0);
  await client.request("resources/unsubscribe", { uri: "u:7" });
  expect((await client.request("resources/subscribe", { uri: "one more:" })).result).toEqual({});
});

test.concurrent("large open calls do not fill the gateway's memory", async ({ run }) => {
  const gateway = await run({ flags: ["--request-rate", "0"], memory: 80 });
  const [caller, other] = [await gateway.client().open(), await gateway.client().open()];
  const leave = new AbortController();
  const text = "x".repeat(900_000);
  let begun = 0;
  for (let id = 0; id < 120; id += 10) {
    const calls = Array.from({ length: 10 }, async (_, index) => {
      const params = {
        name: "progress",
        arguments: { times: 1, ms: 60_000, text: "" },
        text,
        _meta: { progressToken: `token-of-call-${id + index}` },
      };
      const body = { jsonrpc: "2.0", id: `the-id-of-call-${id + index}`, method: "tools/call", params };
      const events = eventsOf(await caller.post(body, {}, leave.signal));
      await events.next();
      begun++;
    });
    await Promise.all(calls);
  }
  await until("all have begun", () => begun === 120);
  expect(await other.text("count")).toBe("1");
  leave.abort();
});
