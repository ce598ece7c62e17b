/** Ids as servers in use send them back: an answer still reaches its caller, with the caller's own id. */
import { expect } from "vitest";
import { loose } from "../../fixtures/loose.ts";
import { test, until } from "../../fixtures/harness.ts";

for (const isolation of ["shared", "session"] as const) {
  for (const ids of ["int32", "string", "float"]) {
    test.concurrent(`a server that sends ids back as ${ids} answers, isolation ${isolation}`, async ({ start }) => {
      const { open } = await start({ ...loose("--ids", ids), service: { isolation } });
      const client = await open();
      for (const id of [7, 0, -1, 2 ** 53, "7", "a", ""]) {
        const answer = await client.tool("echo", { text: `for ${id}` }, { id });
        expect(answer).toMatchObject({ id, result: { content: [{ text: `for ${id}` }] } });
      }
    });
  }
}

test("ids and progress tokens at a server are positive, below 2^31, and do not follow each other", async ({
  start,
}) => {
  const { open } = await start();
  const client = await open();
  for (let call = 0; call < 20; call++) await client.tool("progress", { times: 1 }, { progressToken: "p" });
  const calls = (await client.received()).filter(({ method }) => method === "tools/call");
  const ids = calls.map(({ id }) => Number(id));
  const tokens = calls.flatMap(({ params }) => {
    const token = (params?.["_meta"] as { progressToken?: number } | undefined)?.progressToken;
    return token === undefined ? [] : [token];
  });
  expect(tokens).toHaveLength(20);
  for (const id of [...ids, ...tokens]) {
    expect(Number.isInteger(id)).toBe(true);
    expect(id).toBeGreaterThan(0);
    expect(id).toBeLessThan(2 ** 31);
  }
  const steps = new Set(ids.slice(1).map((id, index) => id - ids[index]!));
  expect(steps.size).toBeGreaterThan(15);
});

const strange = ["12345678901234567890", "-7", "1.5e3", "0", '""', '"\\u0041\\/\\"b"', '"\u20ac"'];

for (const id of strange) {
  test.concurrent(`a client request with the id ${id} is answered with exactly that id`, async ({ start }) => {
    const { open } = await start();
    const client = await open("2025-11-25", { roots: {} });
    const messages = await client.listen();
    const ask = `{"jsonrpc":"2.0","id":${id},"method":"roots/list"}`;
    const text = `${ask}\n{"jsonrpc":"2.0","id":$ID,"result":{}}`;
    await client.tool("raw", { text }, { headers: { accept: "application/json" } });
    await until("the request is received", () => messages.length === 1);
    await client.post({ jsonrpc: "2.0", id: messages[0]!.id, result: { roots: [] } });
    const answers = (await client.received()).filter(({ method }) => method === undefined);
    expect(answers).toEqual([{ jsonrpc: "2.0", id: JSON.parse(id) as unknown, result: { roots: [] } }]);
  });
}

test("an answer to a client request may carry its id with escapes", async ({ start }) => {
  const { open } = await start();
  const client = await open("2025-11-25", { roots: {} });
  const messages = await client.listen();
  const call = client.text("ask", { method: "roots/list" }, { headers: { accept: "application/json" } });
  await until("the request is received", () => messages.length === 1);
  const id = JSON.stringify(messages[0]!.id).replace("-", "\\u002d");
  await client.post(`{"jsonrpc":"2.0","id":${id},"result":{"roots":[]}}`);
  expect(JSON.parse(await call)).toEqual({ result: { roots: [] } });
});

test("a client request is answered by nobody but the session that was asked", async ({ start }) => {
  const { open } = await start();
  const [asked, other] = [await open("2025-11-25", { roots: {} }), await open("2025-11-25", { roots: {} })];
  const messages = await asked.listen();
  const call = asked.text("ask", { method: "roots/list" }, { headers: { accept: "application/json" } });
  await until("the request is received", () => messages.length === 1);
  for (const meant of ["forged", "again"]) await other.post({ jsonrpc: "2.0", id: messages[0]!.id, result: { meant } });
  await asked.post({ jsonrpc: "2.0", id: messages[0]!.id, result: { meant: "true" } });
  expect(JSON.parse(await call)).toEqual({ result: { meant: "true" } });
});
