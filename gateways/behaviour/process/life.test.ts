/** The gateway as a process: how it ends, and what its log must not contain. */
import { expect } from "vitest";
import { eventsOf } from "../../fixtures/client.ts";
import { until } from "../../fixtures/harness.ts";
import { test } from "../../fixtures/process.ts";

for (const signal of ["SIGTERM", "SIGINT"] as const) {
  test.concurrent(
    `${signal} lets open calls finish, ends streams, exits with 0 and leaves no process behind`,
    async ({ run, roll }) => {
      const gateway = await run({ child: ["--roll", roll.folder] });
      const [caller, listener] = [await gateway.client().open(), await gateway.client().open()];
      const stream = await listener.get();
      const calls = [
        caller.text("slow", { ms: 1_500 }),
        caller.text("progress", { times: 5, ms: 300, text: "p" }, { progressToken: 1 }),
      ];
      await caller.text("echo"); // the calls before it have arrived
      expect(roll.living.length).toBeGreaterThan(1);
      gateway.kill(signal);
      expect(await Promise.all(calls)).toEqual(["done", "p"]);
      expect(await stream.text()).toBe(": \n\n"); // an end, not a broken connection
      expect(await gateway.exited).toBe(0);
      expect(roll.living).toEqual([]);
    },
  );
}

test.concurrent("a large answer that is being sent arrives intact although the gateway ends", async ({ run }) => {
  const gateway = await run({ flags: ["--isolation", "shared"] });
  const client = await gateway.client().open();
  const params = { name: "big", arguments: { bytes: 24 * 1024 * 1024 } };
  const response = await client.post({ jsonrpc: "2.0", id: 1, method: "tools/call", params });
  gateway.kill("SIGTERM");
  // It is read only now, so most of it was still in the gateway.
  await until("it is stopping", () => gateway.log.includes("stopping"));
  const { result } = (await response.json()) as { result: { content: { text: string }[] } };
  expect(result.content[0]!.text).toHaveLength(8 * 1024 * 1024);
  expect(await gateway.exited).toBe(0);
});

test.concurrent("a call that outlasts the drain timeout is cut off, and the gateway exits with 0", async ({ run }) => {
  const gateway = await run({ flags: ["--isolation", "shared", "--drain-timeout", "300ms"] });
  const client = await gateway.client().open();
  const call = client.tool("slow", { ms: 60_000 });
  await client.text("echo");
  gateway.kill("SIGTERM");
  expect((await call).error?.code).toBe(-32000);
  expect(await gateway.exited).toBe(0);
});

test.concurrent(
  "during the drain delay everything works as usual, including new sessions, but /ready says 503",
  async ({ run }) => {
    const gateway = await run({ flags: ["--isolation", "shared", "--drain-delay", "5s"] });
    gateway.kill("SIGTERM");
    await until("it is stopping", () => gateway.log.includes("stopping"));
    const ready = await fetch(`http://127.0.0.1:${gateway.port}/ready`);
    expect([ready.status, await ready.json()]).toMatchObject([503, { ready: false, state: "stopping" }]);
    expect(await (await gateway.client().open()).text("echo", { text: "new" })).toBe("new");
    expect(await gateway.exited).toBe(0);
  },
);

test.concurrent(
  "a gateway that is killed outright leaves no server behind that reads its input",
  async ({ run, roll }) => {
    const gateway = await run({ child: ["--roll", roll.folder] });
    await gateway.client().open();
    expect(roll.living.length).toBeGreaterThan(0);
    gateway.kill("SIGKILL");
    await until("all are gone", () => roll.living.length === 0);
  },
);

test.concurrent("the default log says who came and went, without payloads, tokens or session ids", async ({ run }) => {
  const gateway = await run({ flags: ["--token", "MARK-token"] });
  const stranger = gateway.client({ authorization: "Bearer MARK-guess" });
  expect((await stranger.initialize()).status).toBe(401);
  const client = await gateway.client({ authorization: "Bearer MARK-token", "x-secret": "MARK-header" }).open();
  await client.text("echo", { text: "MARK-argument" }, { id: "MARK-id", progressToken: "MARK-progress" });
  await client.tool("tool", {}, { headers: { "mcp-protocol-version": "MARK-version" } });
  await client.tool("tool");
  await client.post("MARK-no-json");
  await client.post(`{"jsonrpc":"2.0","id":1,"method":"MARK-method"}`);
  await client.post({ jsonrpc: "2.0", id: "MARK-answer", result: { text: "MARK-result" } });
  await (await fetch(`${client.url}?token=MARK-query`)).text();
  const events = eventsOf(await client.get());
  await client.text("notify", { method: "notifications/tools/list_changed", params: { data: "MARK-log" } });
  await events.next();
  await client.tool("crash", { text: "MARK-crash" });
  await client.text("echo", { text: "MARK-again" });
  await client.end();
  gateway.kill("SIGTERM");
  expect(await gateway.exited).toBe(0);
  for (const line of gateway.log.trim().split("\n")) expect(JSON.parse(line)).toHaveProperty("level");
  expect(gateway.log).toMatch(/AUTH refused/);
  expect(gateway.log).toMatch(/AUTH session-opened/);
  expect(gateway.log).toMatch(/AUTH session-closed/);
  expect(gateway.log).not.toMatch(/MARK/);
  expect(gateway.log).not.toContain(client.session);
});
