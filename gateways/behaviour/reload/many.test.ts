/** Changes that come often, at once or in pieces. */
import { readdirSync, writeFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { expect } from "vitest";
import { until } from "../../fixtures/harness.ts";
import { server, test } from "../../fixtures/reloading.ts";

const withToken = (token: string) => ({ authorization: `Bearer ${token}` });

test("fifty changes in a row leave no process and no file descriptor behind", async ({ reloading, roll }) => {
  const rolled = server(["--roll", roll.folder], { start: "lazy" });
  const hub = await reloading({ kept: rolled });
  const kept = await hub.open("kept");
  const pid = await kept.text("pid");
  await hub.change({ kept: rolled, other: rolled });
  await (await hub.open("other")).text("echo");
  await hub.change({ kept: rolled });
  await until("the other has ended", () => roll.living.length === 1);
  const descriptors = () => readdirSync(`/proc/${hub.gateway.pid}/fd`).length;
  const before = descriptors();
  for (let round = 0; round < 25; round++) {
    await hub.change({ kept: rolled, other: rolled });
    await (await hub.open("other")).text("echo");
    await hub.change({ kept: rolled });
  }
  expect(await kept.text("pid")).toBe(pid);
  await until("all others have ended", () => roll.living.length === 1);
  await until("their descriptors are closed", () => descriptors() <= before + 2);
});

test.concurrent(
  "of two changes at once the second counts, whichever server is up first",
  async ({ reloading, roll }) => {
    const hub = await reloading({ one: server() });
    const slow = server(["--slow", "3000", "--roll", roll.folder], { env: { MARK: "slow" } });
    await hub.change({ one: slow });
    await hub.change({ one: server([], { env: { MARK: "last" } }), two: server() });
    await hub.says(/one: http/, 2);
    await hub.says(/two: http/);
    await until("the one between has ended", () => roll.living.length === 0);
    expect(await (await hub.open("one")).text("echo", { text: "there" })).toBe("there");
  },
);

test.concurrent(
  "a file that is empty for a moment, and one that is written in pieces, is read when it is whole",
  async ({ reloading }) => {
    const hub = await reloading({ one: server() });
    const { file } = hub.gateway;
    const whole = JSON.stringify({ mcpServers: { one: server(), two: server() } });
    writeFileSync(file, "");
    await sleep(700);
    for (const at of [0.3, 0.6, 0.9]) {
      writeFileSync(file, whole.slice(0, whole.length * at));
      await sleep(100);
    }
    writeFileSync(file, whole);
    await hub.says(/\+ two/);
    expect(hub.gateway.other).not.toContain("is wrong");
  },
);

test.concurrent(
  "a shared server is never run twice: the new one starts when the one before has ended",
  async ({ reloading, roll }) => {
    const shared = (mark: string) => server(["--roll", roll.folder], { isolation: "shared", env: { MARK: mark } });
    const hub = await reloading({ one: shared("before") });
    const one = await hub.open("one");
    const call = one.text("slow", { ms: 1_500 });
    await one.text("echo");
    await hub.change({ one: shared("after") });
    const next = hub.open("one");
    expect(roll.living.length).toBe(1);
    expect(await call).toBe("done");
    expect(await (await next).text("echo", { text: "after" })).toBe("after");
    expect(roll.living.length).toBe(1);
  },
);

test.concurrent(
  "a shared server that does not start leaves the one before, which is started again",
  async ({ reloading }) => {
    const hub = await reloading({ one: server([], { isolation: "shared" }) });
    await hub.change({ one: { command: process.execPath, args: ["-e", "process.exit(3)"], isolation: "shared" } });
    await hub.says(/one: not replaced/);
    await until("the one before serves again", () =>
      hub.open("one").then(
        () => true,
        () => false,
      ),
    );
  },
);

test.concurrent(
  "a token of a service is another at once, without its server being started again",
  async ({ reloading }) => {
    const [before, after] = ["token-of-before-0123456789", "token-of-after-0123456789"];
    const hub = await reloading({ one: server([], { tokens: [before] }) });
    const one = await hub.open("one", "mcp", withToken(before));
    await hub.change({ one: server([], { tokens: [before, after] }) });
    const pid = await one.text("pid");
    expect(await (await hub.open("one", "mcp", withToken(after))).text("echo", { text: "in" })).toBe("in");
    await hub.change({ one: server([], { tokens: [after] }) });
    expect((await one.post({ jsonrpc: "2.0", id: 1, method: "ping" })).status).toBe(401);
    expect(pid).not.toBe("");
  },
);
