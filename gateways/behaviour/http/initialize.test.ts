/** What initialize may contain, what the gateway fills in, and what applies to the session afterwards. */
import { expect } from "vitest";
import { test } from "../../fixtures/harness.ts";

const deep = (depth: number) => `${"[".repeat(depth)}${"]".repeat(depth)}`;

const initialize = (depth: number) =>
  `{"jsonrpc":"2.0","id":1,"method":"initialize","params":{"capabilities":{"experimental":{"x":${deep(depth)}}}}}`;

test("missing members of initialize are filled in, and the others stay unchanged, nested as deeply as may be", async ({
  start,
}) => {
  const { client } = await start();
  expect((await client().post(initialize(60))).status).toBe(200);
  const own = client();
  const response = await own.post(initialize(3));
  expect(response.status).toBe(200);
  expect(await response.json()).toMatchObject({ id: 1, result: { protocolVersion: "2025-11-25" } });
  own.session = response.headers.get("mcp-session-id")!;
  const [seen] = await own.received();
  expect(seen?.params).toMatchObject({
    protocolVersion: "2025-11-25",
    capabilities: { experimental: { x: [[[]]] } },
    clientInfo: { name: "unnamed" },
  });
});

test("a session's own server may agree on a version that the gateway does not know, and is called in it", async ({
  start,
}) => {
  const { open } = await start();
  const client = await open("2024-10-07");
  const ping = { jsonrpc: "2.0", id: 1, method: "ping" };
  expect((await client.post(ping, { "mcp-protocol-version": "2024-10-07" })).status).toBe(200);
  expect((await client.post(ping, { "mcp-protocol-version": "2024-10-06" })).status).toBe(400);
});

test("tasks of a shared server are neither offered nor served, since they would be visible to all", async ({
  start,
}) => {
  const { client, open } = await start({ service: { isolation: "shared" } });
  const result = (await (await client().initialize()).json()) as { result: { capabilities: object } };
  expect(new Set(Object.keys(result.result.capabilities))).toEqual(new Set(["resources", "tools"]));
  const session = await open();
  for (const method of ["tasks/list", "tasks/get", "tasks/result", "tasks/cancel"]) {
    expect((await session.request(method, { taskId: "1" })).error?.code).toBe(-32601);
  }
  expect((await session.received()).filter(({ method }) => method?.startsWith("tasks/"))).toEqual([]);
});

test("tasks of a session's own server are offered", async ({ start }) => {
  const { client } = await start();
  const result = await (await client().initialize()).json();
  expect(result).toHaveProperty("result.capabilities.tasks");
});
