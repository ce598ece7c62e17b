/** Batches work up to protocol revision 2025-03-26, and are refused in later ones. */
import { expect } from "vitest";
import { eventsOf, isStream, type Received } from "../../fixtures/client.ts";
import { test } from "../../fixtures/harness.ts";

const call = (id: number, name: string, args: object = {}, more: object = {}) => ({
  jsonrpc: "2.0",
  id,
  method: "tools/call",
  params: { name, arguments: args, ...more },
});

const service = { isolation: "shared" } as const;

test("a batch is answered with one array of answers, one for each request", async ({ start }) => {
  const { open } = await start({ service });
  const client = await open("2025-03-26");
  const noted = { jsonrpc: "2.0", method: "notifications/roots/list_changed" };
  const response = await client.post([
    call(1, "slow", { ms: 100 }),
    noted,
    call(2, "echo", { text: "b" }),
    call(3, "none"),
  ]);
  expect(response.headers.get("content-type")).toBe("application/json");
  const answers = (await response.json()) as Received[];
  expect(new Set(answers.map(({ id }) => id))).toEqual(new Set([1, 2, 3]));
  expect(answers).toHaveLength(3);
  expect(answers.find(({ id }) => id === 2)?.result?.content?.[0]?.text).toBe("b");
  expect(answers.find(({ id }) => id === 3)?.error?.code).toBe(-32601);
});

test("a batch with messages before its answers is answered on a stream", async ({ start }) => {
  const { open } = await start({ service });
  const client = await open("2025-03-26");
  const progress = call(2, "progress", { times: 2 }, { _meta: { progressToken: "p" } });
  expect(await streamed(await client.post([call(1, "echo"), progress]))).toEqual(
    new Set([1, 2, "notifications/progress"]),
  );
});

test("a slow batch becomes a stream, which includes the answers that came earlier", async ({ start }) => {
  const { open } = await start({ service, heartbeat: 100 });
  const client = await open("2025-03-26");
  const response = await client.post([call(1, "echo"), call(2, "slow", { ms: 1_000 })]);
  expect(await streamed(response)).toEqual(new Set([1, 2]));
});

/** The ids of the answers on a stream, and the methods of the other messages. */
async function streamed(response: Response): Promise<Set<unknown>> {
  expect(isStream(response)).toBe(true);
  const seen = new Set<unknown>();
  for await (const { message } of eventsOf(response)) if (message) seen.add(message.id ?? message.method);
  return seen;
}

test("every request of a batch is answered when the server dies", async ({ start }) => {
  const { open } = await start({ service });
  const client = await open("2025-03-26");
  const response = await client.post([call(1, "slow", { ms: 60_000 }), call(2, "crash")]);
  const answers = (await response.json()) as Received[];
  expect(new Set(answers.map(({ id }) => id))).toEqual(new Set([1, 2]));
  for (const { error } of answers) expect(error?.message).toMatch(/exit code 3/);
});

test("a batch of notifications is accepted without an answer", async ({ start }) => {
  const { open } = await start({ service });
  const noted = { jsonrpc: "2.0", method: "notifications/roots/list_changed" };
  const response = await (await open("2025-03-26")).post([noted, noted]);
  expect([response.status, await response.text()]).toEqual([202, ""]);
});

for (const version of ["2025-06-18", "2025-11-25"]) {
  test(`a batch in ${version} is refused, and none of it runs`, async ({ start }) => {
    const { open } = await start({ service });
    const client = await open(version);
    const response = await client.post([call(1, "count"), call(2, "count")]);
    expect(response.status).toBe(400);
    expect(await response.json()).toMatchObject({ id: null, error: { code: -32600 } });
    expect(await client.text("count")).toBe("1");
  });
}

test("a batch that is empty, or contains initialize or a malformed message, is refused as a whole", async ({
  start,
}) => {
  const { open } = await start({ service });
  const client = await open("2025-03-26");
  const initialize = { jsonrpc: "2.0", id: 2, method: "initialize", params: {} };
  for (const batch of [[], [call(1, "count"), initialize], [call(1, "count"), 7], [call(1, "count"), []]]) {
    const response = await client.post(batch);
    expect(response.status).toBe(400);
    expect(await response.json()).toMatchObject({ error: { code: -32600 } });
  }
  expect(await client.text("count")).toBe("1");
});

const counts = (length: number) => Array.from({ length }, (_, id) => call(id, "count"));

test("a batch of more than 100 messages is refused, and none of it runs", async ({ start }) => {
  const { open } = await start({ service });
  const client = await open("2025-03-26");
  const refused = await client.post(counts(101));
  expect(refused.status).toBe(400);
  expect(await refused.json()).toMatchObject({
    error: { code: -32600, message: expect.stringMatching(/100/) as string },
  });
  expect(await (await client.post(counts(100))).json()).toHaveLength(100);
  expect(await client.text("count")).toBe("101");
});

test("every message of a batch counts towards the rate limit, and none of a batch over it runs", async ({ start }) => {
  const limits = { exemptLoopback: false, requestRate: { times: 1, per: 60 }, requestBurst: 10 };
  const { open } = await start({ ...limits, service });
  const client = await open("2025-03-26");
  const refused = await client.post(counts(20));
  expect(refused.status).toBe(429);
  expect(Number(refused.headers.get("retry-after"))).toBeGreaterThan(0);
  expect(await client.text("count")).toBe("1");
  // Six of ten are left: the refused batch counted as one request, and so will the next.
  expect((await client.post(counts(8))).status).toBe(429);
  expect(await (await client.post(counts(5))).json()).toHaveLength(5);
});
