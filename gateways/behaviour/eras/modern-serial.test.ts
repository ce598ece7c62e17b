/** `serial` for clients of both eras: one call at a time, and never a second process, not even to probe the era. */
import { rmSync, writeFileSync } from "node:fs";
import { expect } from "vitest";
import { deferred } from "../../deferred.ts";
import type { Client } from "../../fixtures/client.ts";
import { test, until, type Settings } from "../../fixtures/harness.ts";
import { ModernClient, modernChild } from "../../fixtures/modern-client.ts";

const service = { isolation: "shared", serial: true } as const;

const kinds: readonly (readonly [string, (folder: string) => Settings])[] = [
  ["a legacy server", (folder) => ({ child: ["--roll", folder], service })],
  ["a modern server", (folder) => ({ command: modernChild("--roll", folder), service })],
  ["a server of both eras", (folder) => ({ command: modernChild("--dual", "--roll", folder), service })],
];

/** The text arguments of the calls that reached the server, in order. */
const textsIn = async (client: Client | ModernClient) =>
  (await client.received()).flatMap(
    ({ params }) => (params?.["arguments"] as { text?: string } | undefined)?.text ?? [],
  );

/** Whether a line says that a request of the client that leaves is over. */
const hasLeft = (line: string) => line.includes("203.0.113.9") && line.includes('"msg":"request"');

for (const [name, settings] of kinds) {
  test.concurrent(`all calls of clients of both eras run, one at a time, ${name}`, async ({ start, roll }) => {
    const running = await start(settings(roll.folder));
    const clients = [await running.open(), new ModernClient(running), await running.open(), new ModernClient(running)];
    const texts = Array.from({ length: 12 }, (_, n) => `${n}`);
    const calls = texts.map((text, n) => clients[n % 4]!.text("heedless", { ms: 20, text }));
    expect(await Promise.all(calls)).toEqual(texts);
    expect(await clients[1]!.text("mostRunning")).toBe("1");
    expect((await textsIn(clients[0]!)).toSorted()).toEqual(texts.toSorted());
  });

  test.concurrent(
    `read-only requests do not wait for their turn, and a running call that is cancelled keeps its turn, ${name}`,
    async ({ start, roll }) => {
      const {
        service: own,
        log,
        ...running
      } = await start({ ...settings(roll.folder), trustedProxies: ["127.0.0.1"] });
      const [client, leaver] = [
        new ModernClient(running),
        new ModernClient(running, { "x-forwarded-for": "203.0.113.9" }),
      ];
      const [released, leave] = [`${roll.folder}-released`, new AbortController()];
      const held = leaver.text("held", { text: released }, { signal: leave.signal });
      await until("it has arrived", () => own.openCalls === 1);
      const waiting = leaver.tool("count", {}, { signal: leave.signal });
      await until("both have arrived", () => own.openCalls === 2);
      const next = client.text("count");
      for (const method of ["tools/list", "server/discover"])
        expect(await client.request(method)).toHaveProperty("result");
      leave.abort();
      for (const call of [held, waiting]) await expect(call).rejects.toThrow(/abort/);
      await until("both are gone", () => log.filter(hasLeft).length === 2);
      writeFileSync(released, "");
      expect(await next).toBe("1"); // the cancelled call never ran
      rmSync(released);
      await until("nothing is open", () => own.openCalls === 0);
    },
  );
}

test.concurrent(
  "a serial server never has two processes, whatever eras its clients are of",
  async ({ start, roll }) => {
    for (const [name, settings] of [kinds[0]!, kinds[2]!]) {
      const folder = roll.folder;
      const before = roll.all.length;
      const running = await start(settings(folder));
      const [modern, legacy] = [new ModernClient(running), await running.open()];
      await Promise.all([modern.text("count"), modern.request("server/discover"), legacy.text("count")]);
      expect(roll.all.length - before, name).toBe(1);
      await running.gateway.stop();
    }
  },
);

test.concurrent(
  "a serial server that turns out to be modern never runs beside its own probe",
  async ({ start, roll }) => {
    const gate = `${roll.folder}-gate`;
    writeFileSync(gate, "");
    const most = { living: 0 };
    const counting = setInterval(() => (most.living = Math.max(most.living, roll.living.length)), 5);
    setTimeout(() => rmSync(gate), 1_500);
    const running = await start({ command: modernChild("--gate", gate, "--roll", roll.folder), service });
    clearInterval(counting);
    expect(await new ModernClient(running).text("count")).toBe("1");
    expect(most.living).toBe(1);
  },
);

test.concurrent(
  "a modern call that times out ends its serial server, so that the next call never runs beside it",
  async ({ start, roll }) => {
    const running = await start({
      command: modernChild("--roll", roll.folder),
      service: { ...service, requestTimeout: 3_000 },
    });
    const [client, session] = [new ModernClient(running), await running.open()];
    const first = await client.text("pid");
    const late = client.tool("held", { text: `${roll.folder}/never` });
    await until("it has arrived", () => running.service.openCalls === 1);
    const next = session.text("pid");
    expect((await late).error?.message).toMatch(/did not answer tools\/call.*may have run/);
    expect(await next).not.toBe(first);
    expect(roll.living).toEqual([Number(await next)]);
  },
);

test.concurrent(
  "a client request to a legacy client does not block the queue, and its call continues when its turn comes",
  async ({ start, roll }) => {
    const running = await start(kinds[1]![1](roll.folder));
    const [client, session] = [new ModernClient(running), await running.open("2025-11-25", { roots: {} })];
    const { promise: mayAnswer, resolve } = deferred<void>();
    const onMessage = async ({ id }: { id?: unknown }) => {
      await mayAnswer;
      await session.post({ jsonrpc: "2.0", id, result: { roots: [] } });
    };
    const asking = session.text("ask", {}, { onMessage: (message) => void onMessage(message) });
    await until("the call has run", async () =>
      (await client.received()).some(({ params }) => params?.["name"] === "ask"),
    );
    expect(await client.text("count")).toBe("1");
    resolve();
    expect(JSON.parse(await asking)).toMatchObject({ inputResponses: { roots: { roots: [] } } });
  },
);
