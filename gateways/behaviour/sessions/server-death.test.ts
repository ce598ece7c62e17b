/** A server that dies harms no other session, and nobody waits for it. */
import { setTimeout as sleep } from "node:timers/promises";
import { expect } from "vitest";
import { test, until, type Running } from "../../fixtures/harness.ts";

const becomes = ({ probe }: Running, status: number) =>
  until(`/ready answers ${status}`, async () => (await probe("/ready")).status === status);

for (const isolation of ["shared", "session"] as const) {
  test.concurrent(`a call in flight fails at once when the server dies, isolation ${isolation}`, async ({ start }) => {
    const running = await start({ service: { isolation } });
    const client = await running.open();
    const waiting = client.tool("slow", { ms: 60_000 });
    const crashed = await client.tool("crash");
    for (const { result, error } of [crashed, await waiting]) {
      expect(result).toBeUndefined();
      expect(error?.message).toMatch(/ended \(exit code 3\)/);
    }
  });

  test.concurrent(
    `/ready is 503 until a dead server is replaced, and then the session continues, isolation ${isolation}`,
    async ({ start }) => {
      const running = await start({ child: ["--slow", "200"], service: { isolation } });
      const client = await running.open();
      expect((await running.probe("/ready")).status).toBe(200);
      process.kill(Number(await client.text("pid")), "SIGKILL");
      await becomes(running, 503);
      await becomes(running, 200);
      expect(await client.text("echo", { text: "again" })).toBe("again");
      expect(await (await running.open()).text("count")).toBe("1");
    },
  );
}

test.concurrent("other sessions are not affected when a session's own server dies", async ({ start }) => {
  const { open } = await start();
  const [careful, careless] = [await open(), await open()];
  expect(await careful.text("count")).toBe("1");
  const calls = careful.text("slow", { ms: 500 });
  await careless.tool("crash");
  expect(await calls).toBe("done");
  expect(await careful.text("count")).toBe("2");
});

test.concurrent("the stderr of a server that died goes to the log, not to the caller", async ({ start }) => {
  const { open, log } = await start();
  const { error } = await (await open()).tool("crash");
  expect(error?.message).not.toMatch(/about to crash/);
  await until("the log has them", () => log.some((line) => /"warn".*about to crash/.test(line)));
});

test.concurrent("a server that keeps dying is restarted after longer and longer pauses", async ({ start }) => {
  const { service, log } = await start({ child: ["--exit", "no luck"], service: { isolation: "shared" } });
  const second = sleep(1_000);
  const ends = () => log.filter((line) => line.includes("ended by itself")).length;
  await until("it has ended twice", () => ends() > 1);
  await second;
  expect(service.state).toBe("failed");
  expect(ends()).toBeLessThan(6); // after 0, 100, 300, 700 ms
});
