/** `discovery: "search"`: three tools in place of all, in both eras, on every kind of server, and in front of a group. */
import { join } from "node:path";
import { describe, expect } from "vitest";
import { Client, type Received, type ToolClient } from "../../fixtures/client.ts";
import { cancelUntilAnswered, test, until, type Running, type Settings } from "../../fixtures/harness.ts";
import { key, ModernClient, modernChild, servers } from "../../fixtures/modern-client.ts";
import { WebSocketClient } from "../../fixtures/web-socket-client.ts";

const THREE = ["find_tools", "describe_tool", "call_tool"];
const search = { discovery: "search" } as const;

const namesOf = ({ result }: Received) => (result!["tools"] as readonly { name: string }[]).map(({ name }) => name);
const foundBy = ({ result }: Received) =>
  (result!["structuredContent"] as { tools: readonly { name: string }[] }).tools.map(({ name }) => name);
const textOf = ({ result, error }: Received) => result?.content?.[0]?.text ?? error?.message;
const auditedIn = ({ log }: Pick<Running, "log">) =>
  log.flatMap((line) => {
    const { audit, tool, outcome } = JSON.parse(line) as Record<string, string>;
    return audit === "call" ? [[tool, outcome]] : [];
  });

type Clients = readonly (readonly [era: string, open: (running: Running) => Promise<ToolClient<object>>])[];
const clients: Clients = [
  ["legacy", (running) => running.open()],
  ["modern", (running) => Promise.resolve(new ModernClient(running))],
];
const everyWay = clients.flatMap(([era, open]) =>
  servers.map(([server, settings]) => [`a ${era} client, ${server}`, open, settings] as const),
);

describe.each(everyWay)("%s", (_, open, settings: Settings) => {
  const started = async (start: (settings: Settings) => Promise<Running>) => {
    const running = await start({ ...settings, service: { ...settings.service, ...search } });
    return { running, client: await open(running) };
  };

  test.concurrent("three tools are listed, and the others are found, described and called", async ({ start }) => {
    const { running, client } = await started(start);
    const listed = await client.request("tools/list");
    expect(namesOf(listed)).toEqual(THREE);
    const found = await client.tool("find_tools", { query: "echo" });
    expect(foundBy(found)).toEqual(["echo"]);
    expect(JSON.parse(textOf(await client.tool("describe_tool", { name: "echo" })) as string)).toHaveProperty(
      "name",
      "echo",
    );
    expect(await client.text("call_tool", { name: "echo", arguments: { text: "häÄ" } })).toBe("häÄ");
    await until("all are in the audit", () => auditedIn(running).length === 3);
    expect(auditedIn(running)).toEqual([
      ["find_tools", "ok"],
      ["describe_tool", "ok"],
      ["echo", "ok"],
    ]);
  });

  test.concurrent("a tool by its own name is unknown, and reaches no server", async ({ start }) => {
    const { running, client } = await started(start);
    for (const name of ["count", "no-such-tool"]) {
      const { error } = await client.tool(name);
      expect([error?.code, error?.message]).toEqual([-32602, expect.stringContaining(`Unknown tool: "${name}"`)]);
    }
    expect(await client.text("call_tool", { name: "count" })).toBe("1");
    await until("all are in the audit", () => auditedIn(running).length === 3);
    expect(auditedIn(running)[0]).toEqual(["count", "refused"]);
  });

  test.concurrent("progress has the caller's token, and a server's error is the call's", async ({ start }) => {
    const { client } = await started(start);
    const messages: Received[] = [];
    const onMessage = (message: Received) => void messages.push(message);
    const args = { name: "progress", arguments: { times: 2, ms: 1, text: "p" } };
    await client.text("call_tool", args, { progressToken: "mine", onMessage });
    expect(new Set(messages.map(({ params }) => params?.["progressToken"]))).toEqual(new Set(["mine"]));
    // Less than 1 is the gateway's own: the server is still starting.
    expect(messages.filter(({ params }) => Number(params?.["progress"]) >= 1)).toHaveLength(2);
    expect((await client.tool("call_tool", { name: "nothing" })).error?.message).toMatch(/unknown( tool)?: nothing/);
    expect((await client.tool("call_tool", { arguments: {} })).result).toHaveProperty("isError", true);
  });
});

test.concurrent("a modern client's answers have what the revision asks for", async ({ start }) => {
  const client = new ModernClient(await start({ service: search }));
  const listed = await client.request("tools/list");
  expect(listed.result).toMatchObject({ resultType: "complete", ttlMs: 0, cacheScope: "private" });
  expect((await client.tool("find_tools", { query: "x" })).result).toHaveProperty("resultType", "complete");
});

test.concurrent("a modern server asks for input about the tool that is called", async ({ start }) => {
  const client = new ModernClient(await start({ command: modernChild(), service: search }));
  const args = { name: "call_tool", arguments: { name: "ask", arguments: { rounds: 1 } } };
  const options = { capabilities: { roots: {} } };
  const asked = await client.request("tools/call", args, options);
  expect(asked.result).toMatchObject({ resultType: "input_required" });
  const answers = { inputResponses: { roots: { roots: [] } }, requestState: asked.result?.["requestState"] };
  const { result } = await client.request("tools/call", { ...args, ...answers }, options);
  expect(result).toHaveProperty("resultType", "complete");
  const sent = JSON.parse(await client.text("call_tool", { name: "line" })) as Received;
  expect(sent.params?.["_meta"]).toHaveProperty(key("protocolVersion"), "2026-07-28");
});

