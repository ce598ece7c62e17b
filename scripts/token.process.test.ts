/** `gangway token new --name`, `list` and `revoke` as a person types them, and what such a token opens. */
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import type { TokenList } from "../stacks/token-list.ts";
import { McpClient } from "./kit/mcp/client.ts";
import { fourPorts, QuickProject } from "./start/fixtures/started.ts";

const MASTER = "0123456789abcdef0123456789abcdef";
const READY = /Stop {5}Ctrl-C/;
const CI = ["token", "new", "--name", "ci", "--services", "quick", "--tools", "ec*", "--expires", "90d"];

const newProject = async (env: Readonly<Record<string, string>> = { MCP_BEARER_TOKEN: MASTER }) =>
  new QuickProject(await fourPorts(), env);

const listOf = (project: QuickProject) =>
  (JSON.parse(project.run(["token", "list", "--json"]).stdout) as { readonly tokens: TokenList }).tokens;

/** The names of the tools that whoever has this token sees. */
async function toolsWith(url: string, token: string): Promise<string[]> {
  const client = new McpClient(url, token);
  await client.initialize({});
  const { tools } = await client.request("tools/list", {});
  return (tools as readonly { readonly name: string }[]).map(({ name }) => name);
}

test("a token with a name is printed alone, is listed without itself, and is gone when it is revoked", async () => {
  const project = await newProject();
  const { status, stdout, stderr } = project.run(CI);
  expect([status, stdout]).toEqual([0, expect.stringMatching(/^gwt_ci_[\w-]{43}\n$/)]);
  expect(stderr).toMatch(/^It opens ec\* of quick, .*npm start is started again.*Commit that\.\n$/);
  const file = readFileSync(join(project.folder, "tokens.json"), "utf8");
  expect(file).not.toContain(stdout.trim());
  expect(listOf(project)).toMatchObject({ ci: { services: ["quick"], tools: ["ec*"] } });
  expect(project.run(["token", "list"]).stdout).toMatch(/ci +quick +ec\* +\d{4}-\d\d-\d\d +\d{4}-\d\d-\d\d\n/);
  expect(project.run(["token", "revoke", "ci"]).stdout).toContain("ci is out of tokens.json");
  expect(listOf(project)).toEqual({});
  expect(project.run(["token", "list"]).stdout).toContain("no token has a name yet");
});

test("npm start serves it what it opens and nothing more, and refuses it after it was revoked", async () => {
  const project = await newProject();
  const token = project.run(CI).stdout.trim();
  const started = project.start();
  await started.printed(READY);
  const all = await toolsWith(project.url, MASTER);
  expect(await toolsWith(project.url, token)).toEqual(all.filter((name) => name.startsWith("ec")));
  expect(all.length).toBeGreaterThan(1);
  await started.stop();
  project.run(["token", "revoke", "ci"]);
  const again = project.start();
  await again.printed(READY);
  expect((await new McpClient(project.url, token).post("tools/list", {})).status).toBe(401);
});

test.each([
  [{}, true],
  [{ MCP_BEARER_TOKEN: MASTER }, false],
  [{ AUTH: "oauth,bearer" }, false],
])("with %j it is said whether nobody is asked for a token: %s", async (env, isOpen) => {
  const { stderr } = (await newProject(env)).run(CI);
  expect(stderr.includes("npm start asks nobody for a token")).toBe(isOpen);
});

test.each([
  [["new", "--name", "c i"], 'expected a "name" of at most 64 small letters'],
  [["new", "--name", "quick"], "a service has this name"],
  [["new", "--name", "ci", "--services", "quik"], 'got "quik", expected some of quick'],
  [["new", "--name", "ci", "--expires", "90"], "such as 90d, 12h or 2027-02-28"],
  [["new", "--name", "ci", "--expires", "2020-01-01"], "a time that is to come"],
  [["new", "--name", "ci", "--tools", ""], "--tools: expected a value"],
  [["new", "--services", "quick"], "--services goes with --name"],
  [["new", "--name", "ci", "more"], "got more, expected flags after new"],
  [["list", "--name", "ci"], "--name goes with new"],
  [["revoke"], "revoke takes the name of one token"],
  [["revoke", "ci"], "no token has this name: npx gangway token list"],
])("token %j is refused in one sentence, and nothing is written", async (words, message) => {
  const project = await newProject();
  const { status, stdout, stderr } = project.run(["token", ...words]);
  expect([status, stdout]).toEqual([2, ""]);
  expect(stderr).toContain(message);
  expect(stderr).toMatch(/^[^\n]+\nSee: npx gangway token --help\n$/);
  expect(existsSync(join(project.folder, "tokens.json"))).toBe(false);
});
