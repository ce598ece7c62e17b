import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, inject, test } from "vitest";
import { image } from "./catalog/kinds/image.ts";
import { buildServer } from "./fixtures/build.ts";
import { Caller } from "./fixtures/caller.ts";
import { freePort, names, removeDeployment } from "./fixtures/engine.ts";
import { type Catalog, Project } from "./fixtures/project.ts";
import { docker } from "./provision/docker.ts";

const [hub = 0, polite = 0, stubborn = 0] = await Promise.all(Array.from({ length: 3 }, freePort));
const secret = "planted-secret-of-the-server";

const catalog = {
  "test-polite": {
    server: image("gangway-test/server:v1", ["node", "/opt/mcp-program"]),
    port: polite,
    memory: 200,
    secrets: ["WHOM"],
  },
  "test-stubborn": {
    server: image("gangway-test/server:v1", ["node", "/opt/mcp-program", "stubborn"]),
    port: stubborn,
  },
} satisfies Catalog;

/** The containers that npm start runs for a service. */
const of = (service: string) => names("ps -a --format {{.Names}}", new RegExp(`^gangway-${service}-`));

/** Waits until something is so. The test's own limit ends this. */
async function until(isSo: () => Promise<boolean>): Promise<void> {
  while (!(await isSo())) await sleep(200);
}

const untilThereIsNone = (service: string) => until(async () => (await of(service)).length === 0);

const open = (port: number) => new Caller(`http://127.0.0.1:${port}/mcp`, { token: "none" }).open();

const end = (caller: Caller, port: number) =>
  fetch(`http://127.0.0.1:${port}/mcp`, { method: "DELETE", headers: { "mcp-session-id": caller.session } });

describe.skipIf(inject("lacking") !== "")("npm start with Docker", () => {
  const project = new Project();
  let started: ChildProcess | undefined;
  let services: { name: string; state: string }[];

  /** Starts it, and waits until its services have settled. */
  async function start(): Promise<{ services: { name: string; state: string }[] }> {
    const env = { PATH: process.env["PATH"], HOME: process.env["HOME"], HUB_PORT: String(hub), WHOM: secret };
    const options = { cwd: project.folder, env, detached: true };
    started = spawn(process.execPath, ["scripts/gangway.ts", "start", "--json"], {
      ...options,
      stdio: ["ignore", "pipe", "inherit"],
    });
    const [text] = (await once(started.stdout!, "data")) as [Buffer];
    return JSON.parse(text.toString()) as Awaited<ReturnType<typeof start>>;
  }

  async function stop(signal: NodeJS.Signals): Promise<void> {
    if (started === undefined || started.exitCode !== null || started.signalCode !== null) return;
    started.kill(signal);
    await once(started, "exit");
  }

  beforeAll(async () => {
    await buildServer("gangway-test/server:v1");
    project.write(catalog);
    services = (await start()).services;
  });

  afterAll(async () => {
    await stop("SIGTERM");
    await removeDeployment();
    project.remove();
  });

  test("runs image() servers", () => {
    expect(services.map(({ name, state }) => `${name} ${state}`)).toEqual(["test-polite up", "test-stubborn up"]);
  });

  test("answers calls from a container for each session, which gets its secret and shows it to nobody", async () => {
    const caller = await open(polite);
    expect(await caller.call("hello")).toBe(`hello ${secret}`);
    const commands = readFileSync(project.path(".gangway/gateway.json"), "utf8");
    expect(commands).not.toContain(secret);
    await end(caller, polite);
  });

  test("gives a server little: no new privileges, limits of memory and processes, a file system that it cannot write", async () => {
    const caller = await open(polite);
    await caller.call("hello");
    const [name = ""] = await of("test-polite");
    const [found] = JSON.parse(await docker(["inspect", name])) as { HostConfig: Record<string, unknown> }[];
    expect(found?.HostConfig).toMatchObject({
      SecurityOpt: ["no-new-privileges"],
      Memory: 200 * 1024 * 1024,
      MemorySwap: 200 * 1024 * 1024,
      PidsLimit: 256,
      ReadonlyRootfs: true,
      CapDrop: ["ALL"],
      AutoRemove: true,
    });
    await end(caller, polite);
  });

  test.each([
    ["test-polite", polite],
    ["test-stubborn", stubborn],
  ])("removes the container of a session that has ended: %s", async (service, port) => {
    const caller = await open(port);
    await caller.call("hello");
    const before = await of(service);
    await end(caller, port);
    // One more is ready for the next session, and stays.
    await until(async () => {
      const now = await of(service);
      return before.some((name) => !now.includes(name));
    });
  });

  test("removes every container when it stops", async () => {
    for (const port of [polite, stubborn]) await (await open(port)).call("hello");
    await stop("SIGTERM");
    expect([...(await of("test-polite")), ...(await of("test-stubborn"))]).toEqual([]);
  });

  test("leaves no container behind when it is killed together with its gateway", async () => {
    await start();
    await (await open(stubborn)).call("hello");
    const { pid } = JSON.parse(readFileSync(project.path(".gangway/running.json"), "utf8")) as { pid: number };
    const children = readFileSync(`/proc/${pid}/task/${pid}/children`, "utf8").trim().split(" ");
    for (const child of [pid, ...children]) process.kill(Number(child), "SIGKILL");
    await untilThereIsNone("test-stubborn");
    await untilThereIsNone("test-polite");
  });

  test("removes at its start what an earlier one could not", async () => {
    const label = `gangway.start=${project.folder}`;
    const left = ["run", "--detach", "--name", "gangway-test-polite-left", "--label", label];
    await docker([...left, "gangway-test/server:v1", "sleep", "1000"]);
    await start();
    expect(await of("test-polite-left")).toEqual([]);
    expect(await names("ps -a --format {{.Names}}", /^gangway-test-polite-left$/)).toEqual([]);
  });
});
