/** Several gateways of a serial service: one of them executes all calls, whichever receives them. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { expect, vi } from "vitest";
import { Client, type Received } from "../../fixtures/client.ts";
import { until, type AtEnd } from "../../fixtures/harness.ts";
import { ModernClient } from "../../fixtures/modern-client.ts";
import { roundRobin } from "../../fixtures/round-robin.ts";
import { at, test, type StartReplica } from "../../fixtures/replicas.ts";

vi.setConfig({ testTimeout: 120_000 }); // each starts several processes, and the machine may be busy

const SERIAL = ["--isolation", "shared", "--serial"];

test.concurrent(
  "calls through both gateways run one at a time in one server, with and without sessions",
  async ({ replica }) => {
    const [first, second] = [await replica({ flags: SERIAL }), await replica({ flags: SERIAL })];
    const client = await second.client().open();
    const callers = [
      client,
      at(first, client),
      await first.client().open(),
      new ModernClient(first),
      new ModernClient(second),
    ];
    const calls = callers.map((caller) => caller.tool("slow", { ms: 50 }));
    for (const { result } of await Promise.all(calls)) expect(result?.content?.[0]?.text).toBe("done");
    const pids = await Promise.all(callers.map((caller) => caller.tool("pid")));
    expect(new Set(pids.map(({ result }) => result?.content?.[0]?.text)).size).toBe(1);
    expect(await client.text("mostRunning")).toBe("1");
    expect(second.log).toMatch(/another gateway executes/);
  },
);

test.concurrent(
  "when the executing gateway is killed, the other takes over at once with a new server",
  async ({ replica }) => {
    const [first, second] = [await replica({ flags: SERIAL }), await replica({ flags: SERIAL })];
    const client = await first.client().open();
    const moved = at(second, client);
    const pid = await moved.text("pid");
    first.kill("SIGKILL");
    await first.exited;
    expect(await moved.text("count")).toBe("1");
    expect(await moved.text("pid")).not.toBe(pid);
    expect((await (await second.client().open()).text("count")).length).toBe(1);
  },
);

test.concurrent(
  "a gateway that takes over stays ready: calls wait meanwhile, and a proxy must not leave",
  async ({ replica }) => {
    const [first, second] = [await replica({ flags: SERIAL }), await replica({ flags: SERIAL })];
    const moved = at(second, await first.client().open());
    const pid = await moved.text("pid");
    const seen = new Set<number>();
    const over = new AbortController();
    const watching = (async () => {
      for (; !over.signal.aborted; await sleep(5))
        seen.add((await fetch(`http://127.0.0.1:${second.port}/ready`)).status);
    })();
    first.kill("SIGKILL");
    await first.exited;
    expect(await moved.text("pid")).not.toBe(pid);
    over.abort();
    await watching;
    expect([...seen]).toEqual([200]);
  },
);

test.concurrent(
  "while the executing gateway finishes its last calls, a new call waits and then runs at the other",
  async ({ replica, roll }) => {
    const [first, second] = [await replica({ flags: SERIAL }), await replica({ flags: SERIAL })];
    const client = await first.client().open();
    const file = join(roll.folder, "notes");
    const last = client.text("note", { file, text: "last", ms: 1_500 });
    const waiting = client.text("note", { file, text: "waiting", ms: 10 });
    await client.request("tools/list"); // the calls before it have arrived
    first.kill("SIGTERM");
    const next = at(second, client).text("note", { file, text: "next" });
    expect(await Promise.all([last, waiting, next])).toEqual(["last", "waiting", "next"]);
    expect(readFileSync(file, "utf8")).toBe("last\nwaiting\nnext\n");
    expect(await first.exited).toBe(0);
  },
);

test.concurrent(
  "a call that does not get its turn before the gateway ends runs at the other",
  async ({ replica, roll }) => {
    const flags = [...SERIAL, "--drain-timeout", "300ms"];
    const [first, second] = [await replica({ flags }), await replica({ flags })];
    const client = await first.client().open();
    const moved = at(second, client);
    const running = client.tool("held", { text: join(roll.folder, "never") });
    const waiting = moved.text("echo", { text: "it runs" });
    await client.request("tools/list");
    await moved.request("tools/list");
    first.kill("SIGTERM");
    expect((await running).error?.message).toMatch(/may have run/);
    expect(await waiting).toBe("it runs");
  },
);

for (const [ending, which] of ["that executes", "that forwards"].entries()) {
  test.concurrent(
    `change notifications reach clients of both gateways, and subscriptions end gracefully when the one ${which} ends`,
    async ({ replica }) => {
      const gateways = [await replica({ flags: SERIAL }), await replica({ flags: SERIAL })];
      const listening = await new ModernClient(gateways[1]!).listen({ resourceSubscriptions: ["a:"] });
      const change = { method: "notifications/resources/updated", params: { uri: "a:" } };
      await new ModernClient(gateways[0]!).tool("notify", change);
      await until("it is received", () => listening.messages.length === 2);
      gateways[ending]!.kill("SIGTERM");
      await listening.ended;
      expect(listening.messages.map(({ method }) => method)).toEqual([
        "notifications/subscriptions/acknowledged",
        "notifications/resources/updated",
        undefined,
      ]);
      expect(listening.messages[2]!.result).toMatchObject({ resultType: "complete" });
      expect(await gateways[ending]!.exited).toBe(0);
    },
  );
}

/** Writes lines until told to stop. @returns the acknowledged lines, and every failure */
async function write(caller: Client | ModernClient, name: string, file: string, over: AbortSignal) {
  const written: string[] = [];
  const failures: unknown[] = [];
  while (!over.aborted) {
    const text = `${name}-${written.length}`;
    const answer: Received | Error = await caller.tool("note", { file, text, ms: 1 }).catch((error: Error) => error);
    if (!(answer instanceof Error) && answer.result?.content?.[0]?.text === text) written.push(text);
    else {
      failures.push(answer instanceof Error ? String(answer) : answer);
      written.push(`${text} failed`);
    }
  }
  return { written, failures };
}

