import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { McpClient } from "../../kit/mcp/client.ts";
import { freePorts, variablesFor } from "./ports.ts";
import { Project, type Started } from "./start.ts";
import { words } from "./servers.ts";

const token = "token-from-the-environment";
const checks = words("health ready oauth token init tools call stream lost 413 end");

interface Verdict {
  readonly hub: string;
  readonly ok: boolean;
  readonly services: {
    readonly name: string;
    readonly state: string;
    readonly needs: string | null;
    readonly checks: { readonly check: string; readonly state: string; readonly hint: string | null }[];
  }[];
}

describe("npx gangway verify, beside an npm start with MCP_BEARER_TOKEN in its environment", () => {
  let project: Project;
  let started: Started;

  beforeAll(async () => {
    project = new Project(variablesFor(await freePorts()));
    started = await project.start(["coda", "memory", "everything"], { env: { MCP_BEARER_TOKEN: token } });
  });
  afterAll(() => project?.remove());

  const verify = (args: string[] = [], bearer = token) =>
    project.npm(["run", "--silent", "verify", "--", ...args], { MCP_BEARER_TOKEN: bearer });
  const verdict = async (args: string[] = [], bearer = token) => {
    const { code, stdout } = await verify(["--json", ...args], bearer);
    return { code, ...(JSON.parse(stdout) as Verdict) };
  };

  test.each(["coda", "memory", "everything"])("%s asks for the token", async (name) => {
    const { url } = started.service(name);
    expect((await new McpClient(url, undefined).post("initialize", {})).status).toBe(401);
    expect((await new McpClient(url, `${token}.`).post("initialize", {})).status).toBe(401);
    expect((await new McpClient(url, token).post("initialize", {})).status).toBe(name === "coda" ? 503 : 200);
  });

  test("is green: a row for each service that is up, a line for each that is not checked", async () => {
    const { code, stdout } = await verify();
    expect(code).toBe(0);
    for (const name of ["memory", "everything"]) {
      expect(stdout).toMatch(new RegExp(`^ {2}${name} +ok +11 checks +\\d+ tools, stream after \\d+ ms$`, "m"));
    }
    expect(stdout).toContain("coda is not checked: it needs CODA_API_TOKEN");
    expect(stdout).toContain("all is well (2 of 3 checked)");
  });

  test("--json is one document with every check of every service", async () => {
    const { code, hub, ok, services } = await verdict();
    expect({ code, hub, ok }).toEqual({ code: 0, hub: started.document.hub, ok: true });
    expect(services.map(({ name, state, needs }) => [name, state, needs])).toEqual([
      ["coda", "needs", "CODA_API_TOKEN"],
      ["memory", "up", null],
      ["everything", "up", null],
    ]);
    for (const service of services.filter(({ state }) => state === "up")) {
      expect(service.checks.map(({ check, state }) => [check, state])).toEqual(checks.map((check) => [check, "ok"]));
    }
  });

  test("checks only what is named", async () => {
    expect((await verdict(["everything"])).services.map(({ name }) => name)).toEqual(["everything"]);
  });

  test.each([
    ["another token", "wrong"],
    ["no token", ""],
  ])("fails with %s, and says what to do", async (_, bearer) => {
    const { code, stdout } = await verify([], bearer);
    expect(code).toBe(1);
    expect(stdout).toContain("memory, everything, init: initialize is 401, expected 200");
    expect(stdout.replaceAll(/\s+/g, " ")).toContain("set MCP_BEARER_TOKEN (environment or .env) to the token that");
    expect(stdout).toContain("not well: memory, everything");
    const { ok, services } = await verdict(["memory"], bearer);
    expect(ok).toBe(false);
    expect(services[0]!.checks.find(({ check }) => check === "init")).toMatchObject({
      state: "failed",
      hint: expect.stringContaining("set MCP_BEARER_TOKEN"),
    });
  });

  test("exits with 2 and says what to start when nothing runs", async () => {
    await started.run.stop();
    const { code, stdout, stderr } = await verify();
    expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
    expect(stderr).toContain(`nobody answers at ${started.document.hub}`);
    expect(stderr).toContain("npm start");
  });
});
