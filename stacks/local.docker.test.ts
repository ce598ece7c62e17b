import { cpSync, readFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, inject, test } from "vitest";
import { app } from "./catalog/kinds/app.ts";
import { command } from "./catalog/kinds/command.ts";
import { http } from "./catalog/kinds/http.ts";
import { image } from "./catalog/kinds/image.ts";
import { npm } from "./catalog/kinds/npm.ts";
import { pypi } from "./catalog/kinds/pypi.ts";
import { buildApp, buildProgram } from "./fixtures/build.ts";
import { Caller } from "./fixtures/caller.ts";
import {
  type Container,
  containers,
  freePort,
  gatewayOf,
  names,
  removeDeployment,
  serverOf,
} from "./fixtures/engine.ts";
import { type Catalog, Project } from "./fixtures/project.ts";
import { succeed } from "./fixtures/run.ts";
import { docker, lastLog } from "./provision/docker.ts";

const TOKEN = "test-bearer-token-of-nobody";

const ports = await Promise.all(Array.from({ length: 7 }, freePort));
const [memory = 0, own = 0, time = 0, binary = 0, upstream = 0, web = 0, added = 0] = ports;

/** A service of every kind. */
const catalog = {
  "test-memory": {
    server: npm("@modelcontextprotocol/server-memory@2026.8.31"),
    port: memory,
    volumes: { "/data": "test-memory" },
    env: { MEMORY_FILE_PATH: "/data/memory.jsonl" },
    isolation: "shared",
    serial: true,
    probe: { tool: "search_nodes", arguments: { query: "gangway" } },
  },
  "test-own": {
    server: command(["node", "servers/test/main.js", "--release", "1"]),
    port: own,
    env: { ODD: "%{x} ${y} $z" },
    probe: { tool: "milliseconds", arguments: { text: "2h" } },
  },
  "test-time": {
    server: pypi("mcp-server-time==2026.10.19", ["--local-timezone", "UTC"]),
    port: time,
    probe: { tool: "get_current_time", arguments: { timezone: "UTC" } },
  },
  "test-binary": { server: image("gangway-test/program:v1", ["/opt/mcp-program", "stdio"]), port: binary },
  "test-upstream": {
    server: http(`http://test-own-mcp-gateway:${own}/mcp`),
    port: upstream,
    secrets: ["UPSTREAM_TOKEN"],
    probe: { tool: "milliseconds", arguments: { text: "2h" } },
  },
  "test-web": app({ image: "gangway-test/app:v1", port: web, volumes: { "/home/node/web": "test-web" } }),
} satisfies Catalog;

/** The image names in a synthesized project, with their digests. */
const imagesIn = (project: Project) =>
  readFileSync(project.path("cdktf.out/stacks/local/cdk.tf.json"), "utf8")
    .match(/localhost\/gangway\/[\w-]+:[0-9a-f]{16}/g)
    ?.toSorted();

const sizeOf = async (image: string) => Number(await docker(["image", "inspect", "--format", "{{.Size}}", image]));

/** The services with changes in a plan. */
async function touched(project: Project, catalog: Catalog): Promise<string[]> {
  const { changes } = await project.plan(catalog);
  return [...new Set(changes.map((line) => /\.(test-[a-z]+)[_-]/.exec(line)?.[1] ?? line))].toSorted();
}

const released = async () => (await at(own)).call("release");

const at = (port: number) => new Caller(`http://127.0.0.1:${port}/mcp`, { token: TOKEN }).open();

