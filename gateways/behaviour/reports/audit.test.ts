/** The audit: who came, with which client, and one line for each call of a tool. */
import { expect } from "vitest";
import type { Client } from "../../fixtures/client.ts";
import { cancelUntilAnswered, until, type Running } from "../../fixtures/harness.ts";
import { ModernClient, modernChild, key, META, servers } from "../../fixtures/modern-client.ts";
import { at, test } from "../../fixtures/replicas.ts";

type Line = Readonly<Record<string, unknown>>;

const linesOf = (log: string, event: string): Line[] =>
  log
    .split("\n")
    .filter((line) => line.includes(`"audit":"${event}"`))
    .map((line) => JSON.parse(line) as Line);

/** The lines of calls, once there are so many. Waits a little longer for one too many. */
async function calls(running: Pick<Running, "log">, count: number): Promise<Line[]> {
  const lines = () => linesOf(running.log.join(""), "call");
  await until(`${count} calls are in the audit`, () => lines().length >= count);
  await new Promise((resolve) => setTimeout(resolve, 150));
  return lines();
}

const outcomes = (lines: readonly Line[]) => lines.map(({ tool, outcome, reason }) => [tool, outcome, reason]);

for (const isolation of ["session", "shared"] as const) {
  test.concurrent(`each call of a legacy client is one line (isolation ${isolation})`, async ({ start }) => {
    const running = await start({ service: { isolation } });
    const client = await running.open();
    await client.tool("echo", { text: "SECRET-ARGUMENT" });
    await client.tool("no-such-tool");
    await client.text("progress", { times: 2, ms: 1, text: "p" }, { progressToken: 1 });
    await client.request("tools/list");
    const lines = await calls(running, 3);
    expect(outcomes(lines)).toEqual([
      ["echo", "ok", undefined],
      ["no-such-tool", "error", "-32601"],
      ["progress", "ok", undefined],
    ]);
    expect(lines[0]).toEqual({
      level: "info",
      time: expect.stringMatching(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/),
      audit: "call",
      service: "fixture",
      principal: "anonymous",
      session: client.session.slice(0, 6),
      tool: "echo",
      outcome: "ok",
      ms: expect.any(Number),
      msg: "AUTH call",
    });
    expect(running.log.join("")).not.toContain("SECRET-ARGUMENT");
  });
}

for (const [what, settings] of servers) {
  test.concurrent(`each call of a modern client is one line (${what})`, async ({ start }) => {
    const running = await start(settings);
    const client = new ModernClient(running);
    await client.tool("echo");
    await client.tool("no-such-tool");
    const mismatch = await client.tool("echo", {}, { headers: { "mcp-name": "other" } });
    expect(mismatch.error).toBeDefined();
    expect(outcomes(await calls(running, 3))).toEqual([
      ["echo", "ok", undefined],
      ["no-such-tool", "error", expect.stringMatching(/^-32\d{3}$/)],
      ["echo", "refused", "header-mismatch"],
    ]);
  });
}

test.concurrent(
  "a tool that fails, one that is cancelled, one that takes too long and one that dies are told apart",
  async ({ start }) => {
    const running = await start({ service: { requestTimeout: 700 } });
    const client = await running.open();
    await cancelUntilAnswered(client, "gone", client.tool("slow", { ms: 60_000 }, { id: "gone" }));
    await client.tool("slow", { ms: 60_000 });
    await client.tool("crash");
    expect(outcomes(await calls(running, 3))).toEqual([
      ["slow", "cancelled", "cancelled"],
      ["slow", "timeout", "request-timeout"],
      ["crash", "lost", "child-died"],
    ]);
  },
);

/** A command of a shell that answers the request whose id is $id. */
const reply = (result: string) => `printf '{"jsonrpc":"2.0","id":%s,"result":${result}}\\n' "$id"`;

test.concurrent("a result that says isError is an error, wherever else the word stands", async ({ start }) => {
  const script = [
    'while read -r line; do id=$(printf %s "$line" | sed -n \'s/.*"id":\\([0-9]*\\).*/\\1/p\'); case $line in',
    `*initialize\\"*) ${reply('{"protocolVersion":"2025-11-25","capabilities":{},"serverInfo":{"name":"s"}}')};;`,
    `*fails*) ${reply('{"content":[],"isError": true}')};;`,
    `*inner*) ${reply('{"content":[],"structuredContent":{"isError":true},"isError":false}')};;`,
    "esac; done",
  ].join("\n");
  const server = { kind: "stdio", command: "sh", args: ["-c", script], env: {}, cwd: undefined } as const;
  const running = await start({ service: { server } });
  const client = await running.open();
  await client.tool("fails");
  await client.tool("inner");
  expect(outcomes(await calls(running, 2))).toEqual([
    ["fails", "error", "tool_error"],
    ["inner", "ok", undefined],
  ]);
});

test.concurrent("a modern call whose client leaves is cancelled, and told once", async ({ start }) => {
  const running = await start({ command: modernChild() });
  const abort = new AbortController();
  const client = new ModernClient(running);
  const call = client.tool("slow", { ms: 60_000 }, { signal: abort.signal }).catch(() => {});
  await client.tool("echo"); // the call before it has arrived
  abort.abort();
  await call;
  expect(outcomes(await calls(running, 2))).toContainEqual(["slow", "cancelled", "cancelled"]);
});

