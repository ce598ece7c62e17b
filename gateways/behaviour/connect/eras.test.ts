/** `gangway connect` passes everything between a client of stdio and a gateway, in both eras. */
import { describe, expect } from "vitest";
import { test } from "../../fixtures/connected.ts";
import { until, type Running } from "../../fixtures/harness.ts";
import { key, modernChild, servers } from "../../fixtures/modern-client.ts";

const at = ({ port }: Running, path = "/mcp") => `http://127.0.0.1:${port}${path}`;

describe.each(["session", "shared"] as const)("a legacy client, isolation %s", (isolation) => {
  test("calls, errors and large texts pass, with the client's own ids", async ({ start, connected }) => {
    const client = await connected(at(await start({ service: { isolation } }))).open("2025-11-25");
    const text = `\u20ac "quoted" \\ ${"x".repeat(300_000)}`;
    expect(await client.text("echo", { text }, { id: "9007199254740993" })).toBe(text);
    expect((await client.request("no/such", {}, { id: "text" })).error?.code).toBe(-32601);
    const calls = Array.from({ length: 50 }, (_, n) => client.text("echo", { text: `${n}` }));
    expect(await Promise.all(calls)).toEqual(calls.map((_, n) => `${n}`));
    expect(client.strays).toEqual([]);
    expect(client.told).toEqual([]);
  });

  test("progress passes with the client's own token", async ({ start, connected }) => {
    const client = await connected(at(await start({ service: { isolation } }))).open("2025-11-25");
    await client.text("progress", { times: 3, text: "on" }, { progressToken: "mine" });
    expect(client.others.map(({ params }) => params?.["progressToken"])).toEqual(["mine", "mine", "mine"]);
  });

  test("a cancelled call ends at the server and gets no answer", async ({ start, connected }) => {
    const gateway = await start({ service: { isolation } });
    const client = await connected(at(gateway)).open("2025-11-25");
    void client.tool("slow", { ms: 60_000 }, { id: "slow" }).catch(() => {});
    await until("it runs", () => gateway.service.openCalls === 1);
    await client.notify("notifications/cancelled", { requestId: "slow" });
    await until("it has ended", () => gateway.service.openCalls === 0);
    expect(await client.text("echo", { text: "next" })).toBe("next");
    expect(client.messages.filter(({ id }) => id === "slow")).toEqual([]);
  });
});

test("the server asks the client, and gets its answer", async ({ start, connected }) => {
  const client = await connected(at(await start())).open("2025-11-25", { elicitation: {} });
  const asked = client.text("ask", { method: "elicitation/create" });
  await until("the client is asked", () => client.others.length === 1);
  await client.send({ jsonrpc: "2.0", id: client.others[0]!.id, result: { said: "yes" } });
  expect(JSON.parse(await asked)).toEqual({ result: { said: "yes" } });
});

test("notifications that belong to no call come on the session's own stream", async ({ start, connected }) => {
  const client = await connected(at(await start())).open("2025-11-25");
  await client.text("notify", { method: "notifications/message", params: { data: "own" }, times: 2 });
  await until("they have come", () => client.others.length === 2);
});

test("the end of the input ends the session, after the answers", async ({ start, connected }) => {
  const gateway = await start();
  const client = await connected(at(gateway)).open("2025-11-25");
  const last = client.text("slow", { ms: 300, text: "late" });
  client.leave();
  expect(await last).toBe("late");
  await client.ended;
  expect(gateway.log.join("")).toMatch(/AUTH session-closed/);
});

test("a server that speaks the older transport alone is found, by its URL", async ({ start, connected }) => {
  const client = await connected(at(await start(), "/sse")).open();
  expect(await client.text("count")).toBe("1");
  expect(await client.text("count")).toBe("2");
  client.leave();
  await client.ended;
});

test("a modern client falls back to initialize in front of the older transport", async ({ start, connected }) => {
  const client = connected(at(await start(), "/sse"));
  expect((await client.modern("server/discover")).error).toBeDefined();
  expect(await (await client.open()).text("echo", { text: "older" })).toBe("older");
});

describe.each(servers)("a modern client in front of %s", (_, settings) => {
  test("discovers, lists and calls without a session", async ({ start, connected }) => {
    const gateway = await start(settings);
    const client = connected(at(gateway));
    expect((await client.modern("server/discover")).result?.["supportedVersions"]).toEqual(["2026-07-28"]);
    expect((await client.modern("tools/list")).result?.["tools"]).toBeInstanceOf(Array);
    const params = { name: "echo", arguments: { text: "hello" } };
    expect((await client.modern("tools/call", params, "mine")).result?.content?.[0]?.text).toBe("hello");
    expect((await client.modern("tools/call", { name: "none \u20ac" })).error?.message).not.toMatch(/header/i);
    expect(gateway.log.join("")).not.toMatch(/session-opened/);
  });

  test("a cancelled call ends at the server", async ({ start, connected }) => {
    const gateway = await start(settings);
    const client = connected(at(gateway));
    void client.modern("tools/call", { name: "slow", arguments: { ms: 60_000 } }, "slow").catch(() => {});
    await until("it runs", () => gateway.service.openCalls === 1);
    await client.notify("notifications/cancelled", { requestId: "slow" });
    await until("it has ended", () => gateway.service.openCalls === 0);
  });
});

test("change notifications come with the client's own subscription id", async ({ start, connected }) => {
  const client = connected(at(await start({ command: modernChild() })));
  void client.modern("subscriptions/listen", { notifications: { toolsListChanged: true } }, "mine").catch(() => {});
  await until("it is acknowledged", () => client.others.length === 1);
  await client.modern("tools/call", { name: "tell", arguments: { method: "notifications/tools/list_changed" } });
  await until("the change is told", () => client.others.length === 2);
  const ids = client.others.map(({ params }) => (params!["_meta"] as Record<string, unknown>)[key("subscriptionId")]);
  expect(ids).toEqual(["mine", "mine"]);
});

test("a call repeats marked parameters in headers, though its client has listed no tools", async ({
  start,
  connected,
}) => {
  const client = connected(at(await start({ command: modernChild() })));
  const params = { name: "routed", arguments: { region: "k\u00f6ln", count: 3, dry: false, place: { zone: " a" } } };
  for (const id of ["first", "second"])
    expect((await client.modern("tools/call", params, id)).result).toMatchObject({ content: expect.anything() });
});

test("both eras pass side by side", async ({ start, connected }) => {
  const client = await connected(at(await start())).open("2025-11-25");
  const modern = client.modern("tools/call", { name: "echo", arguments: { text: "modern" } });
  expect(await client.text("echo", { text: "legacy" })).toBe("legacy");
  expect((await modern).result?.content?.[0]?.text).toBe("modern");
});

test.for([
  ["no JSON", "{nonsense", -32700],
  ["no message", '{"a":1}', -32600],
  ["an empty batch", "[]", -32600],
] as const)("a line that is %s is answered with an error", async ([, line, code], { connected }) => {
  const client = connected("http://127.0.0.1:9/mcp");
  await client.send(line);
  client.leave();
  await client.ended;
  expect(client.messages).toMatchObject([{ id: null, error: { code } }]);
  expect(client.told).toHaveLength(1);
});
