/** A call that waits for a server or for its turn has not run, so cancelling it guarantees that it never will. */
import { rmSync, writeFileSync } from "node:fs";
import { expect } from "vitest";
import type { Client } from "../../fixtures/client.ts";
import { cancelUntilAnswered, test, until, type Running } from "../../fixtures/harness.ts";

const isolations = ["shared", "session"] as const;
const mayHaveRun = /may have run/;

/** The methods that a server received, without the one that reads them. */
const methodsSeen = async (client: Client) => (await client.received()).map(({ method }) => method).slice(0, -1);

/** The tools that a server was asked to run, without the one that reads them. */
const toolsSeen = async (client: Client) =>
  (await client.received())
    .filter(({ method }) => method === "tools/call")
    .map(({ params }) => params!["name"])
    .slice(0, -1);

/** Ends a session's server, and holds up its next one. @returns what lets that one start */
async function closeTheGate(gate: string, client: Client): Promise<() => void> {
  writeFileSync(gate, "");
  await client.tool("crash");
  return () => rmSync(gate);
}

for (const isolation of isolations) {
  test.concurrent(
    `a call that is cancelled while its server restarts never runs, isolation ${isolation}`,
    async ({ start, roll }) => {
      const gate = `${roll.folder}/gate`;
      const { open } = await start({ child: ["--gate", gate], service: { isolation } });
      const client = await open();
      const openGate = await closeTheGate(gate, client);
      const { error } = await cancelUntilAnswered(client, "id", client.tool("count", {}, { id: "id" }));
      expect(error?.code).toBe(-32800);
      openGate();
      expect(await client.text("echo", { text: "after" })).toBe("after");
      expect(await toolsSeen(client)).toEqual(["echo"]);
    },
  );

  test.concurrent(
    `a waiting call fails at once and never runs when its session is ended during a restart, isolation ${isolation}`,
    async ({ start, roll }) => {
      const gate = `${roll.folder}/gate`;
      const { open, service } = await start({ child: ["--gate", gate, "--roll", roll.folder], service: { isolation } });
      const client = await open();
      const openGate = await closeTheGate(gate, client);
      const call = client.tool("held", { text: `${roll.folder}/never` });
      await until("the call waits", () => service.openCalls === 1);
      await client.end();
      expect((await call).error).toMatchObject({
        code: -32001,
        message: expect.not.stringMatching(mayHaveRun) as string,
      });
      openGate();
      const other = await open();
      expect(await toolsSeen(other)).toEqual([]);
      expect(await other.text("mostRunning")).toBe("0");
    },
  );
}

/** Opens two sessions at a cap of one process, which one of them keeps busy. */
async function withOneBusy({ open, service }: Running, released: string) {
  const [sleeper, busy] = [await open(), await open()];
  const running = busy.tool("held", { text: released });
  await until("its call runs", async () => service.openCalls === 1 && (await busy.text("mostRunning")) === "1");
  return { sleeper, busy, running };
}

test.concurrent(
  "a session that is ended while its call waits for a process is gone at once, and no process starts for it",
  async ({ start, roll }) => {
    const released = `${roll.folder}-released`;
    const running = await start({ child: ["--roll", roll.folder], service: { maxChildren: 1 } });
    const { sleeper, busy, running: call } = await withOneBusy(running, released);
    const waiting = sleeper.tool("count");
    await until("the call waits", () => running.service.openCalls === 2);
    const started = roll.all.length;
    expect((await sleeper.end()).status).toBe(200);
    expect((await waiting).error).toMatchObject({
      code: -32001,
      message: expect.not.stringMatching(mayHaveRun) as string,
    });
    expect(running.service.openCalls).toBe(1); // the busy session's call still runs: ending the other did not wait for it
    writeFileSync(released, "");
    expect((await call).result).toBeDefined();
    rmSync(released);
    expect(await busy.text("echo", { text: "on" })).toBe("on");
    expect(roll.all).toHaveLength(started);
  },
);

test.concurrent("a call that is cancelled while it waits for a process never runs", async ({ start, roll }) => {
  const released = `${roll.folder}/released`;
  const running = await start({ service: { maxChildren: 1 } });
  const { sleeper, running: call } = await withOneBusy(running, released);
  const { error } = await cancelUntilAnswered(sleeper, "id", sleeper.tool("count", {}, { id: "id" }));
  expect(error?.code).toBe(-32800);
  writeFileSync(released, "");
  await call;
  expect(await toolsSeen(sleeper)).toEqual([]);
});

test.concurrent(
  "a client that sends notifications/initialized while its session wakes has it passed on once",
  async ({ start, roll }) => {
    const gate = `${roll.folder}/gate`;
    const { open, service } = await start({ child: ["--gate", gate] });
    const client = await open();
    const openGate = await closeTheGate(gate, client);
    const call = client.text("echo");
    await until("the call waits", () => service.openCalls === 1);
    for (const method of ["initialized", "roots/list_changed"]) await client.notify(`notifications/${method}`);
    openGate();
    await call;
    expect(await methodsSeen(client)).toEqual(["initialize", "notifications/initialized", "tools/call"]);
  },
);

for (const limit of ["startTimeout", "requestTimeout"])
  test.concurrent(
    `a call that waits for a server whose start fails is told that, and not that it may have run, ${limit}`,
    async ({ start, roll }) => {
      const gate = `${roll.folder}/gate`;
      // The server starts once within this time, with the gate open.
      const { open } = await start({ child: ["--gate", gate], service: { [limit]: 5_000 } });
      const client = await open();
      const openGate = await closeTheGate(gate, client);
      const { error } = await client.tool("count");
      expect(error?.message).toMatch(/did not start: no answer to initialize/);
      expect(error?.message).not.toMatch(mayHaveRun);
      openGate();
    },
  );