test.concurrent("calls that are refused once the message is known are told with the reason", async ({ start }) => {
  const running = await start();
  const client = await running.open();
  client.session = "0123456789abcdef";
  await client.tool("echo");
  expect(outcomes(await calls(running, 1))).toEqual([["echo", "refused", "session-not-found"]]);
});

const call = (id: number, name: string) => ({
  jsonrpc: "2.0",
  id,
  method: "tools/call",
  params: { name, arguments: {} },
});

test.concurrent("each call of a batch is a line", async ({ start }) => {
  const running = await start();
  const client = await running.open("2025-03-26");
  await (
    await client.post([call(1, "echo"), call(2, "no-such-tool"), { jsonrpc: "2.0", id: 3, method: "ping" }])
  ).text();
  expect(outcomes(await calls(running, 2))).toHaveLength(2);
});

test.concurrent("with audit sessions calls are not told, sessions are", async ({ start }) => {
  const running = await start({ audit: "sessions" });
  await (await running.open()).tool("echo");
  await new Promise((resolve) => setTimeout(resolve, 200));
  expect(linesOf(running.log.join(""), "call")).toEqual([]);
  expect(linesOf(running.log.join(""), "session-opened")).toHaveLength(1);
});

test.concurrent("a forwarded call is told once, by the replica that ran it", async ({ replica }) => {
  const [first, second] = [await replica(), await replica()];
  const client: Client = await first.client().open();
  expect(await at(second, client).text("echo", { text: "x" })).toBe("x");
  await until("it is told", () => linesOf(first.log, "call").length > 0);
  await new Promise((resolve) => setTimeout(resolve, 200));
  expect(linesOf(first.log, "call")).toHaveLength(1);
  expect(linesOf(second.log, "call")).toEqual([]);
});

test.concurrent("a session is told with its client, its revision and its user agent", async ({ start }) => {
  const running = await start();
  const client = running.client({ "user-agent": "claude-code/2.1.332" });
  const clientInfo = { name: "claude-code", version: "2.1.332" };
  const params = { protocolVersion: "2025-06-18", capabilities: {}, clientInfo };
  const answer = await client.post({ jsonrpc: "2.0", id: 1, method: "initialize", params });
  client.session = answer.headers.get("mcp-session-id") ?? "";
  await client.end();
  const who = { service: "fixture", client: "claude-code 2.1.332", protocol: "2025-06-18", principal: "anonymous" };
  expect(linesOf(running.log.join(""), "session-opened")).toMatchObject([{ ...who, userAgent: "claude-code/2.1.332" }]);
  expect(linesOf(running.log.join(""), "session-closed")).toMatchObject([{ ...who, reason: "deleted" }]);
});

test.concurrent("a modern client is told when it comes, not for each request", async ({ start }) => {
  const running = await start({ command: modernChild() });
  const client = new ModernClient(running, { "user-agent": "copilot/1.0" });
  const _meta = { ...META, [key("clientInfo")]: { name: "copilot", version: "1.0" } };
  for (let call = 0; call < 5; call++) await client.tool("echo");
  await client.post(
    { jsonrpc: "2.0", id: 9, method: "tools/list", params: { _meta } },
    { "mcp-protocol-version": "2026-07-28", "mcp-method": "tools/list" },
  );
  expect(linesOf(running.log.join(""), "client")).toMatchObject([
    { service: "fixture", principal: "anonymous", protocol: "2026-07-28", userAgent: "copilot/1.0" },
    { client: "copilot 1.0", protocol: "2026-07-28" },
  ]);
});

test.concurrent("in a container the whole log is on stdout, and nothing is told twice", async ({ run }) => {
  const gateway = await run({ env: {} });
  await (await gateway.client().open()).text("echo");
  await until("the call is told", () => gateway.log.includes("AUTH call"));
  gateway.kill("SIGTERM");
  expect(await gateway.exited).toBe(0);
  expect(gateway.other).toBe("");
  for (const line of gateway.log.trim().split("\n")) expect(JSON.parse(line)).toHaveProperty("level");
  expect(gateway.log.match(/AUTH session-opened/g)).toHaveLength(1);
});

test.concurrent("why a gateway in a container does not start is in its log on stdout", async ({ run }) => {
  const gateway = await run({ env: {}, child: ["--exit", "no such database"], begun: /did not start/ });
  expect(await gateway.exited).toBe(1);
  for (const line of gateway.log.trim().split("\n")) expect(JSON.parse(line)).toHaveProperty("level");
  expect(gateway.log).toContain("no such database");
  expect(gateway.other).toBe("");
});

test.concurrent("started by hand, it tells people on stdout where it is, and logs on stderr", async ({ run }) => {
  const gateway = await run();
  await until("people are told", () => gateway.other !== "");
  expect(gateway.other).toMatch(
    /^gangway [\d.]+, starting fixture\nfixture: http:\/\/127\.0\.0\.1:\d+\/mcp \(\d+ tools, \d\S* s\)\n$/,
  );
  expect(gateway.log).toContain("listening");
});

test.concurrent("lines of calls that wait to be written are written when the gateway ends", async ({ run }) => {
  const gateway = await run({ env: {} });
  const client = await gateway.client().open();
  for (let call = 0; call < 20; call++) await client.text("echo");
  gateway.kill("SIGTERM");
  await gateway.exited;
  expect(linesOf(gateway.log, "call")).toHaveLength(20);
});
