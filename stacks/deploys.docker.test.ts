/** What people do to a deployment behind Terraform's back, and what the verbs make of it. */
import { readFileSync } from "node:fs";
import { afterAll, beforeAll, describe, expect, inject, test } from "vitest";
import { app } from "./catalog/kinds/app.ts";
import { command } from "./catalog/kinds/command.ts";
import { DEPLOYMENT_LABEL, SERVICE_LABEL } from "./constructs/labels.ts";
import { buildApp } from "./fixtures/build.ts";
import { freePort, gatewayOf, names, removeDeployment } from "./fixtures/engine.ts";
import { type Catalog, Project } from "./fixtures/project.ts";
import { docker } from "./provision/docker.ts";

const [own, web] = [await freePort(), await freePort()];

const catalog = {
  "test-own": { server: command(["node", "servers/test/main.js", "--release", "1"]), port: own },
  "test-web": app({ image: "gangway-test/app:v1", port: web }),
} satisfies Catalog;

/** A container that nobody's state knows. @returns its name */
async function leave(name: string, deployment: string): Promise<string> {
  const labels = [`${DEPLOYMENT_LABEL}=${deployment}`, `${SERVICE_LABEL}=test-own`].flatMap((label) => [
    "--label",
    label,
  ]);
  const network = ["--network", "syncbricks", "--network-alias", "test-own-mcp-gateway"];
  await docker(["run", "--detach", "--name", name, ...labels, ...network, "node:24-slim", "sleep", "600"]);
  return name;
}

describe.skipIf(inject("lacking") !== "")("a deployment", () => {
  let project: Project;
  const name = () => readFileSync(project.path(".gangway/deployment"), "utf8").trim();

  beforeAll(async () => {
    project = new Project();
    project.write(catalog);
    await buildApp("gangway-test/app:v1");
    await docker(["network", "create", "proxy"]);
    await docker(["run", "--detach", "--name", "test-theirs", "--network", "proxy", "node:24-slim", "sleep", "600"]);
  });

  afterAll(async () => {
    await removeDeployment();
    project.remove();
  });

  test("leaves a network of somebody else alone unless it is asked to use it", async () => {
    const refused = await project.verb("deploy", "--yes", "local");
    expect([refused.code, refused.output]).toEqual([
      1,
      expect.stringContaining("a network called proxy already (with test-theirs on it)"),
    ]);
    expect(refused.output).toContain("ADOPT=true");
    expect(await names("ps -a --format {{.Names}}", /^(nginx-proxy|test-)/)).toEqual(["test-theirs"]);
  });

  test("ends with the state and the URL of each service, also when nothing has changed", async () => {
    project.env = { ADOPT: "true" };
    const first = await project.verb("deploy", "--yes", "local");
    expect(first.output).toContain("the network proxy was there already (with test-theirs on it)");
    const again = await project.verb("deploy", "--yes", "local");
    expect(again.output).toContain("local: no changes");
    for (const { code, output } of [first, again]) {
      expect(output).toMatch(new RegExp(`test-own +ready +http://127.0.0.1:${own}/mcp`));
      expect(code, output).toBe(0);
    }
  });

  test("finds what a killed deploy has left over, says so in the plan, and removes it", async () => {
    const [stray, other] = [await leave("test-stray", name()), await leave("test-other", "local-00000000")];
    const plan = await project.verb("plan", "local");
    expect(plan.output).toContain(`${stray} (running) is left over from a deploy that was killed`);
    expect(plan.output).not.toContain(other);
    const refused = await project.verb("deploy", "--yes", "local");
    expect([refused.code, refused.output]).toEqual([
      1,
      expect.stringContaining(`has a deployment that this project did not make (${other})`),
    ]);
    expect(await names("ps -a --format {{.Names}}", /^test-(stray|other)$/)).toEqual([other, stray]);
    await docker(["rm", "--force", other]);
    const { code, output } = await project.verb("deploy", "--yes", "local");
    expect(output).toContain(`${stray} removed: it was left over`);
    expect(code, output).toBe(0);
    expect(await names("ps -a --format {{.Names}}", /^test-stray$/)).toEqual([]);
  });

  test("fails when a service does not answer, though nothing has changed, with what its log says", async () => {
    const container = (await gatewayOf("test-own")).Name.slice(1);
    await docker(["pause", container]);
    const { code, output } = await project
      .verb("deploy", "--yes", "local")
      .finally(() => void docker(["unpause", container]));
    expect([code, output]).toEqual([1, expect.stringMatching(/test-own +runs, and is not ready/)]);
    expect(output).toContain("Its log ends with:");
  });

  test("says what it removes before it does, and what holds what stays", async () => {
    project.write(catalog);
    const [volume = ""] = await names("volume ls --format {{.Name}}", /^gangway-test-own-secrets-/);
    await docker([
      "run",
      "--detach",
      "--name",
      "test-holder",
      "--volume",
      `${volume}:/x`,
      "node:24-slim",
      "sleep",
      "600",
    ]);
    const held = await project.verb("destroy", "--yes", "local");
    expect([held.code, held.output]).toEqual([
      1,
      expect.stringContaining(`the volume ${volume} is used by test-holder`),
    ]);
    expect(held.output).toMatch(/local: this removes\n {2}- containers: .*nginx-proxy/);
    await docker(["rm", "--force", "test-holder", "test-theirs"]);
    const { code, output } = await project.verb("destroy", "--yes", "local");
    expect(code, output).toBe(0);
    expect((await project.verb("destroy", "--yes", "local")).output).toContain("there is nothing to remove");
    expect(await names("ps -a --format {{.Names}}", /^(nginx-proxy$|test-)/)).toEqual([]);
  });
});
