/** Who may do what, on every way in: tokens that open some tools, `allow`, and what neither opens. */
import { createHash } from "node:crypto";
import { join } from "node:path";
import { describe, expect } from "vitest";
import { Client, type Received, type ToolClient } from "../../fixtures/client.ts";
import { test, until, type Running } from "../../fixtures/harness.ts";
import { ModernClient } from "../../fixtures/modern-client.ts";
import { randomNumbers } from "../../fixtures/random.ts";
import { SseClient } from "../../fixtures/sse-client.ts";
import { WebSocketClient } from "../../fixtures/web-socket-client.ts";

const TOOLS = ["read_a", "read_b", "list", "delete_a", "drop", "a b"];
const lists = (more: object = {}) => ({
  command: process.execPath,
  args: [
    join(import.meta.dirname, "../../fixtures/lists-child.ts"),
    JSON.stringify({ tools: TOOLS, prompts: ["ask"], resources: ["a:b"], ...more }),
  ],
});

const digest = (token: string) => createHash("sha256").update(token).digest("hex");
const named = (name: string, tools?: readonly string[]) => ({ name, digest: digest(name), ...(tools && { tools }) });
const OPERATOR = "operators-token-that-is-long-enough";
const top = { tokens: [OPERATOR] };

const namesOf = ({ result }: Received, list = "tools") => (result![list] as { name: string }[]).map(({ name }) => name);
const bearer = (token: string) => ({ authorization: `Bearer ${token}` });
const url = ({ port }: Running, path: string) => `http://127.0.0.1:${port}${path}`;

const call = (id: number, name: string) => ({ jsonrpc: "2.0", id, method: "tools/call", params: { name } });

type Open = (running: Running, path: string, token: string) => Promise<ToolClient<object>>;
const ways: readonly (readonly [way: string, open: Open])[] = [
  ["a session", (running, path, token) => new Client(url(running, `${path}/mcp`), bearer(token)).open()],
  ["modern requests", async (running, path, token) => new ModernClient(running, bearer(token), `${path}/mcp`)],
  ["/sse", (running, path, token) => new SseClient(url(running, `${path}/sse`), bearer(token)).open()],
  [
    "/ws",
    (running, path, token) =>
      new WebSocketClient(url(running, `${path}/ws`), ["mcp"], { headers: bearer(token) }).open(),
  ],
];

/** Calls each tool. @returns those that a server has answered */
async function callable(client: ToolClient<object>, names: readonly string[]): Promise<string[]> {
  const answers = await Promise.all(names.map(async (name) => [name, await client.tool(name)] as const));
  const errors = answers.flatMap(([, { error }]) => error ?? []);
  expect(errors.filter(({ message }) => !message.startsWith("Unknown tool: "))).toEqual([]);
  return answers.filter(([, { result }]) => result !== undefined).map(([name]) => name);
}

describe.each(ways)("on %s", (_, open) => {
  test("what is listed is what can be called, with random patterns: alone, shared, in a group, on the hub", async ({
    start,
  }) => {
    const random = randomNumbers(7);
    const pieces = ["read_*", "!delete_*", "list", "*b", "?????", "!drop", "m_read_*", "!m_list", "*"];
    const tokens = Array.from({ length: 4 }, (__, at) =>
      named(
        `t${at}`,
        Array.from({ length: 1 + random(2) }, () => pieces[random(pieces.length)]!),
      ),
    );
    const allow = { t0: ["*"], t1: ["read_*"], t2: ["*a"], "*": ["list", "delete_*"] };
    const running = await start({
      servers: {
        m: { ...lists(), namedTokens: tokens },
        shared: { ...lists(), isolation: "shared", namedTokens: tokens, allow },
        all: { group: ["m", "shared"], namedTokens: tokens },
      },
      top,
    });
    const everywhere = ["/m", "/shared", "/all", ""];
    for (const { name } of [...tokens, { name: OPERATOR }])
      for (const path of everywhere) {
        const client = await open(running, path, name);
        const names = ["/m", "/shared"].includes(path)
          ? TOOLS
          : TOOLS.flatMap((tool) => [`m_${tool}`, `shared_${tool}`]);
        const listed = namesOf(await client.request("tools/list"));
        expect((await callable(client, names)).toSorted(), `${name} at ${path}`).toEqual(listed.toSorted());
        expect(listed.length === names.length || name !== OPERATOR).toBe(true);
      }
  });

  test("a token of some tools sees no resources and no prompts, and does not get at them", async ({ start }) => {
    const running = await start({ servers: { m: { ...lists(), namedTokens: [named("ci", ["read_*"])] } }, top });
    const client = await open(running, "/m", "ci");
    expect(namesOf(await client.request("resources/list"), "resources")).toEqual([]);
    expect(namesOf(await client.request("prompts/list"), "prompts")).toEqual([]);
    for (const [method, params] of [
      ["resources/read", { uri: "a:b" }],
      ["prompts/get", { name: "ask" }],
    ] as const)
      expect((await client.request(method, params)).error?.message).toMatch(
        /^You may not use the (resources|prompts) of m/,
      );
  });

  test("a search finds and calls what may be called, and nothing else", async ({ start }) => {
    const entry = { ...lists(), discovery: "search", namedTokens: [named("ci", ["read_*"])] };
    const client = await open(await start({ servers: { m: entry }, top }), "/m", "ci");
    const found = await client.tool("find_tools", { query: "read delete list a b" });
    const tools = (found.result!["structuredContent"] as { tools: { name: string }[] }).tools;
    expect(tools.map(({ name }) => name).toSorted()).toEqual(["read_a", "read_b"]);
    for (const [name, is] of [
      ["read_a", true],
      ["delete_a", false],
    ] as const) {
      expect((await client.tool("call_tool", { name, arguments: {} })).error === undefined).toBe(is);
      expect(JSON.stringify(await client.tool("describe_tool", { name })).includes("inputSchema")).toBe(is);
    }
  });
});

