/** Clients of a group that mean harm: they reach nothing but what is theirs, and leave nothing behind. */
import { join } from "node:path";
import { describe, expect } from "vitest";
import { Client, type Received } from "../../fixtures/client.ts";
import { test, until, type Running, type Settings } from "../../fixtures/harness.ts";
import { ModernClient } from "../../fixtures/modern-client.ts";
import { SseClient } from "../../fixtures/sse-client.ts";
import { WebSocketClient } from "../../fixtures/web-socket-client.ts";

const fixture = (name: string, ...args: readonly string[]) => ({
  command: process.execPath,
  args: [join(import.meta.dirname, "../../fixtures", name), ...args],
});
const lists = (given: object) => fixture("lists-child.ts", JSON.stringify(given));
const child = fixture("child.ts");
const at = ({ port }: Running, path = "/mcp", token?: string) =>
  new Client(`http://127.0.0.1:${port}${path}`, token === undefined ? {} : { authorization: `Bearer ${token}` });
const namesOf = ({ result }: Received, list = "tools", named = "name") =>
  (result?.[list] as Record<string, string>[] | undefined)?.map((item) => item[named]);

describe("the name of a call", () => {
  const servers = { one: lists({ tools: ["read"] }), constructor: lists({ tools: ["read"] }) };

  test.for<[string, number | undefined]>([
    ['{"name":"one_read"}', undefined],
    [String.raw`{"n\u0061me":"one_read"}`, undefined],
    [String.raw`{"name":"\u006fne\u005fread"}`, undefined],
    ['{"name":"constructor_read"}', undefined],
    ['{"name":"one_read","name":"one_other"}', -32600],
    ['{"name":"one_read","Name":"one_other"}', -32600],
    [String.raw`{"name":"one_read\u0000"}`, -32600],
    ['{"name":7}', -32602],
    ['{"name":null}', -32602],
    ["{}", -32602],
    ['{"name":"__proto___read"}', -32602],
    ['{"name":"toString_read"}', -32602],
    ['{"name":"one"}', -32602],
  ])("means the same to everybody, or is refused: %s", async ([params, code], { start }) => {
    const client = await at(await start({ servers })).open();
    const response = await client.post(`{"jsonrpc":"2.0","id":1,"method":"tools/call","params":${params}}`);
    const answer = (await response.json()) as Received;
    expect([answer.error?.code, answer.result?.content?.[0]?.text]).toEqual([
      code,
      code === undefined ? "called read" : undefined,
    ]);
  });
});

test.for<readonly [string, object, number]>([
  ["resources/read", {}, -32602],
  ["resources/read", { uri: "nowhere:" }, -32002],
  ["resources/unsubscribe", { uri: "nowhere:" }, -32002],
  ["completion/complete", {}, -32602],
  ["logging/setLevel", { level: "bogus" }, -32602],
  ["logging/setLevel", {}, -32602],
  ["tools/list", { cursor: Buffer.from(JSON.stringify({ a: 1 })).toString("base64url") }, -32602],
  ["tools/list", { cursor: Buffer.from(JSON.stringify([["one", "[".repeat(50_000)]])).toString("base64url") }, -32602],
  ["tools/list", { cursor: "x".repeat(100_000) }, -32602],
  ["tasks/list", {}, -32601],
])("%s that cannot be is refused", async ([method, params, code], { start }) => {
  const gateway = await start({ servers: { one: lists({ tools: ["read"], resources: ["file:///one"] }) } });
  const client = await at(gateway).open();
  expect((await client.request(method, params)).error?.code).toBe(code);
  expect(await client.text("one_read")).toBe("called read");
});

test("a resource that is not found has the code of the client's era", async ({ start }) => {
  const gateway = await start({ servers: { one: lists({ resources: ["file:///one"] }) } });
  const [legacy, modern] = [await at(gateway).open(), new ModernClient(gateway)];
  const codes = [legacy, modern].map(
    async (client) => (await client.request("resources/read", { uri: "nowhere:" })).error?.code,
  );
  expect(await Promise.all(codes)).toEqual([-32002, -32602]);
});

describe("what a token opens", () => {
  const tokens = { one: "token-of-one-aaaaaaaaaaaa", two: "token-of-two-aaaaaaaaaaaa" };
  const servers = {
    one: { ...lists({ tools: ["read"], resources: ["file:///one"] }), tokens: [tokens.one] },
    two: { ...lists({ tools: ["secret"], resources: ["file:///two"] }), tokens: [tokens.two] },
  };

  test.for(["all", "search"] as const)(
    "is that service alone on every way in, in both eras, one after another from one address: discovery %s",
    async (discovery, { start }) => {
      const gateway = await start({ servers, discovery } as Settings);
      for (const [name, hidden] of [
        ["one", "two"],
        ["two", "one"],
        ["one", "two"],
      ] as const) {
        const headers = { authorization: `Bearer ${tokens[name]}` };
        const clients = [
          await at(gateway, "/mcp", tokens[name]).open(),
          await new SseClient(`http://127.0.0.1:${gateway.port}/sse`, headers).open(),
          await new WebSocketClient(`ws://127.0.0.1:${gateway.port}/ws`, ["mcp"], { headers }).open(),
          new ModernClient(gateway, headers),
        ];
        for (const client of clients) {
          const said = [
            await client.request("tools/list"),
            await client.tool("find_tools", { query: "secret read" }),
            await client.request("resources/list"),
          ];
          expect(JSON.stringify(said)).not.toContain(hidden);
          expect(namesOf(said[2]!, "resources", "uri")).toEqual([`file:///${name}`]);
          const tool = hidden === "two" ? "two_secret" : "one_read";
          for (const refused of [
            await client.tool(tool),
            await client.tool("call_tool", { name: tool, arguments: {} }),
            await client.request("resources/read", { uri: `file:///${hidden}` }),
          ])
            expect(refused.error).toBeDefined();
        }
      }
    },
  );
});

test.concurrent("limits of a member hold, and its calls are audited once", async ({ start }) => {
  const gateway = await start({ servers: { one: { ...child, requestTimeout: "500ms", maxOpenCalls: 3 } } });
  const client = await at(gateway).open();
  expect((await client.tool("one_slow", { ms: 60_000 })).error?.message).toContain(
    "one did not answer tools/call within",
  );
  const calls = await Promise.all(Array.from({ length: 6 }, () => client.tool("one_slow", { ms: 60_000 })));
  expect(calls.filter(({ error }) => error?.message.includes("3 calls open"))).toHaveLength(3);
  const audited = (tool: string) => gateway.log.filter((line) => line.includes(`"tool":"${tool}"`)).length;
  await until("they are written", () => audited("one_slow") === 7);
  expect(audited("slow")).toBe(0);
  expect([gateway.service.openCalls, (await client.end()).ok]).toEqual([0, true]);
  await until("its session has ended", () => gateway.service.sessions.size === 0);
});

test.concurrent("a member with all its sessions taken takes away its own tools alone", async ({ start }) => {
  const gateway = await start({ servers: { one: { ...child, maxSessions: 1 }, two: lists({ tools: ["read"] }) } });
  const [first, second] = [await at(gateway).open(), await at(gateway).open()];
  expect(namesOf(await first.request("tools/list"))).toContain("one_echo");
  expect(namesOf(await second.request("tools/list"))).toEqual(["two_read"]);
  expect((await second.tool("one_echo", { text: "x" })).error?.message).toContain("which is its limit");
  await first.end();
  await until("its session has ended", () => gateway.service.sessions.size === 0);
  expect(await second.text("one_echo", { text: "x" })).toBe("x");
});
