/** Who did what to a host, one at a time: the history and the lock, as the verbs write and read them. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import type { AddressInfo } from "node:net";
import { createServer } from "node:http";
import { text } from "node:stream/consumers";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, inject, onTestFinished, test } from "vitest";
import { command } from "./catalog/kinds/command.ts";
import { freePort, names, removeDeployment } from "./fixtures/engine.ts";
import { Project } from "./fixtures/project.ts";
import { missingSshServer, startSshServer } from "./fixtures/ssh-server.ts";
import { docker } from "./provision/docker.ts";

const port = await freePort();

const catalog = { "test-own": { server: command(["node", "servers/test/main.js"]), port } };

/** The parts of a record that are looked at. */
interface HistoryRecord {
  readonly action: string;
  readonly result: string;
  readonly services: Readonly<Record<string, Readonly<Record<string, string>> | null>>;
}

/** Whoever knows it can write to the chat. */
const SECRET = "T0/B0/do-not-show";

const lockHere = () => names("ps -a --format {{.Names}}", /^gangway-lock$/);

describe.skipIf(inject("lacking") !== "")("a host", () => {
  let project: Project;

  /** What the webhook was sent. */
  const notified: string[] = [];
  const webhook = createServer((request, response) => {
    void text(request).then((body) => notified.push(body));
    response.end("ok");
  });

  beforeAll(async () => {
    project = new Project();
    project.write(catalog);
    await once(webhook.listen(0, "127.0.0.1"), "listening");
    const { port: own } = webhook.address() as AddressInfo;
    project.env = { NOTIFY_URL: `http://127.0.0.1:${own}/${SECRET}` };
  });

  afterAll(async () => {
    webhook.close();
    await removeDeployment();
    project.remove();
  });

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
    expect(notified).toEqual([
      expect.stringMatching(/^\{"text":"\*deploy of local \(local-\w+\) is done\*: by .*changed: test-own"\}$/),
    ]);
    expect(output).not.toContain(SECRET);
    expect(readFileSync(project.path(".gangway/state/local.tfstate"), "utf8")).not.toContain(SECRET);
  });

  test("takes one of two deploys at a time, and tells the other who is at work", async () => {
    const both = await Promise.all([deploy(), deploy()]);
    const refused = both.filter(({ code }) => code !== 0);
    for (const { output } of refused)
      expect(output).toMatch(/has been deploying (local|it)|somebody has deployed local since/);
    expect(await results()).toEqual(Array.from({ length: 3 - refused.length }, () => "deploy ok"));
    expect(await lockHere()).toEqual([]);
  });

  test("recognises the lock of a deploy that was killed, takes it over, and writes it down", async () => {
    project.edit("servers/test/main.js", "\nconst tools", "\n// another release\nconst tools");
    const killed = spawn("node", ["scripts/gangway.ts", "deploy", "--yes", "local"], {
      cwd: project.folder,
      env: { ...process.env, PATH: `${project.path("node_modules/.bin")}:${process.env["PATH"]}` },
      stdio: "ignore",
    });
    while ((await lockHere()).length === 0) await sleep(100);
    killed.kill("SIGKILL");
    await once(killed, "exit");
    expect((await project.verb("history")).output).toMatch(/has been deploying local .* is gone/);
    // Terraform was not killed: it has the state's lock until it has finished, or wants to say something to nobody.
    for (let ended = await deploy(); ended.code !== 0; ended = await deploy()) {
      expect(ended.output).toMatch(/the state of local is locked|somebody has deployed local since/);
      await sleep(1_000);
    }
    expect((await results()).slice(0, 2)).toEqual(["deploy ok", "deploy killed"]);
  });

  test("keeps the lock of somebody else until it is taken away on purpose", async () => {
    const other = { who: "ada@example.org", from: "laptop", machine: "laptop", pid: 1 } as const;
    const theirs = { ...other, action: "deploy", stack: "local", deployment: "example.org" } as const;
    const label = `gangway.lock=${JSON.stringify(theirs)}`;
    await docker(["create", "--name", "gangway-lock", "--label", label, "localhost/gangway-state", "none"]);
    const before = notified.length;
    const refused = await deploy();
    expect(refused.code).toBe(1);
    expect(notified).toHaveLength(before);
    expect(refused.output).toContain("ada@example.org has been deploying local from laptop since");
    const asked = await project.verb("unlock");
    expect([asked.code, asked.output]).toEqual([2, expect.stringContaining("pass --force if nobody is at work")]);
    expect(await lockHere()).toEqual(["gangway-lock"]);
    expect(await project.verb("unlock", "--force")).toMatchObject({ code: 0 });
    expect(await lockHere()).toEqual([]);
    expect((await results()).slice(0, 2)).toEqual(["unlock ok", "deploy killed"]);
  });

  test.skipIf(missingSshServer() !== undefined)("is asked and written to over SSH just so", async () => {
    const ssh = await startSshServer({});
    onTestFinished(() => ssh.remove());
    const { env } = project;
    onTestFinished(() => void (project.env = env));
    const keyed = { ...env, DOMAIN: "example.org", SSH_PRIVATE_KEY_FILE: ssh.keyFile };
    project.env = { ...keyed, DOCKER_HOST: `ssh://root@127.0.0.1:${ssh.port}` };
    const back = await project.verb("rollback", "test-own");
    expect(back.code, back.output).toBe(0);
    project.env = { ...keyed, SERVER: `root@127.0.0.1:${ssh.port}` };
    const there = await project.verb("history", "services", "--limit", "1");
    expect([there.code, there.output]).toEqual([0, expect.stringMatching(/rollback +services +ok .*test-own \w{8}/)]);
    expect(await lockHere()).toEqual([]);
  });

  test("says what has drifted; a rollback is in its history, which outlives what is destroyed", async () => {
    await docker(["rm", "--force", ...(await names("ps --format {{.Names}}", /^test-own-server-/))]);
    const drift = await project.verb("drift", "local");
    expect([drift.code, drift.output]).toEqual([
      2,
      expect.stringMatching(/test-own .*was removed by somebody +a deploy creates it/),
    ]);
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
