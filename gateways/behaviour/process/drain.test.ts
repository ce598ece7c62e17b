/** What calls are told when the gateway ends before they do. Nothing delays its end. */
import { rmSync, writeFileSync } from "node:fs";
import { connect } from "node:net";
import { expect } from "vitest";
import { until } from "../../fixtures/harness.ts";
import { test } from "../../fixtures/process.ts";

const mayHaveRun = /may have run/;

for (const isolation of ["shared", "session"]) {
  test.concurrent(
    `a call that is cut off is told that it may have run, isolation ${isolation}`,
    async ({ run, roll }) => {
      const gateway = await run({ flags: ["--isolation", isolation, "--drain-timeout", "300ms"] });
      const client = await gateway.client().open();
      const call = client.tool("held", { text: `${roll.folder}/never` });
      await until("it runs", async () => (await client.text("mostRunning")) === "1");
      gateway.kill("SIGTERM");
      expect((await call).error?.message).toMatch(mayHaveRun);
      expect(await gateway.exited).toBe(0);
    },
  );
}

test.concurrent("a call that never got its turn is refused, and has not run", async ({ run, roll }) => {
  const gateway = await run({ flags: ["--isolation", "shared", "--serial", "--drain-timeout", "300ms"] });
  const client = await gateway.client().open();
  const running = client.tool("held", { text: `${roll.folder}/never` });
  const waiting = client.tool("count");
  await client.request("tools/list"); // the calls before it have arrived
  gateway.kill("SIGTERM");
  expect((await running).error?.message).toMatch(mayHaveRun);
  const { error } = await waiting;
  expect(error?.message).toMatch(/shutting down/);
  expect(error?.message).not.toMatch(mayHaveRun);
  expect(await gateway.exited).toBe(0);
});

for (const isolation of ["shared", "session"]) {
  test.concurrent(
    `the gateway's end does not wait for a server that is starting, isolation ${isolation}`,
    async ({ run, roll }) => {
      const gate = `${roll.folder}-gate`;
      const gateway = await run({
        child: ["--gate", gate, "--roll", roll.folder],
        flags: ["--isolation", isolation, "--drain-timeout", "300ms", "--start-timeout", "60s"],
      });
      const client = await gateway.client().open();
      writeFileSync(gate, "");
      await client.tool("crash");
      const call = client.tool("count");
      await client.cancel("none"); // the call before it has arrived
      const started = performance.now();
      gateway.kill("SIGTERM");
      const { error } = await call;
      expect(error?.code).toBe(-32000);
      expect(error?.message).not.toMatch(mayHaveRun);
      expect(await gateway.exited).toBe(0);
      expect(performance.now() - started).toBeLessThan(20_000);
      rmSync(gate);
      expect(roll.living).toEqual([]);
    },
  );
}

test.concurrent("the gateway's end does not wait for connections that send nothing, or garbage", async ({ run }) => {
  const gateway = await run({ flags: ["--isolation", "shared", "--drain-timeout", "300ms"] });
  for (const bytes of ["", "POST /mcp HTTP/1.1\r\nHost: localhost\r\nContent-Len", "nonsense\r\n\r\n"]) {
    const socket = connect({ port: gateway.port, host: "127.0.0.1", allowHalfOpen: true });
    socket.on("error", () => {}).resume();
    socket.write(bytes);
  }
  await gateway.client().open();
  gateway.kill("SIGTERM");
  expect(await gateway.exited).toBe(0);
});

test.concurrent(
  "a gateway that is stopped before its server has started ends at once, without errors",
  async ({ run }) => {
    const env = { START_TIMEOUT: "60s", LOG_LEVEL: "debug" };
    const gateway = await run({ child: ["--mute", "waiting for a database"], env, begun: /waiting for a database/ });
    gateway.kill("SIGTERM");
    expect(await gateway.exited).toBe(0);
    for (const line of gateway.log.trim().split("\n")) expect(JSON.parse(line)).toHaveProperty("level");
  },
);
