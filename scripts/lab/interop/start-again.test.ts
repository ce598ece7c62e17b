import { existsSync } from "node:fs";
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from "vitest";
import { hold } from "../../kit/ports.ts";
import { waitUntil } from "../../kit/wait.ts";
import type { NpmRun } from "./npm-run.ts";
import { freePorts, variablesFor, type Ports } from "./ports.ts";
import { Project, sh, type RunOptions, type Started } from "./start.ts";
import { openVisit } from "./visitor.ts";

const names = ["memory", "everything"];
// Not every system shows who has a port.
const holder = process.platform === "linux" ? `(pid ${process.pid})` : "another process";

describe("npm start, once its servers are installed", () => {
  let ports: Ports;
  let project: Project;

  beforeAll(async () => {
    ports = await freePorts();
    project = new Project(variablesFor(ports));
    const first = await project.start(names);
    await first.run.stop();
  });
  afterAll(() => project?.remove());

  /** Starts the two services for the time of a test. */
  const start = async (options?: RunOptions): Promise<Started> => {
    onTestFinished(() => project.stop());
    return project.start(names, options);
  };

  test("needs no network, and starts only the services that are named", async () => {
    const nowhere = { npm_config_registry: "http://127.0.0.1:9", npm_config_cache: project.path("empty-cache") };
    const { document } = await start({ env: nowhere });
    expect(document.services.map(({ name, state }) => [name, state])).toEqual([
      ["memory", "up"],
      ["everything", "up"],
    ]);
    for (const name of names) await openVisit(`${document.hub}/${name}/mcp`);
    await expect(fetch(`http://127.0.0.1:${ports.coda}/health`)).rejects.toThrow("fetch failed");
  });

  test("prints a line for each service, and an example call that works as printed", async () => {
    onTestFinished(() => project.stop());
    const run = project.run(["start", "--", "everything"]);
    await run.says("Ctrl-C");
    const url = `http://127.0.0.1:${ports.everything}/mcp`;
    expect(run.stdout).toMatch(new RegExp(`^ {2}everything +${url} +[1-9]\\d* tools +[\\d.]+ s$`, "m"));
    expect(run.stdout).not.toContain("memory");
    const [, call = ""] = /Try +npx (gangway call .*)$/m.exec(run.stdout) ?? [];
    expect((await sh(`cd '${project.path()}' && npx ${call}`)).stdout).toContain("42");
  });

  test("an unknown name fails with the nearest one and the list", async () => {
    expect(await project.npm(["start", "--silent", "--", "--json", "memry"])).toEqual({
      code: 2,
      stdout: "",
      stderr:
        'gangway start: no service is called "memry". Did you mean "memory"? ' +
        "There are: coda, github, memory, firecrawl, n8n, filesystem, everything, postgres, postgres-mcp.\nSee: npx gangway start --help\n",
    });
  });

  test("a service whose port is taken is on the hub alone: start says who has it, the others run", async () => {
    onTestFinished((await hold(ports.memory)).release);
    const { document, service } = await start();
    const error = `port ${ports.memory} is taken by `;
    expect(service("memory")).toMatchObject({ state: "up", error: expect.stringContaining(error) });
    expect(service("memory").error).toContain(`${holder}: stop it, or set PORT_MEMORY`);
    expect(service("everything")).toMatchObject({ state: "up", error: null });
    for (const name of names) await openVisit(`${document.hub}/${name}/mcp`);
  });

  test("a taken hub port ends it with a message that says who has it, and leaves nothing behind", async () => {
    onTestFinished((await hold(ports.hub)).release);
    const ended = await project.npm(["start", "--silent", "--", "--json", ...names]);
    expect(ended).toMatchObject({ code: 1, stdout: "" });
    expect(ended.stderr).toMatch(
      new RegExp(
        `^gangway start: port ${ports.hub} is taken by .*: stop it, or start on another port: HUB_PORT=\\d+ npx gangway start\n$`,
      ),
    );
    expect(ended.stderr).toContain(holder);
    expect(existsSync(project.path(".gangway/running.json"))).toBe(false);
    expect(project.processes()).toEqual([]);
  });

  test.each<[string, (run: NpmRun) => void]>([
    ["Ctrl-C", ({ pid }) => process.kill(-pid, "SIGINT")],
    ["a terminal that closes", ({ pid }) => process.kill(-pid, "SIGHUP")],
    ["kill, as a second start suggests,", ({ script }) => process.kill(script!)],
  ])("%s leaves no process behind, and the folder free", async (_, send) => {
    const { run } = await start({ inTerminal: true });
    const programs = ["gateways/main.ts", "server-memory", "server-everything"];
    expect(await waitUntil(() => programs.every((program) => run.runs(program)), 10_000)).toBe(true);
    await run.stop(() => send(run));
    expect(existsSync(project.path(".gangway/running.json"))).toBe(false);
  });

  test("Ctrl-C while the services start leaves no process behind, and prints no document", async () => {
    onTestFinished(() => project.stop());
    const run = project.run(["start", "--silent", "--", "--json", ...names], { inTerminal: true });
    expect(await waitUntil(() => run.runs("gateways/main.ts"), 30_000)).toBe(true);
    await run.stop(() => process.kill(-run.pid, "SIGINT"));
    expect(run.stdout).toBe("");
    expect(existsSync(project.path(".gangway/running.json"))).toBe(false);
  });

  test("a gateway that is killed ends npm start with an error, and no server outlives it", async () => {
    const { run } = await start();
    const gateway = run.processes().find(({ args }) => args.includes("gateways/main.ts"));
    process.kill(gateway!.pid, "SIGKILL");
    expect(await run.ended).toMatchObject({
      code: 1,
      stderr: expect.stringContaining("the gateway was ended by SIGKILL"),
    });
    expect(await waitUntil(() => project.processes().length === 0, 10_000)).toBe(true);
  });
});