/** Replaces a service's gateway so many times, each time starting the next before ending the last. */
async function replace(times: number, replica: StartReplica, flags: string[], ports: Set<number>): Promise<void> {
  let last = await replica({ flags });
  ports.add(last.port);
  for (let replaced = 0; replaced < times; replaced++) {
    const next = await replica({ flags });
    ports.add(next.port);
    last.kill("SIGTERM");
    expect(await last.exited).toBe(0);
    ports.delete(last.port);
    last = next;
  }
}

/** Has eight clients write through a proxy while the gateway is replaced four times. */
async function underLoad(replica: StartReplica, file: string, atEnd: AtEnd, flags: string[]) {
  const { port, ports } = await roundRobin(atEnd);
  const over = new AbortController();
  const replaced = replace(4, replica, flags, ports).finally(() => over.abort());
  await until("the first gateway is up", () => ports.size > 0);
  const url = `http://127.0.0.1:${port}/mcp`;
  const sessions = await Promise.all(Array.from({ length: 6 }, () => new Client(url).open()));
  const callers = [...sessions, new ModernClient({ port }), new ModernClient({ port })];
  const writers = callers.map((caller, index) => write(caller, `writer${index}`, file, over.signal));
  await replaced;
  return Promise.all(writers);
}

test.concurrent(
  "a service that is not serial can be replaced under load: no call fails, no session is lost",
  async ({ replica, roll, onTestFinished }) => {
    const file = join(roll.folder, "notes");
    const results = await underLoad(replica, file, onTestFinished, ["--drain-delay", "1500ms"]);
    expect(results.flatMap(({ failures }) => failures)).toEqual([]);
  },
);

test.concurrent(
  "a serial service can be replaced under load: no call fails, is lost, or runs twice",
  async ({ replica, roll, onTestFinished }) => {
    const file = join(roll.folder, "notes");
    const flags = [...SERIAL, "--drain-delay", "1500ms"];
    const results = await underLoad(replica, file, onTestFinished, flags);
    expect(results.flatMap(({ failures }) => failures)).toEqual([]);
    const lines = readFileSync(file, "utf8").trim().split("\n");
    expect(lines.toSorted()).toEqual(results.flatMap(({ written }) => written).toSorted());
    expect(lines.length).toBeGreaterThan(100);
  },
);
