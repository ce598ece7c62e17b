/** A server's era is probed once, on a process of its own. */
import { rmSync, writeFileSync } from "node:fs";
import { expect } from "vitest";
import { test, until } from "../../fixtures/harness.ts";
import { ModernClient, modernChild } from "../../fixtures/modern-client.ts";

const probes = (log: readonly string[]) => log.filter((line) => line.includes("asked the server for MCP 2026-07-28"));

test.concurrent(
  "probing a legacy server that exits at an unknown request does not disturb its sessions",
  async ({ start }) => {
    const running = await start({ child: ["--strict"] });
    const session = await running.open();
    expect(await session.text("count")).toBe("1");
    const client = new ModernClient(running);
    expect(await client.text("count")).toBe("1");
    expect(await session.text("count")).toBe("2");
    expect(await client.text("count")).toBe("2");
    expect(probes(running.log)).toEqual([expect.stringMatching(/"isModern":false,"error":.*exit code 4/)]);
    expect((await running.probe("/ready")).status).toBe(200);
  },
);

test.concurrent(
  "a server that does not answer server/discover counts as legacy meanwhile and afterwards, and is not probed again",
  async ({ start, roll }) => {
    const running = await start({ child: ["--silent", "server/discover", "--roll", roll.folder] });
    const client = new ModernClient(running);
    expect(await client.text("count")).toBe("1");
    expect(probes(running.log)).toHaveLength(0);
    await until("the probe is over", () => probes(running.log).length > 0);
    expect(await client.text("count")).toBe("2");
    expect(probes(running.log)).toHaveLength(1);
    await until("the probed process has ended", () => roll.living.length === running.service.children);
  },
);

test.concurrent(
  "no server is probed before a modern client comes, and a shared one never is",
  async ({ start, roll }) => {
    const alone = await start();
    await (await alone.open()).text("count");
    expect(probes(alone.log)).toEqual([]);
    const running = await start({
      command: modernChild("--dual", "--roll", roll.folder),
      service: { isolation: "shared" },
    });
    const [client, session] = [new ModernClient(running), await running.open()];
    expect(await client.text("pid")).toBe(await session.text("pid"));
    expect([roll.all.length, probes(running.log).length]).toEqual([1, 0]);
  },
);

for (const [name, command] of [
  ["both eras", modernChild("--dual")],
  ["the modern era", modernChild()],
] as const) {
  test.concurrent(`a server of ${name} is probed once, however many first requests come at once`, async ({ start }) => {
    const running = await start({ command });
    const client = new ModernClient(running);
    const first = await Promise.all(Array.from({ length: 20 }, () => client.text("pid")));
    expect(new Set(first).size).toBe(1);
    for (let calls = 0; calls < 3; calls++) expect(await client.text("pid")).toBe(first[0]);
    expect(probes(running.log)).toHaveLength(1);
    expect(probes(running.log)[0]).toContain('"isModern":true');
  });
}

test.concurrent(
  "a server of both eras serves modern clients in one process, and each session in its own",
  async ({ start }) => {
    const running = await start({ command: modernChild("--dual") });
    const client = new ModernClient(running);
    const [ann, bob] = [await running.open("2025-06-18"), await running.open()];
    const pids = await Promise.all([client, ann, bob].map((caller) => caller.text("pid")));
    expect(new Set(pids).size).toBe(3);
    expect((await ann.received())[0]).toMatchObject({
      method: "initialize",
      params: { protocolVersion: "2025-06-18" },
    });
    expect((await client.received())[0]).toMatchObject({ method: "server/discover" });
    await client.tool("crash");
    expect(await ann.text("pid")).toBe(pids[1]);
    expect(await client.text("pid")).not.toBe(pids[0]);
  },
);

test.concurrent("a server with an invalid answer to server/discover counts as legacy", async ({ start }) => {
  for (const discovery of ['{"supportedVersions":["2099-01-01"]}', "{}", "null", '{"supportedVersions":5}', "{oops}"]) {
    const running = await start({ command: modernChild("--dual", "--discover", discovery) });
    const client = new ModernClient(running);
    expect(await client.text("count"), discovery).toBe("1");
    expect((await client.received())[0]?.method, discovery).toBe("initialize");
    await running.gateway.stop();
  }
});

test.concurrent("server/discover names only the versions that the gateway supports too", async ({ start }) => {
  const client = new ModernClient(await start({ command: modernChild() }));
  const { result } = await client.request("server/discover");
  expect(result).toMatchObject({
    supportedVersions: ["2026-07-28"],
    instructions: "Be kind.",
    ttlMs: 60_000,
    cacheScope: "public",
  });
  expect(result!["capabilities"]).toHaveProperty("extensions");
});

test.concurrent(
  "a server that speaks neither era is down, clients are told why, and it is not probed repeatedly",
  async ({ start }) => {
    const running = await start({ command: modernChild("--discover", '{"supportedVersions":["2099-01-01"]}') });
    const client = new ModernClient(running);
    for (let calls = 0; calls < 3; calls++) expect((await client.send("tools/list")).status).toBe(503);
    expect(probes(running.log)).toHaveLength(1);
    expect((await running.probe("/ready")).status).toBe(503);
    expect(running.service.error).toMatch(/refused the handshake.*use 2026-07-28/);
  },
);

test.concurrent(
  "a modern server is ready, counted, known by its version, and ends with the gateway",
  async ({ start, roll }) => {
    const running = await start({ command: modernChild("--roll", roll.folder) });
    expect((await running.probe("/ready")).status).toBe(200);
    expect(await (await running.probe("/health")).json()).toMatchObject({ status: "ok", version: "2" });
    expect([running.service.children, running.service.tools! > 10]).toEqual([1, true]);
    await until("the others have ended", () => roll.living.length === 1);
    await running.gateway.stop();
    expect(roll.living).toEqual([]);
  },
);

test.concurrent("the gateway's end does not wait for a server whose era is not known yet", async ({ start, roll }) => {
  const gate = `${roll.folder}-gate`;
  writeFileSync(gate, "");
  const running = await start({ command: modernChild("--dual", "--gate", gate, "--roll", roll.folder) });
  const call = new ModernClient(running).send("tools/list").catch(String);
  await until("it is being probed", () => roll.all.length === 3 && roll.living.length === 2); // with the warm spare
  const began = performance.now();
  await running.gateway.stop();
  expect(performance.now() - began).toBeLessThan(9_000);
  rmSync(gate);
  await call;
  await until("all have ended", () => roll.living.length === 0);
});