test.concurrent("a call can be cancelled, and so can a search", async ({ start }) => {
  const { open, log } = await start({ child: ["--silent", "tools/list"], service: search });
  const client = await open();
  const slow = client.tool("call_tool", { name: "slow", arguments: { ms: 600_000 } }, { id: "slow" });
  expect((await cancelUntilAnswered(client, "slow", slow)).error?.message).toMatch(/cancelled/);
  const find = client.tool("find_tools", { query: "x" }, { id: "find" });
  expect((await cancelUntilAnswered(client, "find", find)).error?.message).toMatch(/cancelled/);
  await until("both are in the audit", () => auditedIn({ log }).length === 2);
  expect(auditedIn({ log })).toEqual([
    ["slow", "cancelled"],
    ["find_tools", "cancelled"],
  ]);
  expect(await client.text("call_tool", { name: "echo", arguments: { text: "alive" } })).toBe("alive");
});

test.concurrent("a notification in place of a call reaches no server", async ({ start }) => {
  const client = await (await start({ service: search })).open();
  await client.notify("tools/call", { name: "count" });
  const received = JSON.parse(await client.text("call_tool", { name: "received" })) as Received[];
  expect(received.filter(({ method }) => method === "tools/call")).toHaveLength(1);
});

test.concurrent("a search of a server whose list has changed knows what there is now", async ({ start }) => {
  const client = new ModernClient(await start({ command: modernChild(), service: search }));
  expect(foundBy(await client.tool("find_tools", { query: "zebra" }))).toEqual([]);
  await client.tool("call_tool", { name: "relist", arguments: { tools: [{ name: "zebra" }] } });
  expect(foundBy(await client.tool("find_tools", { query: "zebra" }))).toEqual(["zebra"]);
});

const fixture = (name: string, ...args: readonly string[]) => ({
  command: process.execPath,
  args: [join(import.meta.dirname, "../../fixtures", name), ...args],
});
const at = ({ port }: Running, path: string) => new Client(`http://127.0.0.1:${port}${path}`);

describe("a group", () => {
  const one = fixture("child.ts");
  const two = fixture("modern-child.ts");

  test.concurrent("searches the tools of all members, whatever they show themselves", async ({ start }) => {
    const gateway = await start({
      servers: { one: { ...one, ...search }, two, both: { group: ["one", "two"], ...search } },
    });
    const client = await at(gateway, "/both/mcp").open();
    expect(namesOf(await client.request("tools/list"))).toEqual(THREE);
    expect(foundBy(await client.tool("find_tools", { query: "echo" }))).toEqual(["one_echo", "two_echo"]);
    for (const name of ["one_echo", "two_echo"])
      expect(await client.text("call_tool", { name, arguments: { text: name } })).toBe(name);
    await until("all are in the audit", () => auditedIn(gateway).length === 3);
    expect(auditedIn(gateway).slice(1)).toEqual([
      ["one_echo", "ok"],
      ["two_echo", "ok"],
    ]);
    const [alone, hub] = [await at(gateway, "/one/mcp").open(), await at(gateway, "/mcp").open()];
    expect(namesOf(await alone.request("tools/list"))).toEqual(THREE);
    expect(namesOf(await hub.request("tools/list"))).toContain("one_echo");
  });

  test.concurrent("is searched at the hub's own address when the top of the file says so", async ({ start }) => {
    const gateway = await start({ servers: { one, two: { ...two, discovery: "all" } }, top: search });
    for (const client of [await at(gateway, "/mcp").open(), new ModernClient(gateway)]) {
      expect(namesOf(await client.request("tools/list"))).toEqual(THREE);
      expect(await client.text("call_tool", { name: "one_echo", arguments: { text: "x" } })).toBe("x");
    }
    expect(namesOf(await (await at(gateway, "/one/mcp").open()).request("tools/list"))).toEqual(THREE);
    expect(namesOf(await (await at(gateway, "/two/mcp").open()).request("tools/list"))).toContain("echo");
  });

  test.concurrent("passes on what a called tool asks of the client", async ({ start }) => {
    const gateway = await start({ servers: { one, two: one }, top: search });
    const client = await new WebSocketClient(`ws://127.0.0.1:${gateway.port}/ws`).open("2025-11-25", { sampling: {} });
    const ask = { name: "two_ask", arguments: { method: "sampling/createMessage", params: { messages: [] } } };
    const asking = client.text("call_tool", ask);
    const asked = () => client.messages.find(({ method }) => method === "sampling/createMessage");
    await until("it asks", asked);
    await client.send({
      jsonrpc: "2.0",
      id: asked()!.id,
      result: { role: "assistant", content: { type: "text", text: "yes" } },
    });
    expect(await asking).toContain("yes");
  });
});
