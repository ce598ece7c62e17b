/** Services that offer some of their server's tools: on every way in, in both eras, in front of servers of both. */
import { expect } from "vitest";
import type { Received } from "../../fixtures/client.ts";
import { test, until, type Running, type Settings } from "../../fixtures/harness.ts";
import { META, ModernClient, modernChild, servers } from "../../fixtures/modern-client.ts";
import { SseClient } from "../../fixtures/sse-client.ts";
import { WebSocketClient } from "../../fixtures/web-socket-client.ts";

type Request = (method: string, params?: object) => Promise<Received>;

const ws = ({ port }: Running) => new WebSocketClient(`ws://127.0.0.1:${port}/ws`);

/** How a client gets in. */
const waysIn: readonly (readonly [string, (gateway: Running) => Promise<Request>])[] = [
  ["a session of /mcp", async ({ open }) => requestOf(await open())],
  ["a modern client of /mcp", async (gateway) => requestOf(new ModernClient(gateway))],
  ["a session of /sse", async ({ port }) => requestOf(await new SseClient(`http://127.0.0.1:${port}/sse`).open())],
  ["a session of /ws", async (gateway) => requestOf(await ws(gateway).open())],
  ["a modern client of /ws", async (gateway) => withMeta(requestOf(await ws(gateway).connect()))],
];

const requestOf =
  (client: { request: Request }): Request =>
  (method, params) =>
    client.request(method, params);

const withMeta =
  (request: Request): Request =>
  (method, params) =>
    request(method, { ...params, _meta: META });

const offering = (settings: Settings, ...tools: string[]): Settings => ({
  ...settings,
  service: { ...settings.service, tools },
});

const namesIn = ({ result }: Received) => ((result?.["tools"] ?? []) as { name: string }[]).map(({ name }) => name);

interface Line {
  readonly tool: string;
  readonly outcome: string;
  readonly reason: string | undefined;
}

const auditOf = (log: readonly string[]) =>
  log
    .filter((line) => line.includes('"audit":"call"'))
    .map((line) => JSON.parse(line) as Line)
    .map(({ tool, outcome, reason }) => [tool, outcome, reason]);

for (const [what, settings] of servers) {
  for (const [who, connect] of waysIn) {
    test.concurrent(`${who} is offered what the patterns say and nothing else, by ${what}`, async ({ start }) => {
      const gateway = await start(offering(settings, "echo", "received", "c*", "!crash"));
      const request = await connect(gateway);
      expect(namesIn(await request("tools/list"))).toEqual(["echo", "count", "received"]);
      const call = (name: string) => request("tools/call", { name, arguments: { text: "x" } });
      expect((await call("echo")).result?.content).toEqual([{ type: "text", text: "x" }]);
      const [hidden, none] = [await call("crash"), await call("no-such-tool")];
      expect(hidden.error).toMatchObject({ code: -32602, message: expect.stringMatching(/^Unknown tool: crash\./) });
      expect(JSON.stringify(hidden.error)).toBe(JSON.stringify(none.error).replace("no-such-tool", "crash"));
      const received = JSON.stringify((await call("received")).result);
      expect(received).toContain("echo");
      expect(received).not.toMatch(/crash|no-such-tool/);
      await until("all calls are in the audit", () => auditOf(gateway.log).length === 4);
      expect(auditOf(gateway.log).slice(0, 3)).toEqual([
        ["echo", "ok", undefined],
        ["crash", "refused", "tool-not-offered"],
        ["no-such-tool", "refused", "tool-not-offered"],
      ]);
    });
  }

  test.concurrent(`the tools that are counted are those that are offered by ${what}`, async ({ start }) => {
    const { service } = await start(offering(settings, "echo", "count"));
    expect(service.tools).toBe(2);
  });
}

test.concurrent(
  "a refusal is HTTP 200, as a server's own: SDK clients take another status for a broken gateway",
  async ({ start }) => {
    const gateway = await start(offering({}, "!crash"));
    const client = await gateway.open();
    const modern = new ModernClient(gateway);
    const call = { jsonrpc: "2.0", id: 1, method: "tools/call", params: { name: "crash" } };
    expect((await client.post(call)).status).toBe(200);
    expect((await modern.send("tools/call", { name: "crash" })).status).toBe(200);
  },
);

test.concurrent("no spelling, no batch and no missing id gets a call past the patterns", async ({ start }) => {
  const { open } = await start(offering({}, "!c*", "!pid"));
  const client = await open("2025-03-26");
  const params = '{"n\\u0061me":"cr\\u0061sh","arguments":{}}';
  const call = (id: string) => `{"jsonrpc":"2.0",${id}"m\\u0065thod":"tools\\/c\\u0061ll","params":${params}}`;
  for (const body of [call('"id":"a",'), `[${call('"id":"a",')}]`]) {
    const text = await (await client.post(body)).text();
    expect(text).toContain("Unknown tool: crash.");
  }
  expect((await client.post(call(""))).status).toBe(202);
  expect((await client.post(`[${call("")}]`)).status).toBe(202);
  expect(await client.text("echo", { text: "alive" })).toBe("alive");
  expect(JSON.stringify(await client.received())).not.toContain("crash");
});

test.concurrent("headers that a hidden tool wants do not tell that there is one", async ({ start }) => {
  const client = new ModernClient(await start(offering({ command: modernChild() }, "!routed", "!other")));
  const call = async (name: string) => (await client.tool(name, { region: "eu" })).error;
  expect(JSON.stringify(await call("routed"))).toBe(JSON.stringify(await call("other")).replace("other", "routed"));
});

test.concurrent("a list that changes is filtered again, page by page", async ({ start }) => {
  const { open } = await start(offering({ command: modernChild() }, "new_*", "relist", "!*_secret"));
  const client = await open();
  const tools = ["new_a", "new_secret", "old"].map((name) => ({ name, inputSchema: {} }));
  await client.tool("relist", { tools });
  expect(namesIn(await client.request("tools/list"))).toEqual(["new_a"]);
});

test.concurrent("a list that takes long is cancelled", async ({ start }) => {
  const { open, service } = await start(offering({ child: ["--silent", "tools/list"] }, "!crash"));
  const client = await open();
  const listing = client.request("tools/list", {}, { id: "mine" });
  await until("the list is open", () => service.openCalls > 0);
  await client.cancel("mine");
  expect((await listing).error?.code).toBe(-32800);
});

test.concurrent("a pattern that matches no tool is warned of, once for each", async ({ start }) => {
  for (const settings of [{}, { command: modernChild() }] satisfies Settings[]) {
    const gateway = await start(offering(settings, "echo", "ehco", "!delete_*"));
    await gateway.open();
    await new ModernClient(gateway).request("tools/list");
    const warnings = gateway.log.map((line) => (JSON.parse(line) as { msg: string }).msg);
    expect(warnings.filter((msg) => msg.includes("is called like"))).toEqual([
      expect.stringContaining("is called like ehco, so that pattern offers nothing. The server has echo, count, "),
      expect.stringContaining("is called like !delete_*, so that pattern hides nothing."),
    ]);
  }
});
