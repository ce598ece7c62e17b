/** Legacy sessions with a server of the modern era alone: the gateway keeps their state. */
import { expect } from "vitest";
import type { Received } from "../../fixtures/client.ts";
import { test, until } from "../../fixtures/harness.ts";
import { key, modernChild } from "../../fixtures/modern-client.ts";

const modern = { command: modernChild() };

const metaIn = ({ params }: Received) => params!["_meta"] as Record<string, unknown>;
test.concurrent(
  "a session gets the version that it asks for, or the newest, and the server's own description",
  async ({ start }) => {
    const { client } = await start(modern);
    const agreed = async (version: string) => {
      const response = await client().initialize(version);
      expect(response.headers.get("mcp-session-id")).toMatch(/./);
      return ((await response.json()) as Received).result!;
    };
    for (const version of ["2024-11-05", "2025-03-26", "2025-06-18", "2025-11-25"])
      expect((await agreed(version))["protocolVersion"]).toBe(version);
    for (const version of ["2026-07-28", "1999-01-01", ""])
      expect((await agreed(version))["protocolVersion"]).toBe("2025-11-25");
    expect(await agreed("2025-11-25")).toEqual({
      protocolVersion: "2025-11-25",
      capabilities: { tools: { listChanged: true }, logging: {}, resources: { subscribe: true, listChanged: true } },
      serverInfo: { name: "modern-child", version: "2" },
      instructions: "Be kind.",
    });
  },
);

test.concurrent("a server without serverInfo gets a name, which legacy clients require", async ({ start }) => {
  const { client, service } = await start({
    command: modernChild("--discover", '{"supportedVersions":["2026-07-28"],"capabilities":{}}'),
  });
  const { result } = (await (await client().initialize()).json()) as Received;
  expect(result).toEqual({
    protocolVersion: "2025-11-25",
    capabilities: {},
    serverInfo: { name: "unnamed", version: "0" },
  });
  expect([service.tools, service.version]).toEqual([0, "0.0.0"]);
});

test.concurrent("every request carries the client's capabilities and name from initialize", async ({ start }) => {
  const { open } = await start(modern);
  const client = await open("2025-06-18", { roots: { listChanged: true }, sampling: {} });
  const sent = JSON.parse(await client.text("line", { text: "a" }, { progressToken: "p" })) as Received;
  expect(sent.params).toMatchObject({ name: "line", arguments: { text: "a" } });
  expect(metaIn(sent)).toEqual({
    progressToken: expect.any(Number) as number,
    [key("protocolVersion")]: "2026-07-28",
    [key("clientCapabilities")]: { roots: { listChanged: true }, sampling: {} },
    [key("clientInfo")]: { name: "test", version: "1" },
  });
});

test.concurrent("tools are listed and called, errors and progress arrive, and ping is answered", async ({ start }) => {
  const { open } = await start(modern);
  const client = await open();
  expect((await client.request("tools/list")).result).toHaveProperty("tools");
  expect((await client.request("ping")).result).toEqual({});
  const progress: unknown[] = [];
  const onMessage = ({ params }: Received) => progress.push(params?.["progressToken"]);
  expect(await client.text("progress", { times: 2, text: "on" }, { progressToken: "p", onMessage })).toBe("on");
  expect(progress).toEqual(["p", "p"]);
  expect((await client.request("resources/read", { uri: "a:" })).error).toMatchObject({
    code: -32602,
    message: "there is no a:",
  });
  expect((await client.request("prompts/list")).error?.code).toBe(-32601);
  const methods = (await client.received()).map(({ method }) => method);
  for (const own of ["ping", "initialize", "notifications/initialized"]) expect(methods.slice(1)).not.toContain(own);
});

test.concurrent("a cancelled call is answered at once, and its server is told", async ({ start }) => {
  const { open } = await start(modern);
  const [client, other] = [await open(), await open()];
  const call = client.tool("slow", { ms: 60_000 }, { id: "mine" });
  const slow = async () => (await other.received()).find(({ params }) => params?.["name"] === "slow");
  await until("the server has it", slow);
  await client.cancel("mine");
  expect((await call).error?.code).toBe(-32800);
  const told = (await other.received()).filter(({ method }) => method === "notifications/cancelled");
  expect(told.map(({ params }) => params!["requestId"])).toEqual([(await slow())!.id]);
});

test.concurrent("deleting a session ends its open calls, which may have run", async ({ start }) => {
  const { open, service } = await start(modern);
  const client = await open();
  const call = client.tool("slow", { ms: 60_000 });
  await until("it is open", () => service.openCalls === 1);
  await client.end();
  expect((await call).error?.message).toContain("It may have run.");
});

test.concurrent("a session's log level applies to its later calls, and to no other session's", async ({ start }) => {
  const { open } = await start(modern);
  const [ann, bob] = [await open(), await open()];
  for (const level of ["loud", 5, undefined]) {
    const { error } = await ann.request("logging/setLevel", { level });
    expect(error).toMatchObject({
      code: -32602,
      message: expect.stringMatching(/"level" must be (one of debug|a string)/) as string,
    });
  }
  expect((await ann.request("logging/setLevel", { level: "warning" })).result).toEqual({});
  const messages: unknown[] = [];
  const onMessage = ({ params }: Received) => messages.push(params?.["level"]);
  for (const level of ["info", "error"]) {
    const log = { method: "notifications/message", params: { level, data: "x" } };
    for (const client of [ann, bob]) await client.text("notify", log, { onMessage });
  }
  expect(messages).toEqual(["error"]);
  const levels = [ann, bob].map(
    async (client) => metaIn(JSON.parse(await client.text("line")) as Received)[key("logLevel")],
  );
  expect(await Promise.all(levels)).toEqual(["warning", undefined]);
});
