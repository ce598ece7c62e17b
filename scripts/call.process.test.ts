import { type ChildProcess, spawn } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { text } from "node:stream/consumers";
import { afterAll, beforeAll, expect, test } from "vitest";
import { waitUntil } from "./kit/wait.ts";

const gangway = join(import.meta.dirname, "gangway.ts");
const child = join(import.meta.dirname, "../gateways/fixtures/child.ts");
const token = "a-token-of-this-test-0123456789";

// A project without services, and without settings.
const cwd = mkdtempSync(join(tmpdir(), "gangway-call-"));
writeFileSync(join(cwd, "services.ts"), "export const services = Object.freeze({});\n");
let gateway: ChildProcess;
let url: string;

beforeAll(async () => {
  const server = `'${process.execPath}' '${child}'`;
  const args = [gangway, "--stdio", server, "--port", "0", "--name", "fixture", "--token", token];
  gateway = spawn(process.execPath, args, { stdio: ["ignore", "pipe", "ignore"], cwd });
  let said = "";
  gateway.stdout?.setEncoding("utf8").on("data", (chunk: string) => (said += chunk));
  await waitUntil(() => (url = /http:\S+\/mcp/.exec(said)?.[0] ?? "") !== "", 60_000);
}, 70_000);

afterAll(async () => {
  const ended = new Promise((resolve) => gateway.once("exit", resolve));
  gateway.kill("SIGTERM");
  await ended;
  rmSync(cwd, { recursive: true, force: true });
});

function start(
  words: readonly string[],
  env: Readonly<Record<string, string>> = { MCP_BEARER_TOKEN: token },
  folder = cwd,
) {
  const stdio = ["ignore", "pipe", "pipe"] as ["ignore", "pipe", "pipe"];
  const verb = spawn(process.execPath, [gangway, ...words], {
    cwd: folder,
    env: { PATH: process.env["PATH"], ...env },
    stdio,
  });
  const exit = new Promise<number | null>((resolve) => verb.once("exit", (code) => resolve(code)));
  return { verb, exit };
}

/** A project with two services, of which one has a container: a `docker` on the PATH says so. */
function deployedProject(service: string): string {
  const folder = join(cwd, "deployed");
  mkdirSync(folder);
  const catalog = pathToFileURL(join(import.meta.dirname, "../stacks/catalog/package.ts")).href;
  const entries = `${service}: { server: command(["node"]), port: 8100 }, left: { server: command(["node"]), port: 8101 }`;
  writeFileSync(
    join(folder, "services.ts"),
    `import { command, defineServices } from "${catalog}";\nexport const services = defineServices({ ${entries} });\n`,
  );
  const line = ["1a2b", service, "gateway", "", `${service}-mcp-gateway-1`, "running", "Up 2 minutes"].join("\\t");
  writeFileSync(join(folder, "docker"), `#!/bin/sh\nprintf '${line}\\n'\n`, { mode: 0o755 });
  return folder;
}

async function run(words: readonly string[], env?: Readonly<Record<string, string>>, folder = cwd) {
  const { verb, exit } = start(words, env, folder);
  const [stdout, stderr, code] = await Promise.all([text(verb.stdout), text(verb.stderr), exit]);
  return { stdout, stderr, code };
}

test("a tool is called, and its text is all that is on stdout", async () => {
  expect(await run(["call", url, "echo", "text=good morning"])).toMatchObject({ stdout: "good morning\n", code: 0 });
  const { stdout } = await run(["call", url, "echo", '{"text":"x"}', "--json"]);
  expect(JSON.parse(stdout)).toEqual({ content: [{ type: "text", text: "x" }] });
});

test("the tools are listed, for people and for programs", async () => {
  expect((await run(["tools", url])).stdout).toContain("  echo\n");
  const { stdout } = await run(["tools", url, "--json"]);
  expect(JSON.parse(stdout)).toMatchObject({ tools: expect.arrayContaining([{ name: "echo", inputSchema: {} }]) });
});

test("a misspelt tool is named with the nearest one, and a tool that fails is a failure", async () => {
  const misspelt = await run(["call", url, "ecko"]);
  expect(misspelt).toMatchObject({ code: 2, stdout: "" });
  expect(misspelt.stderr).toContain('has no tool "ecko", did you mean echo? There are: echo,');
  const failed = await run(["call", url, "crash"]);
  expect(failed.code).toBe(1);
  expect(failed.stderr).toContain("gangway call: ");
});

test("who has no token is told how to give one, and a file of it works", async () => {
  const refused = await run(["tools", url], {});
  expect(refused.code).toBe(1);
  expect(refused.stderr).toContain("--token-file <file>");
  const file = join(cwd, "token");
  writeFileSync(file, `${token}\n`);
  expect((await run(["call", url, "echo", "text=hi", "--token-file", file], {})).stdout).toBe("hi\n");
});

test("a service by name is looked for where services run, and there are none", async () => {
  const { stderr, code } = await run(["call", "memory", "read_graph"]);
  expect(code).toBe(1);
  expect(stderr).toContain("no services run here. Start them first, in another terminal: npx gangway start");
});

test("a service that is deployed to this machine's Docker is called by its name, and no other is", async () => {
  const project = deployedProject("fixture");
  const env = { MCP_BEARER_TOKEN: token, PORT_FIXTURE: new URL(url).port, PATH: `${project}:${process.env["PATH"]}` };
  const called = await run(["call", "fixture", "echo", "text=hi"], env, project);
  expect(called, called.stderr).toMatchObject({ stdout: "hi\n", code: 0 });
  const { stderr, code } = await run(["tools", "left"], env, project);
  expect(stderr).toContain('no service is called "left". There are: fixture');
  expect(code).toBe(2);
});

test("Ctrl-C cancels the call, and says so", async () => {
  const { verb, exit } = start(["call", url, "progress", "times=2", "ms=600000", "text=working"]);
  let said = "";
  verb.stderr.setEncoding("utf8").on("data", (chunk: string) => (said += chunk));
  await expect.poll(() => said, { timeout: 60_000 }).toContain("progress: working (1)");
  verb.kill("SIGINT");
  expect(await exit).toBe(130);
  expect(said).toContain("cancelling the call; Ctrl-C again leaves at once");
});
