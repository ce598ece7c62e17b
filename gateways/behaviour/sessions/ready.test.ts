/** /ready says whether the service works, not whether it is full or one client's servers crash. */
import { writeFileSync } from "node:fs";
import { expect } from "vitest";
import { test, until, type Running } from "../../fixtures/harness.ts";

const ready = async ({ probe }: Running) => (await probe("/ready")).status === 200;

test.concurrent(
  "a service is ready when all its processes are busy, even after one of them died",
  async ({ start, roll }) => {
    const running = await start({ service: { maxChildren: 2 } });
    const [ann, bob] = [await running.open(), await running.open()];
    const released = `${roll.folder}/released`;
    const calls = [ann.tool("held", { text: released })];
    await bob.tool("crash");
    calls.push(bob.tool("held", { text: released }));
    await until(
      "both run",
      async () => (await bob.text("mostRunning")) === "1" && (await ann.text("mostRunning")) === "1",
    );
    await until("it is ready", () => ready(running));
    expect(running.service).toMatchObject({ state: "up", tools: expect.any(Number) as number, error: undefined });
    for (let look = 0; look < 20; look++) expect(await ready(running)).toBe(true);
    writeFileSync(released, "");
    for (const { result } of await Promise.all(calls)) expect(result).toBeDefined();
  },
);

test.concurrent("one client's servers that crash all at once do not delay other clients", async ({ start }) => {
  const running = await start();
  const [other, ...crashing] = await Promise.all(Array.from({ length: 7 }, () => running.open()));
  await Promise.all(crashing.map((client) => client.tool("crash")));
  expect(await other!.text("count")).toBe("1");
  const opened = await running.client().initialize();
  expect(opened.status).toBe(200);
  expect(await crashing[0]!.text("count")).toBe("1");
  await until("it is ready", () => ready(running), 10_000);
});

test.concurrent("a server that exits when it gets no client does no harm as a spare", async ({ start, roll }) => {
  const running = await start({ child: ["--impatient", "1000", "--roll", roll.folder] });
  await until("the spare has gone", () => running.log.some((line) => /exit code 9/.test(line)));
  const started = roll.all.length;
  for (let look = 0; look < 20; look++) expect(await ready(running)).toBe(true);
  expect(roll.all.length).toBeLessThanOrEqual(started);
  expect(await (await running.open()).text("count")).toBe("1");
});
