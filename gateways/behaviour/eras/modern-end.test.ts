/** What modern clients are told when the gateway ends before their calls do. Nothing delays its end. */
import { rmSync, writeFileSync } from "node:fs";
import { expect } from "vitest";
import { until } from "../../fixtures/harness.ts";
import { ModernClient, modernChild, VERSION } from "../../fixtures/modern-client.ts";
import { test } from "../../fixtures/process.ts";

const drain = ["--drain-timeout", "300ms"];
/** The gateway's flags for each kind of server; the modern one replaces child.ts. */
const kinds = [
  ["a modern server", ["--stdio", modernChild()]],
  ["a legacy server that is shared", ["--isolation", "shared"]],
  ["a legacy server for each client", ["--isolation", "session"]],
] as const;

/** Sends a notification, which needs no answer. */
const notify = (client: ModernClient) =>
  client.post({ jsonrpc: "2.0", method: "notifications/x" }, { "mcp-protocol-version": VERSION });

for (const [name, flags] of kinds) {
  test.concurrent(
    `a call that is cut off may have run, and a subscription ends with its result, ${name}`,
    async ({ run, roll }) => {
      const gateway = await run({ flags: [...drain, ...flags] });
      const client = new ModernClient(gateway);
      const { messages, ended } = await client.listen({ toolsListChanged: true }, { id: "mine" });
      const call = client.tool("held", { text: `${roll.folder}/never` });
      await until("it runs", async () => (await client.text("mostRunning")) === "1");
      gateway.kill("SIGTERM");
      expect((await call).error).toMatchObject({
        code: -32603,
        message: expect.stringMatching(/may have run/) as string,
      });
      await ended;
      expect(messages.at(-1)).toMatchObject({ id: "mine", result: { resultType: "complete" } });
      expect(await gateway.exited).toBe(0);
    },
  );

  test.concurrent(`the gateway waits for an open call before it ends, ${name}`, async ({ run, roll }) => {
    const gateway = await run({ flags: ["--drain-timeout", "20s", ...flags] });
    const client = new ModernClient(gateway);
    const released = `${roll.folder}/released`;
    const call = client.text("held", { text: released });
    await until("it runs", async () => (await client.text("mostRunning")) === "1");
    gateway.kill("SIGTERM");
    await until("it is stopping", () => gateway.log.includes('"stopping"'));
    writeFileSync(released, "");
    expect(await call).toBe("released");
    expect(await gateway.exited).toBe(0);
  });
}

test.concurrent("a call that waits for the server to start is refused, and has not run", async ({ run, roll }) => {
  const gate = `${roll.folder}-gate`;
  const gateway = await run({ child: ["--gate", gate], flags: [...drain, "--start-timeout", "60s"] });
  const client = new ModernClient(gateway);
  await client.text("count");
  writeFileSync(gate, "");
  await client.tool("crash");
  const call = client.tool("count");
  await notify(client); // the call before it has arrived
  gateway.kill("SIGTERM");
  const { error } = await call;
  expect(error?.code).toBe(-32603);
  expect(error?.message).not.toMatch(/may have run/);
  expect(await gateway.exited).toBe(0);
  rmSync(gate);
});

test.concurrent(
  "the gateway waits for calls whose server is starting or being probed before it ends",
  async ({ run }) => {
    for (const child of [
      ["--slow", "1500"],
      ["--silent", "server/discover"],
    ]) {
      const gateway = await run({ child, flags: ["--drain-timeout", "20s", "--log-level", "debug"] });
      const call = new ModernClient(gateway).text("echo", { text: "served" });
      const other = await new ModernClient(gateway).send("notifications/x"); // the call before it has arrived
      expect(other.status).toBe(404);
      gateway.kill("SIGTERM");
      expect(await call, child.join()).toBe("served");
      expect(await gateway.exited).toBe(0);
    }
  },
);

test.concurrent("many calls and subscriptions that are cut off cause no uncaught errors", async ({ run }) => {
  const gateway = await run({ flags: [...drain, "--log-level", "debug"] });
  const client = new ModernClient(gateway);
  await client.text("count");
  const calls = Array.from({ length: 20 }, (_, id) => client.tool("slow", { ms: 60_000 }, { id, logLevel: "debug" }));
  await client.listen({ resourceSubscriptions: ["a:"] });
  gateway.kill("SIGTERM");
  for (const { error } of await Promise.all(calls)) expect(error?.code).toBe(-32603);
  expect(await gateway.exited).toBe(0);
  expect(gateway.log).not.toMatch(/"(uncaught|unhandled|internal error)"/);
});
