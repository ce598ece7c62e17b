/** Batches exist in protocol revision 2025-03-26 (and before, as JSON-RPC has them) and are refused after it. */
import { expect } from "vitest";
import { eventsOf, isStream, type Received } from "../fixtures/client.ts";
import { test } from "../fixtures/harness.ts";

const call = (id: number, name: string, args: object = {}, more: object = {}) => ({
  jsonrpc: "2.0",
  id,
  method: "tools/call",
  params: { name, arguments: args, ...more },
});

const service = { isolation: "shared" } as const;

test("a batch is answered with one array that has an answer for each request", async ({ start }) => {
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

test("a batch in which something comes before the answers is answered on a stream", async ({ start }) => {
  const { open } = await start({ service });
  const client = await open("2025-03-26");
  const progress = call(2, "progress", { times: 2 }, { _meta: { progressToken: "p" } });
  expect(await streamed(await client.post([call(1, "echo"), progress]))).toEqual(
    new Set([1, 2, "notifications/progress"]),
  );
});

test("a batch that takes long becomes a stream, with the answers that were there before it", async ({ start }) => {
  const { open } = await start({ service, heartbeat: 100 });
  const client = await open("2025-03-26");
  const response = await client.post([call(1, "echo"), call(2, "slow", { ms: 1_000 })]);
  expect(await streamed(response)).toEqual(new Set([1, 2]));
});

/** The ids of the answers on a stream, and the methods of what else is there. */
async function streamed(response: Response): Promise<Set<unknown>> {
  expect(isStream(response)).toBe(true);
  const seen = new Set<unknown>();
  for await (const { message } of eventsOf(response)) if (message) seen.add(message.id ?? message.method);
  return seen;
}

test("a server that dies during a batch leaves no request of it without an answer", async ({ start }) => {
  const { open } = await start({ service });
  const client = await open("2025-03-26");
  const response = await client.post([call(1, "slow", { ms: 60_000 }), call(2, "crash")]);
  const answers = (await response.json()) as Received[];
  expect(new Set(answers.map(({ id }) => id))).toEqual(new Set([1, 2]));
  for (const { error } of answers) expect(error?.message).toMatch(/exit code 3/);
});

test("a batch of notifications alone is accepted without an answer", async ({ start }) => {
  const { open } = await start({ service });
  const noted = { jsonrpc: "2.0", method: "notifications/roots/list_changed" };
  const response = await (await open("2025-03-26")).post([noted, noted]);
  expect([response.status, await response.text()]).toEqual([202, ""]);
});

for (const version of ["2025-06-18", "2025-11-25"]) {
  test(`a batch in ${version} is refused, and nothing of it runs`, async ({ start }) => {
    const { open } = await start({ service });
    const client = await open(version);
    const response = await client.post([call(1, "count"), call(2, "count")]);
    expect(response.status).toBe(400);
    expect(await response.json()).toMatchObject({ id: null, error: { code: -32600 } });
    expect(await client.text("count")).toBe("1");
  });
}

test("a batch that is empty, has initialize in it or something that is no message is refused whole", async ({
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
