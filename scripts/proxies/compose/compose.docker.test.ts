/** compose.yaml as a user starts it: rendered, built, up, called through the proxy, down. */
import { spawn } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { run, succeed } from "../../../stacks/fixtures/run.ts";
import { root } from "../../../stacks/shipped.ts";
import { scratchFolder } from "../../kit/folder.ts";
import { freePort } from "../../kit/ports.ts";
import { print } from "../../kit/print.ts";
import { waitUntil } from "../../kit/wait.ts";
import { ask, type Target } from "../live/asking.ts";
import { call, conversations } from "../live/conversations.ts";
import { TOKEN } from "../live/gateway.ts";
import { findCompose } from "./fixtures/program.ts";
import { provide } from "./fixtures/stand-ins.ts";

const found = await findCompose();
const lacking = typeof found === "string" ? found : undefined;
if (lacking !== undefined) print(`compose.yaml is skipped: ${lacking}`);

const MAX_WAIT = 120_000;

/** Debian has no Traefik to stand in for its image. */
describe.skipIf(lacking !== undefined).each([
  { proxy: "nginx", https: false },
  { proxy: "caddy", https: true },
  { proxy: "haproxy", https: true },
  { proxy: "apache", https: true },
])("$proxy in compose.yaml (HTTPS: $https)", ({ proxy, https }) => {
  const scratch = scratchFolder("compose");
  const removals: (() => Promise<void>)[] = [];
  let target: Target;

  const compose = (...words: readonly string[]) => {
    if (typeof found === "string") throw new Error(found);
    return succeed(found(scratch.path, ["--project-name", "gangway-test", "--profile", "tools", ...words]));
  };

  beforeAll(async () => {
    const [httpPort, httpsPort] = [await freePort(), await freePort()];
    target = { port: https ? httpsPort : httpPort, https, host: "localhost" };
    const ports = ["--http-port", String(httpPort), "--https-port", String(httpsPort)];
    const verb = [join(root, "scripts/gangway.ts"), "proxies", "--proxy", proxy, "--compose", "--out", scratch.path];
    await succeed(run(process.execPath, [...verb, ...ports, ...(https ? ["--https", "--self-signed"] : []), "memory"]));
    writeFileSync(join(scratch.path, ".env"), `MCP_BEARER_TOKEN=${TOKEN}\n`);
    const images = Array.from(textOf(scratch.path).matchAll(/^ {4}image: (\S+)$/gm), ([, image]) => image!);
    for (const [index, program] of [proxy, "curl"].entries()) removals.push(await provide(images[index]!, program));
    await compose("up", "--detach", "--build");
    const isHealthy = async () => (await compose("ps")).output.includes("(healthy)") && (await health(target)) === 200;
    if (!(await waitUntil(isHealthy, MAX_WAIT))) throw new Error((await compose("logs")).output);
  }, 600_000);

  afterAll(async () => {
    await compose("down", "--volumes", "--rmi", "local");
    for (const remove of removals) await remove();
    scratch.remove();
  });

  test("a tool answers through the proxy, which alone can be reached", async () => {
    const session = await conversations["/mcp"](target);
    expect(JSON.parse((await call(session, "memory_read_graph"))!)).toEqual({ entities: [], relations: [] });
    const { output } = await succeed(run("docker", ["port", "mcp-gateway"]));
    expect(output).toBe("");
    expect((await ask(target, { path: "/mcp", method: "POST", body: "{}" })).status).toBe(401);
  });

  test.runIf(proxy === "nginx")("the lines of curl and wscat need no token", async () => {
    const curl = await said("docker", "exec", "mcp-curl", "curl", "-N", "http://mcp-gateway:3000/sse");
    expect(await curl.until("event: endpoint")).toBe(true);
    curl.end();
    const line = "docker exec -it mcp-wscat wscat -c ws://mcp-gateway:3000/ws";
    const wscat = await said("script", "-qec", line, "/dev/null");
    expect(await wscat.until("Connected")).toBe(true);
    wscat.type('{"type": "ping"}\n');
    expect(await wscat.until('{"type":"pong"}')).toBe(true);
    wscat.end();
  });

  test("every container has no rights that it does not need, and a limit of memory", async () => {
    const { output } = await compose("ps", "--quiet");
    const inspected = await succeed(run("docker", ["inspect", ...output.trim().split("\n")]));
    for (const { HostConfig } of JSON.parse(inspected.output) as { HostConfig: object }[])
      expect(HostConfig).toMatchObject({
        ReadonlyRootfs: true,
        CapDrop: ["ALL"],
        SecurityOpt: ["no-new-privileges:true"],
        Memory: expect.any(Number),
        RestartPolicy: { Name: "unless-stopped" },
      });
  });

  test("a new container of the gateway is found again", async () => {
    await compose("up", "--detach", "--force-recreate", "--no-deps", "mcp-gateway");
    expect(await waitUntil(async () => (await health(target)) === 200, MAX_WAIT)).toBe(true);
  });
});

const textOf = (folder: string) => readFileSync(join(folder, "compose.yaml"), "utf8");

const health = (target: Target): Promise<number | undefined> =>
  ask(target, { path: "/health" }).then(
    ({ status }) => status,
    () => undefined,
  );

/** A program that is running, and what it says. */
async function said(program: string, ...args: readonly string[]) {
  const child = spawn(program, args, { stdio: ["pipe", "pipe", "ignore"] });
  let output = "";
  child.stdout.setEncoding("utf8").on("data", (text: string) => (output += text));
  return {
    until: (text: string) => waitUntil(() => output.includes(text), MAX_WAIT),
    type: (text: string) => child.stdin.write(text),
    end: () => child.kill(),
  };
}
