/** What an operator asks of `gangway start`. The same of a deployment is in stacks/operate.docker.test.ts. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { expect, onTestFinished, test } from "vitest";
import { command } from "../stacks/catalog/kinds/command.ts";
import { Caller } from "../stacks/fixtures/caller.ts";
import { freePort } from "../stacks/fixtures/engine.ts";
import { Project } from "../stacks/fixtures/project.ts";

test("status and logs tell of gangway start, and other verbs say what to do with it", async () => {
  const [hub, port] = [await freePort(), await freePort()];
  const project = new Project();
  project.write({ "test-notes": { server: command(["node", "servers/test/main.js"]), port } });
  const nothing = await project.verb("status");
  expect(nothing).toMatchObject({ code: 1, output: expect.stringContaining("Nothing of this project runs") });

  const started = spawn(process.execPath, ["scripts/gangway.ts", "start", "--json"], {
    cwd: project.folder,
    env: { PATH: process.env["PATH"], HOME: process.env["HOME"], HUB_PORT: String(hub), GANGWAY_SANDBOX: "false" },
    stdio: ["ignore", "pipe", "inherit"],
  });
  onTestFinished(async () => {
    started.kill("SIGINT");
    await once(started, "close");
    project.remove();
  });
  await once(started.stdout, "data");
  const caller = await new Caller(`http://127.0.0.1:${port}/mcp`, { token: "none" }).open();
  await caller.call("release");

  const { code, output } = await project.verb("status", "--json");
  const { start, deployments } = JSON.parse(output) as { start: { services: object[] }; deployments: object[] };
  expect([code, deployments]).toEqual([0, []]);
  expect(start.services).toMatchObject([{ name: "test-notes", state: "up", tools: 5, sessions: 1, calls: 1 }]);
  expect((await project.verb("logs", "--audit", "test-notes")).output).toContain('"audit":"call"');
  const refused = await project.verb("maintenance", "on");
  expect(refused.output).toContain("npx gangway start has no proxy to answer for it: stop it with Ctrl-C");
  expect(refused.code).toBe(1);
});
