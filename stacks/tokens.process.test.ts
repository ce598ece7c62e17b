/** `npx gangway token`, as a person types it, in a copy of the project. */
import { chmodSync, existsSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { afterAll, beforeEach, describe, expect, test, vi } from "vitest";
import { Project } from "./fixtures/project.ts";
import { newToken, serviceToken } from "./tokens.ts";

vi.setConfig({ testTimeout: 60_000 }); // each starts several processes, and the machine may be busy

const project = new Project();
afterAll(() => project.remove());

const env = project.path(".env");
const masters = async () => (await project.verb("token", "--valid")).output.trim().split("\n");

beforeEach(() => {
  project.env = {};
  rmSync(project.path(".gangway"), { recursive: true, force: true });
  writeFileSync(env, "");
});

describe("npx gangway token", () => {
  test("-- --help, and what it does not know, change nothing; the second ends with 2 and says where the usage is", async () => {
    expect(await project.verb("token", "--help")).toMatchObject({
      code: 0,
      output: expect.stringMatching(/^npx gangway token/),
    });
    for (const wrong of [
      ["--al"],
      ["memroy"],
      ["n8n"],
      ["--json"],
      ["--finish"],
      ["new", "memory"],
      ["memory", "--all"],
      ["--all", "--valid"],
    ])
      expect(await project.verb("token", ...wrong), wrong.join(" ")).toMatchObject({
        code: 2,
        output: expect.stringMatching(/^gangway token: .+\nSee: npx gangway token --help\n$/),
      });
    expect(existsSync(project.path(".gangway/token"))).toBe(false);
  });

  test("prints the master, the token of a service, and all of them", async () => {
    writeFileSync(env, "MCP_BEARER_TOKEN='newer\nolder'\n");
    expect((await project.verb("token")).output).toBe("newer\n");
    expect((await project.verb("token", "memory")).output).toBe(`${serviceToken("newer", "memory")}\n`);
    const { services } = JSON.parse((await project.verb("token", "--all", "--json")).output) as {
      services: { service: string; token: string }[];
    };
    expect(services.map(({ service }) => service)).toContain("coda");
    expect(services.map(({ service }) => service)).not.toContain("n8n");
    const { output: table } = await project.verb("token", "--all");
    for (const { service, token } of services)
      expect([token, table.includes(token)]).toEqual([serviceToken("newer", service), true]);
    expect(await masters()).toEqual(["newer", "older"]);
  });

  test("-- new makes another one each time, and uses none", async () => {
    const [one, two] = [await project.verb("token", "new"), await project.verb("token", "new")];
    expect(one.output).toMatch(/^[0-9a-f]{64}\n$/);
    expect(one.output).not.toBe(two.output);
    expect(existsSync(project.path(".gangway/token"))).toBe(false);
  });
});

describe("npx gangway token rotate", () => {
  test("changes MCP_BEARER_TOKEN in .env and nothing else there, and finishes when it is asked to", async () => {
    writeFileSync(env, "# mine\nA=1\nMCP_BEARER_TOKEN=planted-old # the token\nB='2'\n");
    chmodSync(env, 0o640);
    const { code, output } = await project.verb("token", "rotate");
    expect([code, output]).toEqual([0, expect.stringMatching(/^\.env has a new token in front\. 2 are valid/)]);
    for (const next of [
      "npx gangway deploy",
      "npx gangway token --all",
      "rotate --finish",
      "gh secret set MCP_BEARER_TOKEN",
    ])
      expect(output).toContain(next);
    const [young = "", ...others] = await masters();
    expect([young, others]).toEqual([expect.stringMatching(/^[0-9a-f]{64}$/), ["planted-old"]]);
    expect(output).not.toMatch(new RegExp(`planted|${young}`));
    expect(readFileSync(env, "utf8")).toBe(
      `# mine\nA=1\nMCP_BEARER_TOKEN='${young}\nplanted-old' # the token\nB='2'\n`,
    );
    expect(statSync(env).mode & 0o777).toBe(0o640);
    expect((await project.verb("token", "rotate", "--finish")).output).toContain(
      "the old one is refused from the next deploy on",
    );
    expect(readFileSync(env, "utf8")).toBe(`# mine\nA=1\nMCP_BEARER_TOKEN=${young} # the token\nB='2'\n`);
    expect((await project.verb("token", "rotate", "--finish")).output).toContain(
      "has one token, so there is nothing to finish",
    );
  });

  test("changes the token of this machine where none is set, and nothing where there is none yet", async () => {
    const early = await project.verb("token", "rotate");
    expect(early).toMatchObject({ code: 1, output: expect.stringContaining("there is no token yet") });
    expect(await project.verb("token")).toMatchObject({
      code: 1,
      output: expect.stringMatching(/npm start needs none/),
    });
    expect(existsSync(project.path(".gangway/token"))).toBe(false);
    const first = newToken();
    writeFileSync(project.path(".gangway/token"), `${first}\n`, { mode: 0o600 });
    expect((await project.verb("token")).output).toContain(`The local Docker deployment uses:\n${first}`);
    await project.verb("token", "rotate");
    expect(await masters()).toEqual([expect.stringMatching(/^[0-9a-f]{64}$/), first]);
    expect(statSync(project.path(".gangway/token")).mode & 0o777).toBe(0o600);
    await project.verb("token", "rotate", "--finish");
    expect(await masters()).not.toContain(first);
  });

  test("leaves a token in the environment to the person who has set it there", async () => {
    project.env = { MCP_BEARER_TOKEN: "planted" };
    writeFileSync(env, "MCP_BEARER_TOKEN=planted\n");
    const { code, output } = await project.verb("token", "rotate");
    expect([code, output]).toEqual([1, expect.stringContaining("set in the environment, which only you can change")]);
    expect(readFileSync(env, "utf8")).toBe("MCP_BEARER_TOKEN=planted\n");
  });
});
