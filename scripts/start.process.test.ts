import { type ChildProcess, spawn } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { Caller } from "../stacks/fixtures/caller.ts";
import { project } from "../stacks/project.ts";
import { hold } from "./kit/ports.ts";
import { waitUntil } from "./kit/wait.ts";

/** Milliseconds that a busy machine is given. */
const LONG = 90_000;

const child = join(project, "gateways/fixtures/child.ts");
let folder: string;
let started: ChildProcess | undefined;

beforeEach(() => void (folder = mkdtempSync(join(tmpdir(), "gangway-start-"))));
afterEach(async () => {
  if (started?.exitCode === null && started.signalCode === null) {
    const ended = new Promise((resolve) => started?.once("exit", resolve));
    started.kill("SIGINT");
    await ended;
  }
  rmSync(folder, { recursive: true, force: true, maxRetries: 10 });
});

interface Said {
  readonly verb: ChildProcess;
  readonly exit: Promise<number | null>;
  readonly stdout: () => string;
  readonly stderr: () => string;
}

/** A service's server: its flags, or the members of a group. */
type Server = readonly string[] | { readonly members: readonly string[] };

const written = (server: Server) =>
  "members" in server
    ? `group(${JSON.stringify(server.members)})`
    : `command(${JSON.stringify([process.execPath, child, ...server])})`;

/** A project with these services, and `gangway start` in it. */
async function start(servers: Readonly<Record<string, Server>>, words: readonly string[] = []): Promise<Said> {
  const held = await Promise.all(["HUB", ...Object.keys(servers)].map(() => hold(0)));
  const [hub, ...ports] = held.map(({ port }) => port);
  await Promise.all(held.map(({ release }) => release()));
  const entries = Object.entries(servers).map(
    ([name, server], at) => `${name}: { server: ${written(server)}, port: ${ports[at]} },`,
  );
  const imports = ["define", "kinds/command", "kinds/group"].map((file) =>
    join(project, "stacks/catalog", `${file}.ts`),
  );
  const catalog = [
    `import { defineServices } from ${JSON.stringify(imports[0])};`,
    `import { command } from ${JSON.stringify(imports[1])};`,
    `import { group } from ${JSON.stringify(imports[2])};`,
    `export const services = defineServices({ ${entries.join("\n")} });`,
  ];
  writeFileSync(join(folder, "services.ts"), catalog.join("\n"));
  const { PATH, HOME, TMPDIR } = process.env;
  const env = { PATH, HOME, TMPDIR, HUB_PORT: String(hub) };
  const verb = spawn(process.execPath, [join(project, "scripts/gangway.ts"), "start", ...words], {
    cwd: folder,
    env,
    stdio: ["ignore", "pipe", "pipe"],
  });
  started = verb;
  let [stdout, stderr] = ["", ""];
  verb.stdout.setEncoding("utf8").on("data", (text: string) => (stdout += text));
  verb.stderr.setEncoding("utf8").on("data", (text: string) => (stderr += text));
  const exit = new Promise<number | null>((resolve) => verb.once("exit", (code) => resolve(code)));
  return { verb, exit, stdout: () => stdout, stderr: () => stderr };
}

test("the first line comes before the services are up, each as it settles, and Ctrl-C says what it does", async () => {
  const gate = join(folder, "gate");
  writeFileSync(gate, "");
  const { verb, exit, stdout } = await start({ quick: [], held: ["--gate", gate] });
  await waitUntil(() => stdout() !== "", LONG);
  expect(stdout()).toMatch(/^gangway [\d.]+, starting the services in services\.ts\n$/);
  await waitUntil(() => stdout().includes("quick"), LONG);
  expect(stdout()).toMatch(/^ {2}quick {2}http:\S+\/mcp +\d+ tools {2}\d\S* s$/m);
  expect(stdout()).not.toContain("held ");
  rmSync(gate);
  await waitUntil(() => stdout().includes("Stop     Ctrl-C"), LONG);
  expect(stdout()).toMatch(/^ {2}held {3}http:/m);
  expect(stdout()).toContain("2 of 2 servers are up, all as one at http://127.0.0.1:");
  expect(stdout().match(/^ {2}quick {2}/gm)).toHaveLength(1);
  verb.kill("SIGINT");
  expect(await exit).toBe(0);
  expect(stdout()).toMatch(/ {2}stopping; Ctrl-C again stops at once\n {2}stopped\n$/);
});

test("a start in which every named service failed says why once, and exits with 1", async () => {
  const { exit, stdout, stderr } = await start({ broken: ["--exit", "no such database"], other: [] }, ["broken"]);
  expect(await exit).toBe(1);
  expect(stdout().match(/broken {2}failed: /g)).toHaveLength(1);
  expect(stdout()).not.toContain("Stop ");
  expect(stderr()).toContain("gangway start: broken has not started");
});

test("a group that is named brings its members along, serves their tools, and says which of them is not there", async () => {
  const servers = { one: [], two: ["--exit", "no such database"], absent: [], team: { members: ["one", "two"] } };
  const { stdout } = await start(servers, ["team"]);
  await waitUntil(() => stdout().includes("Stop     Ctrl-C"), LONG);
  expect(stdout()).not.toContain("absent");
  expect(stdout()).toMatch(/^ {2}team {2}http:\S+\/mcp +\d+ tools {2}.*\n {8}without two \(/m);
  const url = /^ {2}team {2}(http:\S+)/m.exec(stdout())![1]!;
  const caller = await new Caller(url, { token: "none-is-asked-for" }).open();
  expect(await caller.call("one_echo", { text: "through the group" })).toContain("through the group");
});

test("with --json there is the document alone", async () => {
  const { stdout } = await start({ quick: [] }, ["--json"]);
  await waitUntil(() => stdout().endsWith("}\n"), LONG);
  expect(JSON.parse(stdout())).toMatchObject({ services: [{ name: "quick", state: "up" }] });
});