describe.skipIf(inject("lacking") !== "")("a service of every kind on this machine's Docker", () => {
  const project = new Project();

  beforeAll(async () => {
    project.env = { MCP_BEARER_TOKEN: TOKEN, UPSTREAM_TOKEN: TOKEN };
    await Promise.all([buildProgram("gangway-test/program:v1"), buildApp("gangway-test/app:v1")]);
    await project.deploy(catalog);
  });

  afterAll(async () => {
    await removeDeployment();
    project.remove();
  });

  test("passes npx gangway verify", async () => {
    const { code, output } = await project.verb("verify", "--env", "local-docker");
    expect(output).toContain("all is well (5 of 5 checked)");
    expect(code).toBe(0);
  });

  test("texts of an entry arrive as written, even if they look like Terraform expressions", async () => {
    const { Config } = await gatewayOf("test-own");
    expect(Config.Env.join("\n")).toContain("ODD=%{x} ${y} $z");
  });

  test("an app answers on its port", async () => {
    expect(await (await fetch(`http://127.0.0.1:${web}/`)).text()).toContain("the app");
  });

  test("the origin of an app's own page is rewritten to the app's name, and no other origin is", async () => {
    const asked = async (Origin: string) =>
      (await fetch(`http://127.0.0.1:${web}/`, { headers: { Origin } })).headers.get("x-asked");
    expect(await asked(`http://127.0.0.1:${web}`)).toBe("http://test-web.localhost of test-web.localhost");
    expect(await asked("https://example.org")).toBe("https://example.org of test-web.localhost");
  });

  test("the gateway of an upstream calls it with the service's secret as bearer token", async () => {
    expect(await (await at(upstream)).call("release")).toBe("1");
  });

  test("runs confined: read-only outside its volumes, not as root, no capabilities, no new privileges", async () => {
    const gateways = await containers(/^test-.*-mcp-gateway-/);
    expect(gateways.map(({ Name }) => Name.replace(/-[^-]*$/, ""))).toEqual(
      ["binary", "memory", "own", "time", "upstream"].map((name) => `/test-${name}-mcp-gateway`),
    );
    const servers = await containers(/^test-.*-server-/);
    expect(servers.map(({ Name }) => Name.replace(/-[^-]*$/, ""))).toEqual(
      ["binary", "memory", "own", "time"].map((name) => `/test-${name}-server`),
    );
    for (const gateway of gateways)
      expect(confinementOf(gateway), gateway.Name).toEqual({ ...confined, processes: 256 });
    // Its runner sets routes as root before it becomes that user for ever.
    const runner = { processes: 2048, user: "root", init: false };
    for (const server of servers) expect(confinementOf(server), server.Name).toEqual({ ...confined, ...runner });
  });

  test("a server is not root, and can write only to its volumes and its temporary folders", async () => {
    const { Id } = await serverOf("test-memory");
    const look =
      "grep -E '^(Uid|CapEff|NoNewPrivs)' /proc/1/status; touch /server/x /runner/x 2>&1; touch /data/x ~/x && echo written";
    const said = await docker(["exec", "--user", "1000", Id, "sh", "-c", look]);
    expect(said).toMatch(/Uid:(\s+1000){4}\n/);
    expect(said).toMatch(/CapEff:\s+0{16}\n/);
    expect(said).toMatch(/NoNewPrivs:\s+1\n/);
    expect(said.match(/Read-only file system/g)).toHaveLength(2);
    expect(said).toMatch(/written\n$/);
  });

  test("a gateway cannot write into the folder that its server shares with it, and no signal opens its debugger", async () => {
    const { Id } = await gatewayOf("test-memory");
    const look =
      "touch /run/server/x 2>&1; ls /data 2>&1; kill -USR1 $(grep -lE '[m]ain[.]js' /proc/[0-9]*/cmdline | cut -d/ -f3); sleep 1; cat /proc/net/tcp";
    const said = await docker(["exec", Id, "sh", "-c", look]);
    expect(said).toContain("Read-only file system");
    expect(said).toContain("cannot access '/data'");
    expect(said).not.toContain(":240D"); // 9229
  });

  test("servers do not reach each other, nor the networks of gateways", async () => {
    const [one, other] = [await serverOf("test-memory"), await serverOf("test-own")];
    const network = (await docker(["inspect", "--format", "{{json .NetworkSettings.Networks}}", other.Id])).trim();
    const { "gangway-egress": egress, ...more } = JSON.parse(network) as Record<string, { IPAddress: string }>;
    expect(Object.keys(more)).toEqual([]);
    await docker(["exec", "--detach", other.Id, "node", "-e", 'require("net").createServer().listen(9999)']);
    const dial = `require("net").connect(9999, "${egress?.IPAddress}").setTimeout(2000, () => { console.log("nobody"); process.exit() }).on("error", () => console.log("nobody")).on("connect", () => { console.log("reached"); process.exit() })`;
    expect(await docker(["exec", one.Id, "node", "-e", dial])).toBe("nobody\n");
  });

  test("a gateway writes its whole log where docker logs | grep AUTH looks", async () => {
    const stranger = new Caller(`http://127.0.0.1:${own}/mcp`, { token: "a-token-that-nobody-has-issued" });
    await expect(stranger.open()).rejects.toThrow("HTTP 401");
    const { Id } = await gatewayOf("test-own");
    const stdout = await docker(["logs", Id]);
    expect(stdout).toMatch(/"audit":"refused".*"msg":"AUTH refused"/);
    const both = await lastLog(Id);
    expect(stdout.trimEnd().split("\n")).toEqual(expect.arrayContaining(both.split("\n")));
  });

  test("a server's container that dies comes back, and its gateway goes on with it", async () => {
    const caller = await at(own);
    expect(await caller.call("release")).toBe("1");
    const { Id } = await serverOf("test-own");
    const pid = Number(await docker(["inspect", "--format", "{{.State.Pid}}", Id]));
    process.kill(pid, "SIGKILL"); // Docker would not start again what it has killed itself
    await expect.poll(() => caller.call("release").catch(String), { timeout: 20_000 }).toBe("1");
    expect(await serverOf("test-own")).toMatchObject({ Id });
  });

  test.each(["gateway", "server"] as const)("both come back in any order, the %s first", async (first) => {
    const [gateway, server] = [await gatewayOf("test-own"), await serverOf("test-own")];
    const order = first === "gateway" ? [gateway.Id, server.Id] : [server.Id, gateway.Id];
    await docker(["kill", ...order]);
    for (const id of order) {
      await docker(["start", id]);
      await sleep(1_500);
    }
    await expect.poll(() => released().catch(String), { timeout: 30_000 }).toBe("1");
  });

  test("every container has a bounded log, and restarts with the host", async () => {
    const started = (await containers()).filter(({ Name }) => Name !== "/nginx-proxy-files");
    for (const { Name, HostConfig } of started) {
      expect(HostConfig.LogConfig, Name).toEqual({ Type: "json-file", Config: { "max-file": "3", "max-size": "10m" } });
      expect(HostConfig.RestartPolicy.Name, Name).toBe("unless-stopped");
    }
  });

  test("the image of an npm server is at most 20 MB larger than its base and the server", async () => {
    const { Image } = await serverOf("test-memory");
    const du = ["run", "--rm", "--entrypoint", "du", Image, "-s", "--block-size=1", "/server"];
    const server = Number((await docker(du)).split("\t")[0]);
    expect(server).toBeGreaterThan(1e6);
    expect((await sizeOf(Image)) - (await sizeOf("node:24-slim")) - server).toBeLessThan(20e6);
  });

  test("a second plan changes nothing", async () => {
    expect((await project.plan()).changes).toEqual([]);
  });

  test("npx gangway deploy reports no changes, and makes none", async () => {
    const before = (await containers()).map(({ Id }) => Id);
    const { code, output } = await project.verb("deploy", "--yes", "local");
    expect(output).toContain("\n  local: no changes\n");
    expect(output).not.toContain("\x1b");
    expect(code).toBe(0);
    expect((await containers()).map(({ Id }) => Id)).toEqual(before);
  });

  test("npx gangway deploy does not take leftovers of an earlier run for a stack", async () => {
    cpSync(project.path("cdktf.out/stacks/local"), project.path("cdktf.out/stacks/services"), { recursive: true });
    const refused = await project.verb("deploy", "--yes", "services");
    expect(refused.output).toMatch(/gangway deploy: cannot plan services: DOMAIN is not set/);
    expect(refused.code).toBe(1);
  });

  test("the same files in another folder, with other times, give the same images", async () => {
    const other = new Project(2);
    other.env = project.env;
    other.write(catalog);
    await other.synth();
    expect(new Set(imagesIn(other)).size).toBe(5); // four servers, and all gateways
    expect(imagesIn(other)).toEqual(imagesIn(project));
    other.remove();
  });

  describe("a plan changes only the service", () => {
    test("that is added", async () => {
      const entry = { server: command(["node", "servers/test/main.js"]), port: added };
      expect(await touched(project, { ...catalog, "test-added": entry })).toEqual(["test-added"]);
    });

    test("that changes", async () => {
      const entry = { ...catalog["test-own"], server: command(["node", "servers/test/main.js", "--release", "2"]) };
      expect(await touched(project, { ...catalog, "test-own": entry })).toEqual(["test-own"]);
    });

    test("that is removed", async () => {
      const { "test-time": _, ...others } = catalog;
      expect(await touched(project, others)).toEqual(["test-time"]);
    });
  });

  test("cdktf destroy leaves only named volumes, and the next cdktf deploy finds their data", async () => {
    const entities = [{ name: "Ada", entityType: "person", observations: ["wrote the first program"] }];
    await (await at(memory)).call("create_entities", { entities });
    project.write(catalog);
    await succeed(project.run("cdktf", "destroy", "local", "--auto-approve", "--skip-provider-lock"));
    expect(await containers()).toEqual([]);
    expect(await names("network ls --format {{.Name}}", /^(proxy|syncbricks|gangway-egress)$/)).toEqual([]);
    expect(await names("volume ls --format {{.Name}}", /^gangway-test-/)).toEqual(volumes);
    await succeed(project.run("cdktf", "deploy", "local", "--auto-approve", "--skip-provider-lock"));
    expect(await (await at(memory)).call("search_nodes", { query: "Ada" })).toContain("wrote the first program");
  });
});

const volumes = [
  "gangway-test-binary-state",
  "gangway-test-memory",
  "gangway-test-memory-state",
  "gangway-test-own-state",
  "gangway-test-time-state",
  "gangway-test-upstream-state",
  "gangway-test-web",
];

const confined = {
  readOnly: true,
  securityOpt: ["no-new-privileges:true"],
  capabilities: ["ALL"],
  user: "node",
  memory: 512 * 1024 * 1024,
  swap: 512 * 1024 * 1024,
  init: true,
  privileged: false,
};

const confinementOf = ({ Config, HostConfig }: Container) => ({
  readOnly: HostConfig.ReadonlyRootfs,
  securityOpt: HostConfig.SecurityOpt,
  capabilities: HostConfig.CapDrop,
  user: Config.User,
  memory: HostConfig.Memory,
  swap: HostConfig.MemorySwap,
  processes: HostConfig.PidsLimit,
  init: HostConfig.Init,
  privileged: HostConfig.Privileged,
});
