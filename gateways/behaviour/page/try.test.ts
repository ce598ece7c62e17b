/** A try of a tool is a call like any other: it passes the same checks, and says the same. */
import { describe, expect } from "vitest";
import { test } from "../../fixtures/harness.ts";
import { modernChild } from "../../fixtures/modern-client.ts";
import { PageVisit } from "../../fixtures/page-visitor.ts";

const SHARED = { isolation: "shared" } as const;

interface Response {
  readonly result?: { readonly content: readonly { readonly text: string }[]; readonly isError?: boolean };
  readonly error?: { readonly code: number; readonly message: string; readonly data?: { readonly error?: string } };
}

const tried = async (port: number, tool: string, given: object = {}) =>
  (await new PageVisit(port).call("fixture", tool, given)).response as Response;

describe.each([
  ["a legacy server that is shared", { service: SHARED }],
  ["a legacy server for each client", { service: { isolation: "session" } as const }],
  ["a modern server", { command: modernChild() }],
] as const)("%s", (_, settings) => {
  test("answers the page", async ({ start }) => {
    const { port } = await start(settings);
    const { tools = [] } = (await new PageVisit(port).service()).details!;
    expect(tools.length).toBeGreaterThan(0);
    const name = tools.some((tool) => tool.name === "echo") ? "echo" : "line";
    expect((await tried(port, name, { text: "größe 🚢" })).result).toBeDefined();
  });

  test("is declined what it asks its caller for, with a sentence", async ({ start }) => {
    const { port } = await start(settings);
    const response = await tried(port, "ask", { method: "elicitation/create", params: { message: "Sure?" } });
    expect(JSON.stringify(response)).toMatch(/the page declines|cannot reach the client|shared by several sessions/);
  });
});

test("what is hidden cannot be called, and every call is in the audit", async ({ start }) => {
  const { port, log } = await start({ service: { ...SHARED, tools: ["echo"] } });
  expect((await new PageVisit(port).service()).details?.tools?.map(({ name }) => name)).toEqual(["echo"]);
  expect((await tried(port, "crash")).error).toMatchObject({ code: -32602, data: { error: "tool-not-offered" } });
  await tried(port, "echo");
  const calls = () => log.filter((line) => line.includes("AUTH call")).map((line) => JSON.parse(line) as object);
  await expect.poll(calls).toMatchObject([
    { tool: "crash", outcome: "refused", principal: "anonymous" },
    { tool: "echo", outcome: "ok", principal: "anonymous" },
  ]);
});

test("tries count against the limit of the service", async ({ start }) => {
  const limited = { requestRate: { times: 1, per: 60 }, requestBurst: 3, exemptLoopback: false };
  const { port } = await start({ service: { ...SHARED, ...limited } });
  const visit = new PageVisit(port);
  const { csrf } = (await visit.status()).visitor;
  const wanted = { service: "fixture", tool: "echo", arguments: {} };
  const statuses: number[] = [];
  for (let call = 0; call < 5; call++) statuses.push((await visit.post(wanted, { "x-csrf-token": csrf })).status);
  expect(statuses).toEqual([200, 200, 200, 429, 429]);
});

test("an error of the server is its answer, and a server that ends is told of", async ({ start }) => {
  const { port } = await start({ service: SHARED });
  expect((await tried(port, "no-such-tool")).error).toMatchObject({ code: -32601, message: "unknown: no-such-tool" });
  expect((await tried(port, "crash")).error?.data).toEqual({ error: "child-died" });
});

test("an answer that is too long to show is told by its length", async ({ start }) => {
  const { port } = await start({ service: SHARED });
  expect((await tried(port, "big", { bytes: 3 * 1024 * 1024 })).error).toMatchObject({
    message: expect.stringMatching(/The call has run, and its answer of \d+ bytes is longer than/),
    data: { error: "too-long-to-show" },
  });
  expect((await tried(port, "big", { bytes: 300_000 })).result?.content[0]?.text).toHaveLength(100_000);
});

test("arguments arrive as they were written", async ({ start }) => {
  const { port } = await start({ service: SHARED });
  const visit = new PageVisit(port);
  const { csrf } = (await visit.status()).visitor;
  const json = { "content-type": "application/json", "x-csrf-token": csrf };
  const body = '{"service":"fixture","tool":"received","arguments":{"id":9007199254740993,"text":"\\u00e9"}}';
  const response = await visit.fetch("/_/call", { method: "POST", body, headers: json });
  expect(response.status).toBe(200);
  const { request } = (await response.json()) as { request: { params: { arguments: object } } };
  expect(request.params.arguments).toMatchObject({ text: "é" });
});

describe("a try that makes no sense is refused:", () => {
  test.for([
    ["no JSON", "{", 400],
    ["no service", '{"tool":"echo"}', 400],
    ["a name that is no text", '{"service":"fixture","tool":7}', 400],
    ["arguments that are no object", '{"service":"fixture","tool":"echo","arguments":[1]}', 200],
    ["nested too deeply", `{"service":"fixture","tool":"echo","arguments":${"[".repeat(500)}${"]".repeat(500)}}`, 400],
    ["too long", `{"service":"fixture","tool":"echo","arguments":{"text":"${"x".repeat(1_100_000)}"}}`, 413],
    ["a service that is none", '{"service":"../fixture","tool":"echo"}', 404],
  ] as const)("%s", async ([, body, status], { start }) => {
    const { port } = await start({ service: SHARED });
    const visit = new PageVisit(port);
    const { csrf } = (await visit.status()).visitor;
    const headers = { "content-type": "application/json", "x-csrf-token": csrf };
    expect((await visit.fetch("/_/call", { method: "POST", body, headers })).status).toBe(status);
  });
});

test("a secret that a tool answers with does not reach the page", async ({ start }) => {
  const SECRET = "s3cr3t-value-of-some-length";
  const command = process.execPath;
  const args = [new URL("../../fixtures/child.ts", import.meta.url).pathname];
  const { port } = await start({
    servers: { fixture: { command, args, env: { API_TOKEN: SECRET }, isolation: "shared" } },
  });
  const response = JSON.stringify(await tried(port, "echo", { text: `it is ${SECRET}` }));
  expect(response).toContain("it is [API_TOKEN]");
});
