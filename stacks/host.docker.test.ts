/** The containers that face the internet or are somebody else's, with the rights that they have left: everything in them works. */
import { randomBytes } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, inject, test } from "vitest";
import { defineServices } from "./catalog/define.ts";
import { app } from "./catalog/kinds/app.ts";
import { thisMachine } from "./constructs/engine.ts";
import { buildApp, buildDatabase } from "./fixtures/build.ts";
import { type Container, containers, names, removeDeployment } from "./fixtures/engine.ts";
import { type Run, Workspace } from "./fixtures/terraform.ts";
import { docker } from "./provision/docker.ts";
import { ServicesStack } from "./services-stack.ts";
import { readSettings } from "./settings.ts";

const DATABASE = "test-database";
const WEB = "test-web";
const COMPANION = "acme-companion";

const services = Object.values(
  defineServices({
    [DATABASE]: app({
      image: "gangway-test/database:v1",
      port: 5432,
      public: false,
      network: "own",
      volumes: { "/data": DATABASE },
    }),
    [WEB]: app({ image: "gangway-test/app:v1", port: 8090, user: "node", readOnly: true }),
  }),
);

/** In a container, whatever user it has. */
const inside = (container: string, script: string) => docker(["exec", container, "sh", "-c", script]);

describe.skipIf(inject("lacking") !== "")("what a host's containers may do", () => {
  const workspace = new Workspace("services", {});
  let applied: Run;
  let all: readonly Container[];

  beforeAll(async () => {
    await Promise.all([buildDatabase("gangway-test/database:v1"), buildApp("gangway-test/app:v1")]);
    const env = { MCP_BEARER_TOKEN: randomBytes(24).toString("hex") };
    const settings = readSettings(services, { env, file: "/nowhere" });
    workspace.synth(
      (root) =>
        new ServicesStack(root, "services", {
          services,
          settings,
          engine: thisMachine,
          deployment: "test",
          hostOf: ({ hostname }) => `${hostname}.example.org`,
          gateway: new Map(),
          certificates: { email: "ops@example.org", challenge: "HTTP-01" },
        }),
    );
    await workspace.terraform(["init"]);
    applied = await workspace.terraform(["apply", "-auto-approve"]);
    await sleep(1_000);
    all = await containers(/^(nginx-proxy|docker-filter|acme-companion|test-.*)$/);
  });

  afterAll(async () => {
    await workspace.terraform(["destroy", "-auto-approve"]);
    await removeDeployment();
    for (const volume of await names("volume ls --format {{.Name}}", /^gangway-(acme|certs|html)$/))
      await docker(["volume", "rm", volume]);
    workspace.remove();
  });

  test("they are all up, and a second plan changes nothing", async () => {
    expect(applied.code, applied.output).toBe(0);
    expect(all.map(({ Name, State }) => [Name, State.Running])).toEqual(
      [COMPANION, "docker-filter", "nginx-proxy", DATABASE, WEB].map((name) => [`/${name}`, true]),
    );
    const plan = await workspace.terraform(["plan", "-detailed-exitcode"]);
    expect(plan.code, plan.output).toBe(0);
  });

  test("each is limited in memory, processor time and processes", () => {
    for (const { Name, HostConfig } of all) {
      const { Memory, MemorySwap, CpuQuota, PidsLimit } = HostConfig;
      expect([Memory > 0, MemorySwap === Memory, CpuQuota > 0, (PidsLimit ?? 0) > 0], Name).not.toContain(false);
    }
  });

  test("each gives up its rights but those that it starts with, and what it runs gains none", () => {
    const added = Object.fromEntries(all.map(({ Name, HostConfig }) => [Name.slice(1), HostConfig.CapAdd ?? []]));
    const become = ["CHOWN", "DAC_OVERRIDE", "FOWNER", "KILL", "SETGID", "SETPCAP", "SETUID"];
    expect(added).toEqual({
      [COMPANION]: [],
      "docker-filter": [],
      "nginx-proxy": ["CAP_CHOWN", "CAP_NET_BIND_SERVICE", "CAP_SETGID", "CAP_SETUID"],
      [DATABASE]: become.map((name) => `CAP_${name}`),
      [WEB]: [],
    });
    for (const { Name, HostConfig } of all) {
      expect(HostConfig.CapDrop, Name).toEqual(["ALL"]);
      expect(HostConfig.SecurityOpt, Name).toEqual(["no-new-privileges:true"]);
      expect(HostConfig.Privileged, Name).toBe(false);
      expect(HostConfig.ReadonlyRootfs, Name).toBe(Name !== `/${DATABASE}`);
    }
  });

  test("the proxy finds and serves what runs, with workers that have no right at all", async () => {
    const [proxy] = await containers(/^nginx-proxy$/);
    const address = await docker(["inspect", "-f", "{{.NetworkSettings.Networks.syncbricks.IPAddress}}", proxy!.Id]);
    const ask = [
      "exec",
      WEB,
      "node",
      "-e",
      `require("http").get({host:"${address.trim()}",headers:{host:"${WEB}.example.org"}},
      (answer) => answer.on("data", (text) => process.stdout.write(text)))`,
    ];
    expect(await docker(ask)).toContain("the app");
    const worker = await inside("nginx-proxy", "cat /proc/$(pgrep -u www-data nginx | head -1)/status");
    expect(worker).toMatch(/CapEff:\s+0{16}\n/);
  });

  test("the proxy writes neither certificates nor anything else but its own configuration", async () => {
    for (const path of [
      "/etc/nginx/certs",
      "/usr/share/nginx/html",
      "/etc/nginx/vhost.d",
      "/etc/nginx",
      "/usr/sbin",
      "/root",
    ])
      await expect(inside("nginx-proxy", `touch ${path}/x`), path).rejects.toThrow("Read-only file system");
    await inside("nginx-proxy", "touch /etc/nginx/conf.d/x && rm /etc/nginx/conf.d/x");
  });

  test("only the companion writes certificates, and has the proxy read them", async () => {
    await inside(COMPANION, "echo key > /etc/nginx/certs/x.key && chmod 600 /etc/nginx/certs/x.key");
    expect(await inside("nginx-proxy", "cat /etc/nginx/certs/x.key")).toBe("key\n");
    const call = (path: string, method = "POST") =>
      docker([
        "exec",
        COMPANION,
        "node",
        "-e",
        `const request = require("http").request({
        socketPath: process.env.DOCKER_HOST.replace("unix://", ""), path: "${path}", method: "${method}",
        headers: { "content-type": "application/json" } },
        (answer) => { process.stdout.write(answer.statusCode + " "); answer.pipe(process.stdout); }); request.end("{}")`,
      ]);
    expect(await call("/containers/nginx-proxy/json", "GET")).toMatch(/^200 /);
    const made = await call("/containers/nginx-proxy/exec");
    expect(made).toMatch(/^201 /);
    const { Id } = JSON.parse(made.slice(4)) as { Id: string };
    expect(await call(`/exec/${Id}/start`)).toMatch(/^200 /);
    for (const other of [DATABASE, COMPANION, "docker-filter"])
      expect(await call(`/containers/${other}/exec`)).toMatch(/^403 /);
  });

  test("an app that starts as root becomes another user, owns its data and is told to stop", async () => {
    const status = await inside(DATABASE, "cat /proc/$(pgrep -u 999 | head -1)/status");
    expect(status).toMatch(/CapBnd:\s+0{16}\n/);
    const volume = ["run", "--rm", "-v", `gangway-${DATABASE}:/d`, "--entrypoint", "sh", "node:24-slim", "-c"];
    expect(await docker([...volume, "cat /d/private/start"])).toBe("started as 999\n");
    await docker(["stop", DATABASE]);
    expect(await docker([...volume, "cat /d/private/end"])).toBe("stopped\n");
    await docker(["start", DATABASE]);
  });

  test("an app whose entry says so writes to memory alone", async () => {
    await expect(inside(WEB, "touch /home/node/x")).rejects.toThrow("Read-only file system");
    await inside(WEB, "touch /tmp/x");
    expect(await inside(WEB, "cat /proc/1/status")).toMatch(/CapEff:\s+0{16}\n/);
  });
});
