/** A changed gateway.json: what is new starts, what is gone finishes its calls, what is the same notices nothing. */
import { expect } from "vitest";
import { until } from "../../fixtures/harness.ts";
import { server, test } from "../../fixtures/reloading.ts";

test.concurrent(
  "a service that is new is there, and one that stays keeps its session and its call",
  async ({ reloading }) => {
    const hub = await reloading({ one: server() });
    const one = await hub.open("one");
    const pid = await one.text("pid");
    const call = one.text("slow", { ms: 3_000 });
    hub.write({ one: server(), two: server() });
    await hub.says(/gateway\.json has changed:\n {2}\+ two\n/);
    await hub.says(/two: http:.*\/two\/mcp \(/);
    expect(await (await hub.open("two")).text("echo", { text: "new" })).toBe("new");
    expect(await call).toBe("done");
    expect(await one.text("pid")).toBe(pid);
  },
);

test.concurrent(
  "a service that is gone finishes its calls, ends its server and is found no longer",
  async ({ reloading, roll }) => {
    const hub = await reloading({ one: server(), two: server(["--roll", roll.folder]) });
    const two = await hub.open("two");
    const call = two.text("slow", { ms: 2_000 });
    await two.text("echo");
    await hub.change({ one: server() });
    expect((await two.post({ jsonrpc: "2.0", id: 1, method: "ping" })).status).toBe(404);
    expect(await call).toBe("done");
    await hub.says(/two: ended/);
    expect(roll.living).toEqual([]);
  },
);

test.concurrent("a service that has changed is replaced when the new one is up", async ({ reloading }) => {
  const hub = await reloading({ one: server(), two: server() });
  const [one, two] = [await hub.open("one"), await hub.open("two")];
  const call = two.text("slow", { ms: 2_000 });
  await two.text("echo");
  await hub.change({ one: server(), two: server([], { env: { MARK: "changed" } }) });
  await hub.says(/~ two \(env\)/);
  await hub.says(/two: http/, 2);
  expect(await call).toBe("done");
  expect(await one.text("echo", { text: "same" })).toBe("same");
  expect(await (await hub.open("two")).text("echo", { text: "new" })).toBe("new");
});

test.concurrent("a wrong file is told, and what runs goes on", async ({ reloading }) => {
  const hub = await reloading({ one: server() });
  const one = await hub.open("one");
  hub.writeText('{ "mcpServers": { "one": { "comand": "node" } } }');
  await hub.says(/is wrong: what runs goes on\n.*mcpServers\.one\.comand/);
  expect(await one.text("echo", { text: "still" })).toBe("still");
});

test.concurrent("a server that does not start in the new file leaves the one before", async ({ reloading }) => {
  const hub = await reloading({ one: server() });
  const one = await hub.open("one");
  await hub.change({ one: { command: process.execPath, args: ["-e", "process.exit(3)"] } });
  await hub.says(/one: not replaced, the one before goes on/);
  expect(await one.text("echo", { text: "still" })).toBe("still");
});

test.concurrent(
  "the hub's own sessions go on: they see what is new and no longer what is gone",
  async ({ reloading }) => {
    const hub = await reloading({ one: server(), two: server() });
    const all = await hub.open("");
    const names = async () => {
      const { result } = await all.request("tools/list");
      return new Set((result!["tools"] as { name: string }[]).map(({ name }) => name.split("_")[0]));
    };
    expect(await names()).toEqual(new Set(["one", "two"]));
    const pid = await all.text("one_pid");
    await hub.change({ one: server(), three: server() });
    await until("three is there", async () => (await names()).has("three"));
    expect(await names()).toEqual(new Set(["one", "three"]));
    expect(await all.text("one_pid")).toBe(pid);
  },
);

test.concurrent("the gateway's own port waits for a restart, and is named", async ({ reloading }) => {
  const hub = await reloading({ one: server() }, { maxHeaders: "20KiB" });
  await hub.change({ one: server() }, { maxHeaders: "32KiB" });
  await hub.says(/! maxHeaders: restart to take it/);
});
