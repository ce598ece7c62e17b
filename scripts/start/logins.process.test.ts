/** `gangway start` with logins, as a person and a client see it. */
import { readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { Login, type Tokens } from "../../stacks/fixtures/login.ts";
import { McpClient } from "../kit/mcp/client.ts";
import { isTaken } from "../kit/ports.ts";
import { commandLine, descendantsOf, isAlive, kill, type Process } from "../kit/processes.ts";
import { waitUntil } from "../kit/wait.ts";
import { fourPorts, QuickProject } from "./fixtures/started.ts";

const LONG = 90_000;
const ADA = "ada@example.org";
const PASSWORD = "correct horse battery staple";

const READY = /Stop {5}Ctrl-C/;

const newProject = async (auth: string, env: Readonly<Record<string, string>> = {}) =>
  new QuickProject(await fourPorts(), { AUTH: auth, ...env });

const addAda = (project: QuickProject) => project.run(["users", "add", ADA, "--json"], `${PASSWORD}\n`);

/** Logs in as a person does, with a browser that runs no scripts. */
async function logIn({ issuer, url }: QuickProject): Promise<Tokens> {
  const login = await new Login(issuer).register();
  await login.begin(url, "quick");
  await login.enter(ADA, PASSWORD);
  return login.exchange(await login.allow(), url);
}

async function callWith(url: string, token: string): Promise<string> {
  const client = new McpClient(url, token);
  await client.initialize({});
  return client.tool("echo", { text: "through the login" });
}

const authServerOf = (parent: number): Process => {
  const found = descendantsOf(parent).find(({ pid }) => commandLine(pid)?.includes("auth-server/main"));
  if (found === undefined) throw new Error("no authorization server runs");
  return found;
};

test("nobody may log in yet, and the summary says what to do; then a user logs in and calls a tool", async () => {
  const project = await newProject("oauth");
  const started = project.start();
  await started.printed(READY);
  expect(started.output).toContain(`Logins   ${project.issuer}, no user yet: npx gangway users add you@example.org`);
  expect(started.output).not.toMatch(/^ {2}Try/m);
  expect(addAda(project)).toMatchObject({ status: 0, stdout: expect.stringContaining(ADA) as string });
  const { access_token: token } = await logIn(project);
  expect(await callWith(project.url, token)).toContain("through the login");
  const onHub = `http://127.0.0.1:${project.ports.hub}/quick/mcp`;
  expect(await callWith(onHub, token)).toContain("through the login");
  expect(project.run(["tools", "quick"])).toMatchObject({
    status: 1,
    stderr: expect.stringContaining("quick takes logins alone") as string,
  });
  const log = readFileSync(join(project.folder, ".gangway/gateway.log"), "utf8");
  expect(log).toContain(`"issuer":"${project.issuer}"`);
  for (const secret of [token, PASSWORD]) expect(log).not.toContain(secret);
});

test("an authorization server that is killed comes back, and tokens go on working; Ctrl-C ends it, too", async () => {
  const project = await newProject("oauth");
  addAda(project); // before there was any start
  const started = project.start("--json");
  await started.printed(/"auth":\{.*\}\n/);
  const { auth } = JSON.parse(started.output) as { readonly auth: unknown };
  expect(auth).toEqual({ issuer: project.issuer, users: 1, upstream: null });
  const { access_token: token } = await logIn(project);
  const first = authServerOf(started.verb.pid!);
  kill(first.pid);
  const isBack = () =>
    fetch(`${project.issuer}/health`).then(
      ({ ok }) => ok,
      () => false,
    );
  expect(await waitUntil(isBack, LONG)).toBe(true);
  const second = authServerOf(started.verb.pid!);
  expect(second.pid).not.toBe(first.pid);
  expect(await callWith(project.url, token)).toContain("through the login");
  expect(await started.stop()).toBe(0);
  expect([isAlive(second), await isTaken(project.ports.auth)]).toEqual([false, false]);
});

test("with bearer, too, verbs take the token at its own port, and what is kept is for this user alone", async () => {
  const project = await newProject("oauth,bearer");
  const started = project.start();
  await started.printed(READY);
  expect(project.run(["tools", "quick"]).stdout).toContain("echo");
  const { stdout: token, stderr } = project.run(["token", "quick"]);
  expect(stderr).toBe("");
  const keyUrl = `http://127.0.0.1:${project.ports.key}/quick/mcp`;
  expect(await callWith(keyUrl, token.trim())).toContain("through the login");
  expect(project.run(["verify"])).toMatchObject({ status: 0, stdout: expect.stringMatching(/quick +ok/) as string });
  const curl = project.run(["clients", "--client", "curl", "quick"]).stdout;
  expect(curl).toContain(keyUrl);
  const code = project.run(["clients", "--client", "claude-code", "quick"]).stdout;
  expect(code).toContain(project.url);
  expect(code).not.toMatch(/Bearer|token/i);
  const page = await fetch(project.url.replace(/mcp$/, ""), { headers: { accept: "text/html" } });
  expect(await page.text()).toContain(`curl -si ${keyUrl}`);
  for (const file of ["token", "auth/auth.sqlite", "auth/resources.json", "gateway.json", "gateway.log"])
    expect(statSync(join(project.folder, ".gangway", file)).mode & 0o077, file).toBe(0);
});

test("a port that another one has is told with the variable that moves it", async () => {
  const one = await newProject("oauth");
  await one.start().printed(READY);
  const other = new QuickProject({ ...(await fourPorts()), auth: one.ports.auth }, { AUTH: "oauth" });
  const refused = other.start();
  expect(await refused.exit).toBe(1);
  expect(refused.output).toMatch(/port \d+ is taken by node \(pid \d+\): stop it, or set AUTH_PORT=\d+ in \.env/);
  const again = one.start();
  expect(await again.exit).toBe(1);
  expect(again.output).toContain("it runs already: pid");
});

test("whoever kills npm start ends the authorization server with it", async () => {
  const project = await newProject("oauth");
  const started = project.start();
  await started.printed(READY);
  const server = authServerOf(started.verb.pid!);
  started.verb.kill("SIGKILL");
  expect(await waitUntil(() => !isAlive(server), LONG)).toBe(true);
});
