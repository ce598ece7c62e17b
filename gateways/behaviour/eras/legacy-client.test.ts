/** Modern clients of a legacy server: which process they use, and how the server looks to them. */
import { setTimeout as sleep } from "node:timers/promises";
import { expect } from "vitest";
import { test, until } from "../../fixtures/harness.ts";
import { key, ModernClient } from "../../fixtures/modern-client.ts";

const bearer = (token: string) => ({ authorization: `Bearer ${token}` });
const from = (address: string) => ({ "x-forwarded-for": address });
const SERVER = { [key("serverInfo")]: { name: "child", version: "1" } };

test.concurrent("a legacy server's discovery is made from its answer to initialize", async ({ start }) => {
  const initialized = {
    protocolVersion: "2025-11-25",
    capabilities: { tools: {}, tasks: { list: {} }, resources: { subscribe: true } },
    serverInfo: { name: "child", version: "1", title: "Ein Kind" },
    instructions: "Be kind.",
  };
  const client = new ModernClient(await start({ child: ["--initialize", JSON.stringify(initialized)] }));
  const {
    capabilities: { tools, resources },
  } = initialized;
  const { id, result } = await client.request("server/discover", {}, { id: "who" });
  expect([id, result]).toEqual([
    "who",
    {
      resultType: "complete",
      supportedVersions: ["2026-07-28"],
      capabilities: { tools, resources },
      instructions: "Be kind.",
      ttlMs: 0,
      cacheScope: "private",
      _meta: { "gangway/translated": true, [key("serverInfo")]: initialized.serverInfo },
    },
  ]);
});

test.concurrent(
  "a legacy server's results get the fields of the revision, and its errors no retired codes",
  async ({ start }) => {
    const client = new ModernClient(await start());
    const { result } = await client.request("tools/list");
    expect(result).toMatchObject({ resultType: "complete", ttlMs: 0, cacheScope: "private", _meta: SERVER });
    const called = (await client.tool("echo", { text: "a" })).result;
    expect(called).toEqual({ resultType: "complete", content: [{ type: "text", text: "a" }], _meta: SERVER });
    const error = (code: number) =>
      client.tool("raw", { text: `{"jsonrpc":"2.0","id":$ID,"error":{"code":${code},"message":"m"}}` });
    const codes = [-32002, -32042, -32021, -32603].map(async (code) => (await error(code)).error?.code);
    expect(await Promise.all(codes)).toEqual([-32602, -32603, -32603, -32603]);
  },
);

test.concurrent(
  "the server is initialized once, by the gateway, with the newest legacy revision",
  async ({ start }) => {
    const client = new ModernClient(await start());
    await Promise.all([client.text("count"), client.text("count"), client.request("tools/list")]);
    const received = await client.received();
    expect(received.map(({ method }) => method).filter((method) => method !== "tools/call")).toEqual([
      "initialize",
      "notifications/initialized",
      "tools/list",
    ]);
    expect(received[0]!.params).toMatchObject({
      protocolVersion: "2025-11-25",
      capabilities: {},
      clientInfo: { name: "gangway" },
    });
  },
);

test.concurrent("callers share a process only if they have the same token and address", async ({ start, roll }) => {
  const running = await start({
    child: ["--roll", roll.folder],
    tokens: ["ann", "bob"],
    trustedProxies: ["127.0.0.1"],
  });
  const callers = [
    new ModernClient(running, { ...bearer("ann"), ...from("203.0.113.1") }),
    new ModernClient(running, { ...bearer("bob"), ...from("203.0.113.1") }),
    new ModernClient(running, { ...bearer("ann"), ...from("203.0.113.2") }),
  ];
  const pids = await Promise.all(callers.map((client) => client.text("pid")));
  expect(new Set(pids).size).toBe(3);
  const again = new ModernClient(running, { ...bearer("ann"), ...from("203.0.113.1") });
  expect(await again.text("pid")).toBe(pids[0]);
  expect(pids).not.toContain(
    await (await running.client({ ...bearer("ann"), ...from("203.0.113.1") }).open()).text("pid"),
  );
});

test.concurrent("a shared server is shared by all callers", async ({ start }) => {
  const running = await start({ service: { isolation: "shared" }, tokens: ["ann", "bob"] });
  const clients = ["ann", "bob"].map((token) => new ModernClient(running, bearer(token)));
  expect(new Set(await Promise.all(clients.map((client) => client.text("pid")))).size).toBe(1);
});

test.concurrent(
  "an idle caller gives its process back, but not while a call or a subscription is open",
  async ({ start }) => {
    const running = await start({ service: { idleTtl: 1_000 } });
    const client = new ModernClient(running);
    const first = await client.text("pid");
    const { close, ended } = await client.listen({ resourceSubscriptions: ["a:"] });
    await sleep(2_500);
    expect(await client.text("pid")).toBe(first);
    const slow = client.text("slow", { ms: 2_500 });
    close();
    await ended;
    expect(await slow).toBe("done");
    expect(await client.text("pid")).toBe(first);
    await until("the process has been given back", () => running.service.children <= 1); // the warm spare
    expect(await client.text("pid")).not.toBe(first);
  },
);

test.concurrent(
  "callers count towards the limit of sessions, and one over it is refused with Retry-After",
  async ({ start }) => {
    const running = await start({ service: { maxSessions: 2 }, tokens: ["a", "b", "c"] });
    const [ann, bob, eve] = ["a", "b", "c"].map((token) => new ModernClient(running, bearer(token))) as [
      ModernClient,
      ModernClient,
      ModernClient,
    ];
    expect(await Promise.all([ann.text("count"), bob.text("count")])).toEqual(["1", "1"]);
    const refused = await eve.send("tools/list");
    expect([refused.status, refused.headers.get("retry-after")]).toEqual([503, "30"]);
    expect(await refused.json()).toMatchObject({ error: { code: -32603, data: { error: "too-many-sessions" } } });
    expect(await ann.text("count")).toBe("2");
  },
);

for (const isolation of ["shared", "session"] as const) {
  test.concurrent(`a client request during a call is refused, isolation ${isolation}`, async ({ start }) => {
    const client = new ModernClient(await start({ service: { isolation } }));
    const seen: unknown[] = [];
    const options = { capabilities: { roots: {}, sampling: {} }, onMessage: (message: object) => seen.push(message) };
    for (const method of ["roots/list", "sampling/createMessage", "elicitation/create"]) {
      const answer = JSON.parse(await client.text("ask", { method }, options)) as object;
      const reason = isolation === "shared" ? /shared by several sessions/ : /cannot reach the client.*2026-07-28/;
      expect(answer).toMatchObject({ error: { code: -32601, message: expect.stringMatching(reason) as string } });
    }
    expect(JSON.parse(await client.text("ask", { method: "ping" }, options))).toEqual({ result: {} });
    expect(seen).toEqual([]);
  });
}

test.concurrent("callers of a server that does not start are told so, with Retry-After", async ({ start }) => {
  const client = new ModernClient(await start({ child: ["--exit", "no luck"] }));
  const refused = await client.send("tools/call", { name: "echo", arguments: {} });
  expect(refused.status).toBe(503);
  expect(Number(refused.headers.get("retry-after"))).toBeGreaterThan(0);
  expect(await refused.json()).toMatchObject({ error: { code: -32603, data: { error: "child-start-failed" } } });
});
