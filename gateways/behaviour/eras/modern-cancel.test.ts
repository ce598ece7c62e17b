/** Closing the response to a modern request cancels it: the server is told once, and nothing else is cancelled. */
import { setTimeout as sleep } from "node:timers/promises";
import { rmSync, writeFileSync } from "node:fs";
import { expect } from "vitest";
import { eventsOf, type Received } from "../../fixtures/client.ts";
import { test, until } from "../../fixtures/harness.ts";
import { ModernClient, modernChild, servers } from "../../fixtures/modern-client.ts";

const idsOf = (received: readonly Received[], method: string, name?: string) =>
  received.filter((message) => message.method === method && message.params?.["name"] === name).map(({ id }) => id);

const cancelled = (received: readonly Received[]) =>
  received.filter(({ method }) => method === "notifications/cancelled").map(({ params }) => params?.["requestId"]);

for (const [name, settings] of servers) {
  for (const accept of ["application/json", "application/json, text/event-stream"]) {
    test.concurrent(
      `a client that leaves before anything was sent cancels its call, ${accept}, ${name}`,
      async ({ start }) => {
        const { service, ...running } = await start(settings);
        const [client, leave] = [new ModernClient(running), new AbortController()];
        const call = client.tool("slow", { ms: 60_000 }, { headers: { accept }, signal: leave.signal });
        const other = client.text("slow", { ms: 1_000, text: "goes on" }, { id: 1 });
        const begun = async () => idsOf(await client.received(), "tools/call", "slow").length === 2;
        await until("the server has begun both", begun);
        leave.abort();
        await expect(call).rejects.toThrow(/abort/);
        await until("the server is told", async () => cancelled(await client.received()).length > 0);
        expect(await other).toBe("goes on");
        const received = await client.received();
        const [first] = received.filter(
          ({ params }) => (params?.["arguments"] as { ms?: number } | undefined)?.ms === 60_000,
        );
        expect(cancelled(received)).toEqual([first!.id]);
        await until("no call is open", () => service.openCalls === 0);
      },
    );
  }

  test.concurrent(`a client that leaves in the middle of a stream cancels its call, ${name}`, async ({ start }) => {
    const client = new ModernClient(await start(settings));
    const leave = new AbortController();
    const args = { name: "progress", arguments: { times: 100, ms: 300 } };
    const response = await client.send("tools/call", args, { progressToken: 1, signal: leave.signal });
    const events = eventsOf(response);
    let progress: unknown;
    do progress = (await events.next()).value?.message?.params?.["progress"];
    while (Number(progress) < 1); // less is the gateway's own: the server is still starting
    expect(progress).toBe(1);
    leave.abort();
    await until("the server is told", async () => cancelled(await client.received()).length > 0);
    await sleep(700);
    const received = await client.received();
    expect(cancelled(received)).toEqual(idsOf(received, "tools/call", "progress"));
  });

  test.concurrent(`the end of its response does not cancel an answered call, ${name}`, async ({ start }) => {
    const client = new ModernClient(await start(settings));
    for (const headers of [{ connection: "close" }, { accept: "text/event-stream", connection: "close" }])
      expect(await client.text("echo", { text: "done" }, { headers })).toBe("done");
    const leave = new AbortController();
    await client.text("progress", { times: 1 }, { progressToken: 1, signal: leave.signal });
    leave.abort();
    await sleep(300);
    expect(cancelled(await client.received())).toEqual([]);
  });
}

test.concurrent("a call whose client leaves before the server's era is known never runs", async ({ start, roll }) => {
  const gate = `${roll.folder}-gate`;
  const { service, ...running } = await start({ command: modernChild("--dual", "--gate", gate) });
  const [client, leave] = [new ModernClient(running), new AbortController()];
  writeFileSync(gate, "");
  const call = client.text("count", {}, { signal: leave.signal });
  const next = client.text("echo", { text: "served" });
  await until("both wait", () => service.openCalls === 2);
  leave.abort();
  await expect(call).rejects.toThrow(/abort/);
  await sleep(200);
  rmSync(gate);
  expect(await next).toBe("served");
  expect(await client.text("count")).toBe("1");
  await until("none is open", () => service.openCalls === 0);
});

test.concurrent(
  "a call that waits for its server to start never runs when its client leaves",
  async ({ start, roll }) => {
    for (const settings of [
      { command: modernChild("--gate", `${roll.folder}-1`) },
      { child: ["--gate", `${roll.folder}-2`] },
    ]) {
      const client = new ModernClient(await start(settings));
      await client.text("count");
      const gate = settings.command ? `${roll.folder}-1` : `${roll.folder}-2`;
      writeFileSync(gate, "");
      await client.tool("crash");
      const leave = new AbortController();
      const call = client.text("count", {}, { signal: leave.signal });
      const next = client.text("count");
      await sleep(300);
      leave.abort();
      await expect(call).rejects.toThrow(/abort/);
      await sleep(100);
      rmSync(gate);
      expect(await next).toBe("1");
      expect(await client.text("count")).toBe("2");
    }
  },
);

test.concurrent("server/discover is cancelled like other requests when its client leaves", async ({ start, roll }) => {
  const gate = `${roll.folder}-gate`;
  const client = new ModernClient(await start({ command: modernChild("--gate", gate) }));
  await client.text("count");
  writeFileSync(gate, "");
  const leave = new AbortController();
  const call = client.send("server/discover", {}, { id: "left", signal: leave.signal });
  await until("the server has it", async () => idsOf(await client.received(), "server/discover").length === 2);
  leave.abort();
  await expect(call).rejects.toThrow(/abort/);
  const told = () => until("the server is told", async () => cancelled(await client.received()).length === 1);
  await told().finally(() => rmSync(gate));
});
