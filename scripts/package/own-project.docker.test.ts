/** A project of one's own from the packed packages, deployed to this machine's Docker with real Terraform. */
import { afterAll, beforeAll, describe, expect, inject, test } from "vitest";
import { containers, freePort, removeDeployment, serverOf } from "../../stacks/fixtures/engine.ts";
import { McpClient } from "../kit/mcp/client.ts";
import { succeed } from "../../stacks/fixtures/run.ts";
import { OwnProject } from "./own-project.ts";

const own = await freePort();
const apply = ["local", "--auto-approve", "--skip-provider-lock"] as const;

describe.skipIf(inject("lacking") !== "")("a project of one's own on this machine's Docker", () => {
  let project: OwnProject;

  beforeAll(async () => {
    project = await OwnProject.make();
    // What the suite makes on an engine is called test-*.
    project.edit("services.ts", "memory: {", '"test-memory": {');
    project.edit("services.ts", '"/data": "memory"', '"/data": "test-memory"');
    project.edit("services.ts", "everything: {", '"test-everything": {');
    project.addService("test-own", own);
    const ports = { PORT_TEST_MEMORY: await freePort(), PORT_TEST_EVERYTHING: await freePort() };
    project.env = Object.fromEntries(Object.entries(ports).map(([name, port]) => [name, String(port)]));
  });
  afterAll(async () => {
    await removeDeployment();
    project?.remove();
  });

  test("the command that the first deploy names installs what it needs", async () => {
    const { output } = await project.gangway("deploy", "--yes", "local");
    const [, words = ""] = /\n {2}npm (install .*)\n/.exec(output) ?? [];
    await succeed(project.run("npm", ...words.split(" ")));
    expect((await project.run("npx", "cdktf", "--version")).output.trim()).toMatch(/^\d+\.\d+\.\d+$/);
  });

  test("gangway deploy local deploys it, and gangway verify passes", async () => {
    await succeed(project.gangway("deploy", "--yes", "local"));
    const { output } = await project.gangway("verify", "--env", "local-docker");
    expect(output).toContain("all is well (3 of 3 checked)");
  });

  test("a tool of one's own server answers there", async () => {
    const { output: token } = await project.gangway("token", "test-own");
    const client = new McpClient(`http://127.0.0.1:${own}`, token.trim().split("\n").at(-1));
    await client.initialize({});
    expect(await client.tool("node")).toMatch(/^v24\./); // that of the base image
    const { output } = await succeed(project.gangway("call", "test-own", "node"));
    expect(output).toMatch(/^v24\./m);
  });

  test("npx cdktf deploy local does the same: it has nothing left to do", async () => {
    const before = (await containers()).map(({ Id }) => Id);
    await succeed(project.run("npx", "cdktf", "deploy", ...apply));
    expect((await containers()).map(({ Id }) => Id)).toEqual(before);
  });

  test("a rollback names the pins of this project, and the next deploy goes back", async () => {
    const first = (await serverOf("test-own")).Config.Image;
    project.edit("servers/small/main.mjs", "The version of its Node.", "The version of Node that runs it.");
    await succeed(project.gangway("deploy", "--yes", "local"));
    expect((await serverOf("test-own")).Config.Image).not.toBe(first);
    const { output } = await succeed(project.gangway("rollback", "test-own"));
    expect(output).toContain("Commit pins.json:");
    await succeed(project.gangway("deploy", "--yes", "local"));
    expect((await serverOf("test-own")).Config.Image).toBe(first);
  });

  test("another project is told whose deployment is in its way, and changes nothing", async () => {
    const other = await OwnProject.make();
    try {
      other.linkCloudPackages();
      const { code, output } = await other.gangway("deploy", "--yes", "local");
      expect(output).toMatch(/a deployment that this project did not make \(.*nginx-proxy.*\)/);
      expect(code).toBe(1);
    } finally {
      other.remove();
    }
  });

  test("npx cdktf destroy local leaves no container", async () => {
    await succeed(project.run("npx", "cdktf", "destroy", ...apply));
    expect(await containers()).toEqual([]);
  });
});
