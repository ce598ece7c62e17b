/** Servers that run only while somebody needs them: started by the first call, ended when nobody has called for a while. */
import { expect } from "vitest";
import { child, test, until } from "../../fixtures/harness.ts";
import type { Received } from "../../fixtures/client.ts";

const progressOf = (messages: readonly Received[]) =>
  messages.flatMap(({ method, params }) => (method === "notifications/progress" ? [params!["message"]] : []));

for (const isolation of ["session", "shared"] as const) {
  test.concurrent(
    `a lazy server (${isolation}) is started by its first client, and is ready before`,
    async ({ start, roll }) => {
      const { service, probe, open } = await start({
        child: ["--roll", roll.folder],
        service: { isolation, start: "lazy" },
      });
      expect([service.state, service.rests, roll.all]).toEqual(["up", true, []]);
      expect((await probe("/ready")).status).toBe(200);
      expect(roll.all).toEqual([]);
      const client = await open();
      expect(await client.text("echo", { text: "hello" })).toBe("hello");
      expect(service.rests).toBe(false);
      expect(roll.living.length).toBe(1); // no spare
    },
  );

  test.concurrent(
    `a server (${isolation}) ends when nobody calls it, and the next call of the same session starts it`,
    async ({ start, roll }) => {
      const { service, open } = await start({ child: ["--roll", roll.folder], service: { isolation, stopAfter: 500 } });
      const client = await open();
      await client.text("echo");
      await until("it rests", () => service.rests && roll.living.length === 0);
      expect([service.state, service.children]).toEqual(["up", 0]);
      expect(await client.text("echo", { text: "again" })).toBe("again");
      expect(roll.living.length).toBeGreaterThan(0);
    },
  );

  test.concurrent(`a call that takes longer than that (${isolation}) is not cut off`, async ({ start }) => {
    const { open } = await start({ service: { isolation, stopAfter: 200 } });
    const client = await open();
    expect(await client.text("slow", { ms: 1_500 })).toBe("done");
  });
}

test.concurrent("a call that waits for a start says so by progress, where it takes long", async ({ start }) => {
  const { service, open } = await start({ command: child("--slow", "3000"), service: { stopAfter: 300 } });
  const client = await open();
  await until("it rests", () => service.rests);
  const messages: Received[] = [];
  await client.text("echo", {}, { progressToken: "t", onMessage: (message) => void messages.push(message) });
  expect(progressOf(messages)[0]).toBe("starting fixture");
});

test.concurrent(
  "a lazy server in a group is started by the first call of it, which says so",
  async ({ start, roll }) => {
    const lazy = { command: process.execPath, args: [], start: "lazy" };
    const [command, ...args] = child("--slow", "3000", "--roll", roll.folder)
      .split(" ")
      .map((word) => word.slice(1, -1));
    const { client } = await start({ servers: { one: { ...lazy, command, args } } });
    const all = await client().open();
    expect(roll.all).toEqual([]);
    const messages: Received[] = [];
    await all.text("one_echo", {}, { progressToken: 1, onMessage: (message) => void messages.push(message) });
    expect(progressOf(messages)[0]).toBe("starting one");
  },
);

test.concurrent(
  "where a release must show that it runs, a lazy server starts once and ends again",
  async ({ roll, start }) => {
    const { gateway } = await start({ child: ["--roll", roll.folder], service: { start: "lazy" } });
    await gateway.services[0]!.start({ proves: true });
    await until("it has ended", () => roll.living.length === 0);
    expect(roll.all.length).toBeGreaterThan(0);
    expect(gateway.services[0]!.tools).toBeGreaterThan(0);
  },
);

test.concurrent("a lazy server that cannot start fails for whoever calls, and says why", async ({ start }) => {
  const { client, service } = await start({ command: "node -e process.exit(3)", service: { start: "lazy" } });
  const response = await client().initialize();
  expect(response.status).toBe(503);
  await until("it has failed", () => service.state === "failed");
});
