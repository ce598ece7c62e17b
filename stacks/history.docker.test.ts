/** Who did what to a host, one at a time: the history and the lock, as the verbs write and read them. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, inject, test } from "vitest";
import { hostEngine } from "../scripts/history/host.ts";
import { takeLock } from "../scripts/history/lock.ts";
import type { HistoryRecord } from "../scripts/history/records.ts";
import { command } from "./catalog/kinds/command.ts";
import { freePort, names, removeDeployment } from "./fixtures/engine.ts";
import { Project } from "./fixtures/project.ts";

const port = await freePort();

const catalog = { "test-own": { server: command(["node", "servers/test/main.js"]), port } };

const lockHere = () => names("ps -a --format {{.Names}}", /^gangway-lock$/);

describe.skipIf(inject("lacking") !== "")("a host", () => {
  let project: Project;

  beforeAll(() => {
    project = new Project();
    project.write(catalog);
  });

  afterAll(async () => {
    await removeDeployment();
    project.remove();
  });

  /** Makes a new release of the server. */
  const change = (number: number) =>
    project.edit("servers/test/main.js", "\nconst tools", `\n// ${number}\nconst tools`);

  const deploy = () => project.verb("deploy", "--yes", "local");

  const records = async () => {
    const { code, output } = await project.verb("history", "--json");
    expect(code, output).toBe(0);
    return (JSON.parse(output) as { records: HistoryRecord[] }).records;
  };

  const results = async () => (await records()).map(({ action, result }) => `${action} ${result}`);

  test("writes down each deploy with what it has started, and gives its lock back", async () => {
    expect(await results()).toEqual([]);
    const { code, output } = await deploy();
    expect(code, output).toBe(0);
    const [first, ...others] = await records();
    expect(others).toEqual([]);
    expect(first).toMatchObject({ action: "deploy", stack: "local", result: "ok" });
    expect(Object.keys(first!.services["test-own"]!).toSorted()).toEqual(["gateway", "server"]);
    expect(await lockHere()).toEqual([]);
  });

  test("takes one of two deploys at once, and tells the other who is at work", async () => {
    change(2);
    const both = await Promise.all([deploy(), deploy()]);
    const done = both.filter(({ code }) => code === 0);
    const refused = both.filter(({ code }) => code !== 0);
    expect(done.length, both.map(({ output }) => output).join("\n")).toBeGreaterThan(0);
    for (const { output } of refused)
      expect(output).toMatch(/has been deploying (local|it)|somebody has deployed local since/);
    expect(await results()).toContain("deploy ok");
    expect(await lockHere()).toEqual([]);
  });

  test("recognises the lock of a deploy that was killed, takes it over, and writes it down", async () => {
    change(3);
    const killed = spawn("node", ["scripts/gangway.ts", "deploy", "--yes", "local"], {
      cwd: project.folder,
      env: { ...process.env, PATH: `${project.path("node_modules/.bin")}:${process.env["PATH"]}` },
      stdio: "ignore",
    });
    while ((await lockHere()).length === 0) await sleep(100);
    killed.kill("SIGKILL");
    await once(killed, "exit");
    expect((await project.verb("history")).output).toMatch(/has been deploying local .* is gone/);
    // Terraform goes on, and has the state's lock until it has finished.
    let said = "";
    for (let ended = await deploy(); ended.code !== 0; ended = await deploy()) {
      said += ended.output;
      expect(said).toContain("the state of local is locked");
      await sleep(1_000);
    }
    expect((await results()).slice(0, 2)).toEqual(["deploy ok", "deploy killed"]);
  });

  test("keeps the lock of somebody else until it is taken away on purpose", async () => {
    const other = { who: "ada@example.org", from: "laptop", machine: "laptop", pid: 1 } as const;
    const theirs = { ...other, action: "deploy", stack: "local", deployment: "example.org" } as const;
    await takeLock(hostEngine(), theirs, () => Promise.reject(new Error("it was there already")));
    const refused = await deploy();
    expect(refused.code).toBe(1);
    expect(refused.output).toContain("ada@example.org has been deploying local from laptop since");
    const asked = await project.verb("unlock");
    expect([asked.code, asked.output]).toEqual([2, expect.stringContaining("pass --force if nobody is at work")]);
    expect(await lockHere()).toEqual(["gangway-lock"]);
    expect(await project.verb("unlock", "--force")).toMatchObject({ code: 0 });
    expect(await lockHere()).toEqual([]);
    expect((await results()).slice(0, 2)).toEqual(["unlock ok", "deploy killed"]);
  });

  test("has a rollback in its history, which outlives what is destroyed", async () => {
    const back = await project.verb("rollback", "test-own");
    expect(back.code, back.output).toBe(0);
    expect((await project.verb("destroy", "--yes", "local")).code).toBe(0);
    const all = await records();
    expect(all.slice(0, 2)).toMatchObject([
      { action: "destroy", result: "ok", services: { "test-own": null } },
      { action: "rollback", result: "ok", services: { "test-own": { server: expect.any(String) as string } } },
    ]);
    const { output } = await project.verb("history", "--limit", "2");
    expect(output).toMatch(/destroy +local +ok/);
    expect(output).toMatch(/-test-own/);
  });
});
