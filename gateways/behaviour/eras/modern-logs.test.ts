/** Log messages do not name their request, so they reach a caller only while it is certain that they belong to it. */
import { writeFileSync } from "node:fs";
import { expect } from "vitest";
import type { Received } from "../../fixtures/client.ts";
import { test, until } from "../../fixtures/harness.ts";
import { ModernClient, servers, type ModernOptions } from "../../fixtures/modern-client.ts";

const log = (level: string) => ({ method: "notifications/message", params: { level, data: level } });

/** Has the server log at each level while a call runs. @returns the levels that reached its caller */
async function logged(client: ModernClient, options: ModernOptions, levels = ["info"]): Promise<unknown[]> {
  const seen: unknown[] = [];
  const onMessage = ({ params }: Received) => seen.push(params?.["level"]);
  for (const level of levels) await client.text("notify", log(level), { ...options, onMessage });
  return seen;
}

const LEVELS = ["debug", "info", "notice", "warning", "error", "critical", "alert", "emergency"];
const [modern, shared, own] = servers.map(([, settings]) => settings);

for (const [name, settings] of [servers[0]!, servers[2]!]) {
  test.concurrent(
    `a caller gets the log messages of the level that it asks for and above, or none, ${name}`,
    async ({ start }) => {
      const client = new ModernClient(await start(settings));
      expect(await logged(client, { logLevel: "debug" }, LEVELS)).toEqual(LEVELS);
      expect(await logged(client, { logLevel: "warning" }, LEVELS)).toEqual(LEVELS.slice(3));
      expect(await logged(client, { logLevel: "emergency" }, LEVELS)).toEqual(["emergency"]);
      expect(await logged(client, {}, LEVELS)).toEqual([]);
      expect(await logged(client, { logLevel: "debug" }, ["loud"])).toEqual([]);
    },
  );

  test.concurrent(`while two callers want log messages, nobody gets them, ${name}`, async ({ start, roll }) => {
    const { service, ...running } = await start(settings);
    const client = new ModernClient(running);
    const released = `${roll.folder}/released`;
    const strays: Received[] = [];
    const held = client.text(
      "held",
      { text: released },
      { logLevel: "debug", onMessage: (stray) => strays.push(stray) },
    );
    await until("it runs", () => service.openCalls === 1);
    expect(await logged(client, { logLevel: "debug" })).toEqual([]);
    writeFileSync(released, "");
    await held;
    expect(strays).toEqual([]);
    expect(await logged(client, { logLevel: "debug" })).toEqual(["info"]);
  });

  test.concurrent(`the log messages of a call come in order and before its answer, ${name}`, async ({ start }) => {
    const client = new ModernClient(await start(settings));
    const messages: unknown[] = [];
    const onMessage = ({ method, params }: Received) => messages.push([method, params]);
    const params = { level: "notice", logger: "disk", data: { free: 0 } };
    await client.text("notify", { method: "notifications/message", params, times: 3 }, { logLevel: "info", onMessage });
    expect(messages).toEqual(Array.from({ length: 3 }, () => ["notifications/message", params]));
  });
}

test.concurrent(
  "a modern server's log messages reach the caller that wants them, whoever else calls",
  async ({ start, roll }) => {
    const { service, ...running } = await start(modern);
    const client = new ModernClient(running);
    const released = `${roll.folder}/released`;
    const strays: Received[] = [];
    const held = client.text("held", { text: released }, { onMessage: (stray) => strays.push(stray) });
    await until("it runs", () => service.openCalls === 1);
    expect(await logged(client, { logLevel: "debug" })).toEqual(["info"]);
    writeFileSync(released, "");
    await held;
    expect(strays).toEqual([]);
  },
);

test.concurrent(
  "while another call is open, nobody gets a legacy server's log messages, since it logs for all",
  async ({ start, roll }) => {
    const { service, ...running } = await start(own);
    const client = new ModernClient(running);
    const released = `${roll.folder}/released`;
    const held = client.text("held", { text: released });
    await until("it runs", () => service.openCalls === 1);
    expect(await logged(client, { logLevel: "debug" })).toEqual([]);
    writeFileSync(released, "");
    await held;
  },
);

test.concurrent("a shared legacy server's log messages reach nobody", async ({ start }) => {
  const client = new ModernClient(await start(shared));
  expect(await logged(client, { logLevel: "debug" }, LEVELS)).toEqual([]);
  const discovery = await client.request("server/discover");
  expect(discovery.result!["capabilities"]).not.toHaveProperty("logging");
});

test.concurrent("a legacy server's level is lowered to the lowest that any caller asked for", async ({ start }) => {
  const client = new ModernClient(await start(own));
  for (const logLevel of ["error", "warning", "emergency", "warning", "debug", "info"])
    await client.text("count", {}, { logLevel });
  const told = (await client.received()).filter(({ method }) => method === "logging/setLevel");
  expect(told.map(({ params }) => params)).toEqual([{ level: "error" }, { level: "warning" }, { level: "debug" }]);
});

test.concurrent("a legacy server without logging is sent no level", async ({ start }) => {
  const initialize = '{"protocolVersion":"2025-11-25","capabilities":{"tools":{}}}';
  const client = new ModernClient(await start({ child: ["--initialize", initialize] }));
  await client.text("count", {}, { logLevel: "debug" });
  expect((await client.received()).map(({ method }) => method)).not.toContain("logging/setLevel");
});

test.concurrent("a modern server gets the level in the request itself", async ({ start }) => {
  const client = new ModernClient(await start(modern));
  const sent = JSON.parse(await client.text("line", {}, { logLevel: "alert" })) as Received;
  expect(sent.params!["_meta"]).toMatchObject({ "io.modelcontextprotocol/logLevel": "alert" });
});
