/** Looks after a deployment with the verbs that an operator has: here, and over a real SSH server. */
import { spawn } from "node:child_process";
import { readFileSync } from "node:fs";
import { afterAll, beforeAll, describe, expect, inject, onTestFinished, test } from "vitest";
import { app } from "./catalog/kinds/app.ts";
import { command } from "./catalog/kinds/command.ts";
import { buildBareApp } from "./fixtures/build.ts";
import { Caller } from "./fixtures/caller.ts";
import { freePort, gatewayOf, removeDeployment, serverOf } from "./fixtures/engine.ts";
import { type Catalog, Project } from "./fixtures/project.ts";
import { missingSshServer, startSshServer } from "./fixtures/ssh-server.ts";
import { missingParts } from "./fixtures/terraform.ts";
import { docker } from "./provision/docker.ts";

const TOKEN = "test-bearer-token-of-nobody";

const ports = await Promise.all(Array.from({ length: 4 }, freePort));
const [notes = 0, listed = 0, bare = 0, needy = 0] = ports;

const server = command(["node", "servers/test/main.js"]);

const catalog = {
  "test-notes": { server, port: notes },
  "test-listed": { server, port: listed, egress: ["api.example.com"] },
  "test-bare": app({ image: "gangway-test/bare:v1", port: bare }),
  "test-needy": { server, port: needy, secrets: ["WHAT_NOBODY_HAS"] },
} satisfies Catalog;

interface Service {
  readonly name: string;
  readonly [field: string]: unknown;
}

interface Deployment {
  readonly services: readonly Service[];
  readonly maintenance: readonly unknown[];
}

interface Report {
  readonly deployments: readonly Deployment[];
}

const at = (port: number) => new Caller(`http://127.0.0.1:${port}/mcp`, { token: TOKEN });

const asText = (path: string) => fetch(`http://127.0.0.1:${notes}${path}`).then((response) => response.text(), String);

const namesIn = ({ services }: Deployment) => services.map(({ name, state, release }) => [name, state, release]);

const missing = missingParts([], ["ssh"]) ?? missingSshServer();

