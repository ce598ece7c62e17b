/** Headers that repeat a tool's parameters, for tools whose schema marks them. */
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

test.concurrent("a call reaches the server only if its headers repeat the marked parameters", async ({ start }) => {
  const client = new ModernClient(await start({ command: modernChild() }));
  const args = { region: "eu", count: 3, dry: false, place: { zone: "Zürich" }, note: "x" };
  const headers = {
    "Mcp-Param-Region": "eu",
    "MCP-PARAM-COUNT": "3.0",
    "mcp-param-dry-run": "false",
    "mcp-param-zone": `=?base64?${Buffer.from("Zürich").toString("base64")}?=`,
    "mcp-param-unknown": "ignored",
  };
  expect(outcome(await client.tool("routed", args, withHeaders(headers)))).toBe(JSON.stringify(args));
  for (const wrong of [{ "MCP-PARAM-COUNT": "4" }, { "mcp-param-dry-run": "true" }, { "mcp-param-zone": "Zurich" }])
    expect(outcome(await client.tool("routed", args, withHeaders({ ...headers, ...wrong })))).toBe(-32020);
  const refused = await client.send("tools/call", { name: "routed", arguments: { region: "eu" } });
  expect(refused.status).toBe(400);
  expect(outcome(await client.tool("routed", { region: null }))).toBe('{"region":null}');
  expect((await client.received()).filter(({ params }) => params?.["name"] === "routed")).toHaveLength(2);
});

test.concurrent("parameter headers of a tool that marks nothing are ignored", async ({ start }) => {
  const client = new ModernClient(await start({ command: modernChild() }));
  expect(await client.text("echo", { text: "eu" }, withHeaders({ "mcp-param-text": "us" }))).toBe("eu");
});

test.concurrent("marks apply from the list in which a client got them", async ({ start }) => {
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

test.concurrent("marks that disappear from the list no longer apply", async ({ start }) => {
  const client = new ModernClient(await start({ command: modernChild() }));
  await client.text("relist", { tools: [unmarked] });
  await client.request("tools/list");
  expect(outcome(await client.tool("routed", { region: "eu" }))).toBe('{"region":"eu"}');
});

for (const isolation of ["shared", "session"] as const) {
  test.concurrent(`a legacy server's marks apply too, isolation ${isolation}`, async ({ start }) => {
    const list = JSON.stringify({ tools: [{ ...marked("Text", "text"), name: "echo" }, { name: "count" }] });
    const client = new ModernClient(await start({ child: ["--list", list], service: { isolation } }));
    expect(outcome(await client.tool("echo", { text: "a" }))).toBe(-32020);
    expect(outcome(await client.tool("echo", { text: "a" }, withHeaders({ "mcp-param-text": "a" })))).toBe("a");
    expect(outcome(await client.tool("count"))).toBe("1");
  });
}

test.concurrent(
  "for a server of both eras its modern list applies, whatever legacy sessions get",
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

test.concurrent("calls in a legacy session need no such headers", async ({ start }) => {
  const running = await start({ command: modernChild() });
  const session = await running.open();
  await session.request("tools/list");
  expect(outcome(await session.tool("routed", { region: "eu" }))).toBe('{"region":"eu"}');
});
