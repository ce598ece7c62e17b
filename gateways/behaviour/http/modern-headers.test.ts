/** Headers that repeat the parameters of a tool's call, in front of servers that mark them. */
import { expect } from "vitest";
import { test } from "../../fixtures/harness.ts";
import { ModernClient, modernChild, type ModernOptions } from "../../fixtures/modern-client.ts";
import type { Received } from "../../fixtures/client.ts";

const marked = (name: string, key = "region") => ({
  name: "routed",
  inputSchema: { type: "object", properties: { [key]: { type: "string", "x-mcp-header": name } } },
});
const unmarked = { name: "routed", inputSchema: { type: "object" } };

const withHeaders = (headers: Record<string, string>): ModernOptions => ({ headers });

/** The text of a result, or the code of an error. */
const outcome = ({ result, error }: Received) => result?.content?.[0]?.text ?? error?.code;

test.concurrent("a call reaches the server only when its headers repeat what its list marks", async ({ start }) => {
  const client = new ModernClient(await start({ command: modernChild() }));
  const args = { region: "eu", count: 3, dry: false, place: { zone: "Zürich" }, note: "x" };
  const headers = {
    "Mcp-Param-Region": "eu",
    "MCP-PARAM-COUNT": "3.0",
    "mcp-param-dry-run": "false",
    "mcp-param-zone": `=?base64?${Buffer.from("Zürich").toString("base64")}?=`,
    "mcp-param-unknown": "is nobody's",
  };
  expect(outcome(await client.tool("routed", args, withHeaders(headers)))).toBe(JSON.stringify(args));
  for (const wrong of [{ "MCP-PARAM-COUNT": "4" }, { "mcp-param-dry-run": "true" }, { "mcp-param-zone": "Zurich" }])
    expect(outcome(await client.tool("routed", args, withHeaders({ ...headers, ...wrong })))).toBe(-32020);
  const refused = await client.send("tools/call", { name: "routed", arguments: { region: "eu" } });
  expect(refused.status).toBe(400);
  expect(outcome(await client.tool("routed", { region: null }))).toBe('{"region":null}');
  expect((await client.received()).filter(({ params }) => params?.["name"] === "routed")).toHaveLength(2);
});

test.concurrent("headers of tools that mark nothing are nobody's", async ({ start }) => {
  const client = new ModernClient(await start({ command: modernChild() }));
  expect(await client.text("echo", { text: "eu" }, withHeaders({ "mcp-param-text": "us" }))).toBe("eu");
});

test.concurrent("what a list says that a client gets holds from then on, and not before", async ({ start }) => {
  const client = new ModernClient(await start({ command: modernChild() }));
  const region = { region: "eu" };
  await client.text("relist", { tools: [marked("Area"), { ...marked("Other"), name: "other" }] });
  expect(outcome(await client.tool("routed", region, withHeaders({ "mcp-param-region": "eu" })))).toBe(
    '{"region":"eu"}',
  );
  await client.request("tools/list");
  expect(outcome(await client.tool("routed", region, withHeaders({ "mcp-param-region": "eu" })))).toBe(-32020);
  expect(outcome(await client.tool("routed", region, withHeaders({ "mcp-param-area": "eu" })))).toBe('{"region":"eu"}');
  await client.text("relist", { tools: [unmarked, { ...marked("Other"), name: "other" }] });
  await client.request("tools/list");
  expect(outcome(await client.tool("routed", region))).toBe('{"region":"eu"}');
});

test.concurrent("a list that marks nothing any longer holds too", async ({ start }) => {
  const client = new ModernClient(await start({ command: modernChild() }));
  await client.text("relist", { tools: [unmarked] });
  await client.request("tools/list");
  expect(outcome(await client.tool("routed", { region: "eu" }))).toBe('{"region":"eu"}');
});

for (const isolation of ["shared", "session"] as const) {
  test.concurrent(`a legacy server's marks hold too, isolation ${isolation}`, async ({ start }) => {
    const list = JSON.stringify({ tools: [{ ...marked("Text", "text"), name: "echo" }, { name: "count" }] });
    const client = new ModernClient(await start({ child: ["--list", list], service: { isolation } }));
    expect(outcome(await client.tool("echo", { text: "a" }))).toBe(-32020);
    expect(outcome(await client.tool("echo", { text: "a" }, withHeaders({ "mcp-param-text": "a" })))).toBe("a");
    expect(outcome(await client.tool("count"))).toBe("1");
  });
}

test.concurrent(
  "of a server of both eras the list of the modern one holds, whatever sessions are told",
  async ({ start }) => {
    const running = await start({ command: modernChild("--dual") });
    const client = new ModernClient(running);
    expect((await (await running.open()).request("tools/list")).result).toEqual({ tools: [{ name: "old" }] });
    expect(outcome(await client.tool("routed", { region: "eu" }))).toBe(-32020);
    expect(outcome(await client.tool("routed", { region: "eu" }, withHeaders({ "mcp-param-region": "eu" })))).toBe(
      '{"region":"eu"}',
    );
  },
);

test.concurrent("a session's calls need no such headers", async ({ start }) => {
  const running = await start({ command: modernChild() });
  const session = await running.open();
  await session.request("tools/list");
  expect(outcome(await session.tool("routed", { region: "eu" }))).toBe('{"region":"eu"}');
});