test("every call of a batch is judged", async ({ start }) => {
  const running = await start({ servers: { m: { ...lists(), namedTokens: [named("ci", ["read_*"])] } }, top });
  const client = await new Client(url(running, "/m/mcp"), bearer("ci")).open("2025-03-26");
  const answers = (await (await client.post([call(1, "read_a"), call(2, "delete_a")])).json()) as Received[];
  expect(answers.map(({ id, error }) => `${id}: ${error?.code}`).toSorted()).toEqual(["1: undefined", "2: -32602"]);
});

test("whoever is named nowhere is told so at once, and no server is started for them", async ({ start }) => {
  const m = { ...lists(), allow: { team: ["*"] }, namedTokens: [named("ci")] };
  const running = await start({ servers: { m, n: { ...lists(), namedTokens: [named("ci")] } }, top });
  const answer = await new Client(url(running, "/m/mcp"), bearer("ci")).initialize();
  expect([answer.status, answer.headers.get("www-authenticate")]).toEqual([403, null]);
  expect(await answer.text()).toContain("ci may use nothing of m. Ask the operator");
  await until("it is in the audit", () => running.log.some((line) => /"name":"ci","reason":"not allowed"/.test(line)));
  const hub = await new Client(url(running, "/mcp"), bearer("ci")).open();
  expect(namesOf(await hub.request("tools/list")).every((name) => name.startsWith("n_"))).toBe(true);
});

test("the audit has the name of a token, and its sessions are those of the name", async ({ start }) => {
  const second = { name: "ci", digest: digest("second"), tools: ["read_*"] };
  const entry = { ...lists(), namedTokens: [named("ci", ["read_*"]), second, named("other", ["read_*"])] };
  const running = await start({ servers: { m: entry }, top });
  const client = await new Client(url(running, "/m/mcp"), bearer("ci")).open();
  expect(await client.text("read_a")).toBe("called read_a");
  const lines = () => running.log.filter((line) => /AUTH (call|session-opened)/.test(line));
  await until("both are in the audit", () => lines().length >= 2);
  for (const line of lines()) expect(JSON.parse(line)).toMatchObject({ principal: "token:ci", name: "ci" });
  client.headers["authorization"] = "Bearer second";
  expect(await client.text("read_b")).toBe("called read_b");
  client.headers["authorization"] = "Bearer other";
  expect((await client.post({ jsonrpc: "2.0", id: 9, method: "ping" })).status).toBe(404);
});

test("a token that ends in the middle of a session gets 401, and the session goes on with the next one", async ({
  start,
}) => {
  const expires = new Date(Date.now() + 1_500).toISOString();
  const entry = {
    ...lists(),
    namedTokens: [
      { ...named("ci"), expires },
      { name: "ci", digest: digest("next") },
    ],
  };
  const running = await start({ servers: { m: entry }, top });
  const client = await new Client(url(running, "/m/mcp"), bearer("ci")).open();
  const socket = await new WebSocketClient(url(running, "/m/ws"), ["mcp"], { headers: bearer("ci") }).open();
  const ping = () => client.post({ jsonrpc: "2.0", id: 1, method: "ping" });
  await until("it has ended", async () => (await ping()).status === 401);
  const refused = await ping();
  expect(await refused.text()).toContain("A valid bearer token is required: this one has expired");
  await until("the audit says why", () =>
    running.log.some((line) => /"reason":"expired token".*AUTH refused/.test(line)),
  );
  expect((await socket.request("tools/list").catch(() => undefined))?.result).toBeUndefined();
  client.headers["authorization"] = "Bearer next";
  expect((await ping()).status).toBe(200);
});
