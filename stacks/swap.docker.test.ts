import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, inject, test } from "vitest";
import { command } from "./catalog/kinds/command.ts";
import { npm } from "./catalog/kinds/npm.ts";
import { Caller } from "./fixtures/caller.ts";
import { freePort, removeDeployment } from "./fixtures/engine.ts";
import { type Catalog, Project } from "./fixtures/project.ts";
import type { Ran } from "./fixtures/run.ts";
import { Traffic } from "./fixtures/traffic.ts";

const TOKEN = "test-bearer-token-of-nobody";
const CALLERS = 8;
const [own, memory] = await Promise.all([freePort(), freePort()]);

/** Both services in a release of this name, which is part of their flags or environment. */
const release = (name: string) => ({
  "test-own": {
    server: command(["node", "servers/test/main.js", "--release", name, "--notes", "/data/notes"]),
    port: own,
    volumes: { "/data": "test-own" },
    memory: 1024, // a process for each session, and a spare
  },
  "test-memory": {
    server: npm("@modelcontextprotocol/server-memory@2026.8.31"),
    port: memory,
    volumes: { "/data": "test-memory" },
    env: { MEMORY_FILE_PATH: "/data/memory.jsonl", RELEASE: name },
    isolation: "shared",
    serial: true,
  } satisfies Catalog[string],
});

/** A release of both services that cannot start. */
function bad(): Catalog {
  const good = release("bad");
  const server = command(["node", "servers/test/main.js", "--fail", "a-bad-release"]);
  return { "test-own": { ...good["test-own"], server }, "test-memory": { ...good["test-memory"], server } };
}

const open = (port: number, caller: number) =>
  new Caller(`http://127.0.0.1:${port}/mcp`, { token: TOKEN, address: `198.51.100.${caller + 1}` }).open();

describe.skipIf(inject("lacking") !== "")("services that are deployed four times while clients call them", () => {
  const project = new Project();
  const traffic = { own: new Traffic(), memory: new Traffic() };
  let refused: Ran;
  /** How the stream of a session ended, and what its client called next. */
  let stream: { readonly ended: string; readonly next: string };

  beforeAll(async () => {
    project.env = { MCP_BEARER_TOKEN: TOKEN };
    await project.deploy(release("first"));
    const owners = await Promise.all(Array.from({ length: CALLERS }, (_, caller) => open(own, caller)));
    const writers = await Promise.all(Array.from({ length: CALLERS }, (_, caller) => open(memory, caller)));
    traffic.own.start(owners, (caller, id) => caller.call("note", { id }));
    traffic.memory.start(writers, (caller, id) => caller.call("create_entities", { entities: [entity(id)] }));
    const listening = listen(await open(own, CALLERS));
    await sleep(2_000);
    await project.deploy(release("second"));
    refused = await project.apply(bad());
    await project.deploy(release("first"));
    await project.deploy(release("second"));
    await sleep(2_000);
    await Promise.all([traffic.own.stop(), traffic.memory.stop()]);
    stream = await listening;
  });

  afterAll(async () => {
    await removeDeployment();
    project.remove();
  });

  test("the bad release is refused, and the last one serves", async () => {
    expect(refused.code).toBe(1);
    expect(refused.output.match(/the new release does not take over/g)?.length).toBeGreaterThanOrEqual(2);
    expect(await (await open(own, 0)).call("release")).toBe("second");
  });

  test.each(["own", "memory"] as const)("no call of %s fails, and no session is lost", (service) => {
    const { failures, done, resets, slowest } = traffic[service];
    const seen = `${done.length} calls done, ${failures.length} failed, ${resets} connections reset, the slowest ${slowest} ms`;
    console.log(`${service}: ${seen}`);
    expect(failures).toEqual([]);
    expect(done.length).toBeGreaterThan(500);
  });

  test("no call runs twice, and every answered call did run", async () => {
    const notes = (await (await open(own, 0)).call("notes")).trim().split("\n");
    const ids = notes.map((line) => line.split(" ")[0] ?? "");
    expect(ids.filter((id, index) => ids.indexOf(id) !== index)).toEqual([]);
    expect(traffic.own.done.filter((id) => !ids.includes(id))).toEqual([]);
    expect(new Set(notes.map((line) => line.split(" ")[1])).size).toBeGreaterThan(2); // the gateways that took part
  });

  test("every entity that was written exists", async () => {
    const graph = await (await open(memory, 0)).call("read_graph");
    const { entities } = JSON.parse(graph) as { entities: { name: string }[] };
    expect(entities.map(({ name }) => name).toSorted()).toEqual(traffic.memory.done.toSorted());
  });

  test("an open stream ends cleanly, and its client continues in the same session", () => {
    expect(stream).toEqual({ ended: "cleanly", next: "second" });
  });
});

const entity = (name: string) => ({ name, entityType: "call", observations: [`${name} was made`] });

/** Listens until the server ends the stream, then calls again. */
async function listen(caller: Caller): Promise<{ ended: string; next: string }> {
  const response = await caller.stream(AbortSignal.timeout(200_000));
  const ended = await response.text().then(
    () => "cleanly",
    (error: unknown) => String(error),
  );
  return { ended, next: await caller.call("release").catch(String) };
}
