import { createServer } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, inject, onTestFinished, test } from "vitest";
import { command } from "./catalog/kinds/command.ts";
import { Caller } from "./fixtures/caller.ts";
import { containers, freePort, gatewayOf, names, removeDeployment, serverOf } from "./fixtures/engine.ts";
import { type Catalog, Project } from "./fixtures/project.ts";
import { Traffic } from "./fixtures/traffic.ts";
import { type Cut, Wire } from "./fixtures/wire.ts";
import { docker } from "./provision/docker.ts";

const TOKEN = "test-bearer-token-of-nobody";
const [own = 0, other = 0, added = 0] = await Promise.all(Array.from({ length: 3 }, freePort));

const url = `http://127.0.0.1:${own}/mcp`;

/** A catalog that starts the service test-own with these flags. */
const catalog = (...flags: readonly string[]): Catalog => ({
  "test-own": {
    server: command(["node", "servers/test/main.js", ...flags]),
    port: own,
    volumes: { "/data": "test-own" },
  },
  "test-other": { server: command(["node", "servers/test/main.js"]), port: other },
});
const release = (name: string) => catalog("--release", name);

/** The release of test-own that serves. A new proxy answers 503 until it has found the gateways. */
async function serving(): Promise<string> {
  for (;;) {
    try {
      const caller = await new Caller(url, { token: TOKEN }).open();
      return await caller.call("release");
    } catch (error) {
      if (!(error as Error).message.startsWith("initialize: HTTP 503 ")) throw error;
      await sleep(100);
    }
  }
}

describe.skipIf(inject("lacking") !== "")("a deploy that goes wrong", () => {
  const project = new Project();

  /** Checks that this release serves alone, and that nothing is left of a failure. */
  async function expectRecovered(name: string): Promise<void> {
    expect(await serving()).toBe(name);
    expect(await containers(/^test-own-mcp-gateway-/)).toHaveLength(1);
    expect(await containers(/^test-own-server-/)).toHaveLength(1);
    expect(await names("volume ls -q", /^gangway-test-own-server-/)).toHaveLength(1);
    expect((await project.plan()).changes).toEqual([]);
  }

  beforeAll(async () => {
    project.env = { MCP_BEARER_TOKEN: TOKEN };
    await project.deploy(release("first"));
  });

  afterAll(async () => {
    await removeDeployment();
    project.remove();
  });

  test("a release that cannot start: the end of its log is shown and the previous release keeps serving, until the same apply succeeds with a slow start", async () => {
    const before = await gatewayOf("test-own");
    const slow = catalog("--release", "slow", "--needs", "/data/needed", "--slow", "14000"); // longer than an old gateway keeps serving
    project.write(slow);
    const { code, output } = await project.verb("deploy", "--yes", "local");
    expect(code).toBe(1);
    expect(output).toContain("test-own gate: test-own: the new release does not take over: its container ended");
    expect(output).toMatch(/^  test-own gate failed/m);
    expect(output).toMatch(/^gangway deploy: not everything is up/m);
    expect(output).toContain("there is no /data/needed");
    expect(await gatewayOf("test-own")).toMatchObject({ Id: before.Id });

    await docker(["exec", "--user", "1000", (await serverOf("test-own")).Id, "touch", "/data/needed"]);
    const traffic = new Traffic();
    const callers = [new Caller(url, { token: TOKEN }), new Caller(url, { token: TOKEN })];
    traffic.start(await Promise.all(callers.map((caller) => caller.open())), (caller) => caller.call("release"));
    await project.deploy(slow);
    await traffic.stop();
    expect(traffic.failures).toEqual([]);
    await expectRecovered("slow");
  });

  describe("Docker becomes unreachable", () => {
    test.each<[what: string, cut: Cut]>([
      ["while a container starts", { at: /^POST \S+\/containers\/\w+\/start/, when: "before it is answered" }],
      [
        "while the gate checks the new release",
        { at: /^POST \S+\/containers\/[\w-]+\/exec/, when: "before it is sent" },
      ],
    ])("%s: the deploy says so, a release keeps serving, and the next apply recovers", async (what, cut) => {
      const before = await serving();
      const wire = await new Wire().connect(cut);
      onTestFinished(() => {
        project.env = { MCP_BEARER_TOKEN: TOKEN };
        wire.disconnect();
      });
      project.env = { MCP_BEARER_TOKEN: TOKEN, DOCKER_HOST: wire.host };
      const name = what.replaceAll(" ", "-");
      const { code, output } = await project.apply(release(name));
      expect(wire.isCut).toBe(true);
      expect(code).toBe(1);
      expect(output).toMatch(/Cannot connect to the Docker daemon|error during connect|EOF|connection reset/);
      expect([before, name]).toContain(await serving());
      await wire.connect();
      await project.deploy();
      await expectRecovered(name);
    });
  });

  test("two deploys at once: the second says that the state is locked, and does no damage", async () => {
    const first = project.apply(release("of-the-first"));
    while (!(await containers(/^test-own-mcp-gateway-/)).some(({ State }, index) => State.Running && index > 0))
      await sleep(100);
    const second = await project.verb("deploy", "--yes", "local");
    expect(second.code).toBe(1);
    expect(second.output).toMatch(
      /the state of local is locked: .* terraform -chdir=cdktf\.out\/stacks\/local force-unlock [0-9a-f-]{36}$/m,
    );
    expect(await first).toMatchObject({ code: 0 });
    await expectRecovered("of-the-first");
  });

  test("a port that is in use: the deploy says so, and the next apply succeeds once the port is free", async () => {
    const name = await serving();
    const squatter = createServer();
    await new Promise<void>((resolve) => void squatter.listen(added, "127.0.0.1", resolve));
    const more = {
      ...release(name),
      "test-added": { server: command(["node", "servers/test/main.js"]), port: added },
    };
    const { code, output } = await project.apply(more);
    expect(code).toBe(1);
    expect(output).toMatch(new RegExp(`127\\.0\\.0\\.1:${added}.*(in use|allocated)`));
    await new Promise((resolve) => void squatter.close(resolve));
    await project.deploy();
    await expectRecovered(name);
  });

  test("a release with a mistake: rollback pins the previous one, and --release removes the pin", async () => {
    const name = await serving();
    project.edit("servers/test/main.js", "() => flags.release", '() => "a mistake"');
    await project.deploy();
    expect(await serving()).toBe("a mistake");

    const rolled = await project.verb("rollback", "test-own");
    expect(rolled.output).toMatch(
      /^test-own is pinned to gateway [0-9a-f]{16}, server [0-9a-f]{16}, released \d{8}T\d{6}Z\. Deploy: /,
    );
    const plan = await project.plan();
    expect(plan.changes.filter((line) => !line.includes(".test-own"))).toEqual([]);
    const { output_changes: outputs } = JSON.parse(plan.json) as { output_changes: Record<string, { after: unknown }> };
    expect(outputs["pinned"]?.after).toEqual({
      "test-own": { gateway: expect.stringMatching(/^[0-9a-f]{16}$/), server: expect.stringMatching(/^[0-9a-f]{16}$/) },
    });
    await project.deploy();
    await expectRecovered(name);

    expect((await project.verb("rollback", "--release", "test-own")).output).toContain("no longer pinned");
    const { changes } = await project.plan();
    expect(changes.some((line) => line.includes("docker_container.test-own"))).toBe(true);
  });
});