describe.skipIf(inject("lacking") !== "")("a deployment that is looked after", () => {
  const project = new Project();

  beforeAll(async () => {
    project.env = { MCP_BEARER_TOKEN: TOKEN };
    await buildBareApp("gangway-test/bare:v1");
    await project.deploy(catalog);
  });

  afterAll(async () => {
    await removeDeployment();
    project.remove();
  });

  /** What a verb prints as JSON. */
  async function told<T>(...words: readonly string[]): Promise<T> {
    const [verb = "", ...rest] = words;
    const { output } = await project.verb(verb, "--json", ...rest);
    return JSON.parse(output) as T;
  }

  const deployment = async () => (await told<Report>("status")).deployments[0]!;

  const service = async (name: string) => (await deployment()).services.find((one) => one.name === name)!;

  test("status tells what runs: releases, sessions, calls, memory, restarts", async () => {
    const caller = await at(notes).open();
    await caller.call("release");
    await caller.call("release");
    const { services } = await deployment();
    expect(services.map(({ name, state }) => [name, state])).toEqual([
      ["test-bare", "ready"],
      ["test-listed", "ready"],
      ["test-notes", "ready"],
      ["test-needy", "needs"],
    ]);
    expect(services[2]).toMatchObject({
      url: `http://127.0.0.1:${notes}/mcp`,
      release: { gateway: expect.stringMatching(/^[0-9a-f]{16}$/), server: expect.stringMatching(/^[0-9a-f]{16}$/) },
      sessions: 1,
      calls: 2,
      restarts: 0,
      isPinned: false,
      isInMaintenance: false,
    });
    expect(services[2]!["memory"]).toBeGreaterThan(10e6);
    expect(services[0]).toMatchObject({ release: { app: "gangway-test/bare:v1" } });
    expect(services[3]).toMatchObject({ why: "WHAT_NOBODY_HAS" });
  });

  test("status over SSH tells the same as here, and says whose Docker it is", async () => {
    if (missing !== undefined) return;
    const ssh = await startSshServer({});
    onTestFinished(() => ssh.remove());
    const here = await deployment();
    const label = readFileSync(project.path(".gangway/deployment"), "utf8").trim();
    const { env } = project;
    onTestFinished(() => void (project.env = env));
    // The same containers, as if they were deployed under a domain of that name to a machine that exists.
    const server = `root@127.0.0.1:${ssh.port}`;
    project.env = { ...env, DOMAIN: label, SERVER: server, SSH_PRIVATE_KEY_FILE: ssh.keyFile };
    const there = await told<Report>("status", "--env", "production");
    expect(there.deployments[0]).toMatchObject({ where: `the Docker of ${server}` });
    expect(namesIn(there.deployments[0]!)).toEqual(namesIn(here));
    const whose = await project.verb(
      "shell",
      "--env",
      "production",
      "test-notes",
      "--",
      "sh",
      "-c",
      "id -u; echo $((6 * 7))",
    );
    expect(whose).toEqual({ code: 0, output: "1000\n42\n" });
    ssh.stop();
  });

  test("an engine that does not answer is told, and is not well", async () => {
    const { env } = project;
    onTestFinished(() => void (project.env = env));
    project.env = { ...env, DOMAIN: "example.org", SERVER: "root@127.0.0.1:1" };
    const { code, output } = await project.verb("status", "--env", "production");
    expect(output).toMatch(/production does not answer: .*(refused|connect)/i);
    expect(code).toBe(1);
  });

  test("logs merges the lines of all containers by time, as JSON in a pipe", async () => {
    await (await at(notes).open()).call("release");
    const { output } = await project.verb("logs", "--lines", "500");
    const lines = output
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line) as Record<string, string>);
    expect(new Set(lines.map(({ service }) => service))).toEqual(new Set(["test-listed", "test-notes"]));
    expect(new Set(lines.map(({ part }) => part))).toContain("gateway");
    const times = lines.filter(({ service }) => service === "test-notes").map(({ time }) => Date.parse(time!));
    expect(times).toEqual(times.toSorted((one, other) => one - other));
    const audit = await project.verb("logs", "--audit", "--grep", '"tool":"release"', "--since", "5m", "test-notes");
    expect(audit.output.trim().split("\n").at(-1)).toMatch(/"audit":"call".*"tool":"release".*"part":"gateway"/);
    expect((await project.verb("logs", "--audit", "test-bare")).output).toBe("");
  });

  test("logs --follow goes on with a container that was started again", async () => {
    const child = spawn(process.execPath, ["scripts/gangway.ts", "logs", "--follow", "--lines", "0", "test-listed"], {
      cwd: project.folder,
      stdio: ["ignore", "pipe", "inherit"],
    });
    onTestFinished(() => void child.kill());
    let said = "";
    child.stdout.on("data", (chunk: Buffer) => (said += chunk.toString()));
    const calls = () => said.split("\n").filter((line) => line.includes('"audit":"call"')).length;
    const caller = await at(listed).open();
    const call = async () => {
      await caller.call("release").catch(() => "");
      return calls();
    };
    await expect.poll(call, { timeout: 60_000, interval: 500 }).toBeGreaterThan(0);
    await docker(["restart", "--time", "60", (await gatewayOf("test-listed")).Id]);
    const before = calls();
    await expect.poll(call, { timeout: 60_000, interval: 500 }).toBeGreaterThan(before);
  });

  test("shell opens one in the server's container as its user, or in the gateway's, and has its exit code", async () => {
    const asked = await project.verb("shell", "test-notes", "--", "sh", "-c", "id -u; hostname; exit 7");
    const inServer = (await serverOf("test-notes")).Id.slice(0, 12);
    expect(asked).toEqual({ code: 7, output: `1000\n${inServer}\n` });
    const inGateway = (await gatewayOf("test-notes")).Id.slice(0, 12);
    const gateway = await project.verb("shell", "--gateway", "test-notes", "--", "hostname");
    expect(gateway.output).toBe(`${inGateway}\n`);
    expect((await project.verb("shell", "--user", "root", "test-notes", "--", "id", "-u")).output).toBe("0\n");
  });

  test("an image without a shell is told with what to do", async () => {
    const { code, output } = await project.verb("shell", "test-bare");
    expect(output).toContain("there is no shell in the image of test-bare");
    expect(output).toContain("docker run --rm -it --pid container:test-bare");
    expect(code).toBe(1);
  });

  test("a service that is not there is a mistake that names the nearest", async () => {
    for (const verb of ["logs", "shell", "restart"]) {
      const { code, output } = await project.verb(verb, "test-note");
      expect(output).toContain("test-note has no container in this machine's Docker");
      expect(output).toContain("did you mean test-notes?");
      expect(code).toBe(2);
    }
  });

  test("maintenance answers in place of services, while their health stays green", async () => {
    const asked = async (path: string, accept: string) => {
      const response = await fetch(`http://127.0.0.1:${notes}${path}`, { headers: { accept } });
      return { status: response.status, after: response.headers.get("retry-after"), text: await response.text() };
    };
    await project.verb("maintenance", "on", "--message", "Moving <to> a bigger house.");
    const page = await asked("/", "text/html,*/*");
    expect(page).toMatchObject({ status: 503, after: "60" });
    expect(page.text).toContain("<p>Moving &lt;to&gt; a bigger house.</p>");
    await expect(at(notes).open()).rejects.toThrow(/HTTP 503.*Moving <to> a bigger house\. The call has not run/);
    expect((await asked("/health", "*/*")).status).toBe(200);
    expect((await asked("/ready", "*/*")).status).toBe(200);
    expect((await fetch(`http://127.0.0.1:${bare}/`)).status).toBe(503);
    expect((await deployment()).maintenance).toMatchObject([{ of: "all", message: "Moving <to> a bigger house." }]);
    const verified = await project.verb("verify", "--env", "local-docker", "test-notes");
    expect(verified.output).toContain("maintenance is on: npx gangway maintenance off");
    expect(verified.code).toBe(1);
    const doctor = await project.verb("doctor", "--oauth", "test-notes", "--env", "local-docker", "--no-login");
    expect(doctor.output).toContain("maintenance is on, and callers are told: Moving <to> a bigger house.");
  });

  test("it stays on when the proxy starts again, and through a deploy", async () => {
    const status = () =>
      fetch(`http://127.0.0.1:${notes}/`).then(
        (response) => response.status,
        () => 0,
      );
    await docker(["restart", "--time", "1", "nginx-proxy"]);
    await expect.poll(async () => (await asText("/")).includes("maintenance"), { timeout: 30_000 }).toBe(true);
    project.edit("servers/test/main.js", "release: () => flags.release", 'release: () => "2"');
    await project.deploy();
    expect(await asText("/")).toContain('"error":"maintenance"');
    const { output } = await project.verb("maintenance", "off");
    expect(output).toBe("maintenance is off in this machine's Docker\n");
    await expect.poll(status, { timeout: 10_000 }).not.toBe(503);
    expect(await (await at(notes).open()).call("release")).toBe("2");
  });

  test("releases lists what has served, and marks what does", async () => {
    const { releases } = await told<{ releases: { result: string; release: object }[] }>("releases", "test-notes");
    expect(releases.map(({ result }) => result)).toEqual(["serves", "earlier"]);
    expect(releases[0]!.release).toEqual((await service("test-notes"))["release"]);
    expect((await project.verb("releases", "test-bare")).code).toBe(1);
  });

  test("maintenance of one service leaves the others alone", async () => {
    await project.verb("maintenance", "on", "test-notes");
    await expect(at(notes).open()).rejects.toThrow("HTTP 503");
    await at(listed).open();
    expect((await service("test-notes"))["isInMaintenance"]).toBe(true);
    expect((await service("test-listed"))["isInMaintenance"]).toBe(false);
    await project.verb("maintenance", "off", "test-notes");
    await at(notes).open();
    const wrong = await project.verb("maintenance", "on", "test-note");
    expect([wrong.code, wrong.output]).toEqual([2, expect.stringContaining("did you mean test-notes?")]);
  });

  test("restart starts gateway and server again, and sessions go on", async () => {
    const caller = await at(notes).open();
    const { since } = await service("test-notes");
    const { containers } = await told<{ containers: string[] }>("restart", "test-notes");
    expect(containers).toEqual([expect.stringMatching(/-mcp-gateway-/), expect.stringMatching(/-server-/)]);
    expect(await caller.call("release")).toBe("2");
    expect((await service("test-notes"))["since"]).not.toBe(since);
  });
});
