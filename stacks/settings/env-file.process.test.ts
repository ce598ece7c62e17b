/** What a person is told whose .env is wrong, and who checks a deployment that is not there. */
import { existsSync, rmSync, writeFileSync } from "node:fs";
import { afterAll, beforeEach, describe, expect, test, vi } from "vitest";
import { freePort } from "../fixtures/engine.ts";
import { Project } from "../fixtures/project.ts";

vi.setConfig({ testTimeout: 60_000 }); // each starts a process, and the machine may be busy

const project = new Project();
afterAll(() => project.remove());

const env = project.path(".env");
beforeEach(() => rmSync(env, { force: true }));

describe("a typo in .env stops", () => {
  test.each([["start"], ["verify"], ["token"], ["synth"], ["rollback", "memory"]])("%s", async (...words) => {
    writeFileSync(env, "# mine\nMCP_BEARER_TOKN=planted-4711\n");
    const { code, output } = await project.verb(...(words as [string, ...string[]]));
    expect(code).toBeGreaterThan(0);
    expect(output).toContain(".env line 2: MCP_BEARER_TOKN is not a setting. Did you mean MCP_BEARER_TOKEN?");
    expect(output).not.toContain("4711");
  });
});

describe("verify", () => {
  test("of a deployment that is not there says so once, and makes no token", async () => {
    const [port, hub] = [await freePort(), await freePort()];
    writeFileSync(env, `HUB_PORT=${hub}\nSERVICES=memory\nPORT_MEMORY=${port}\n`);
    const { code, output } = await project.verb("verify", "--env", "local-docker");
    expect([code, output]).toEqual([2, expect.stringContaining("nothing is deployed here: npx gangway deploy local")]);
    expect(output).not.toContain("ECONNREFUSED");
    expect(existsSync(project.path(".gangway/token"))).toBe(false);
  });

  test("with an address without its scheme says what is missing", async () => {
    const { code, output } = await project.verb("verify", "--url", "127.0.0.1:3000");
    expect([code, output]).toEqual([2, expect.stringContaining("as in --url http://127.0.0.1:3000")]);
  });
});
