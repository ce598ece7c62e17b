/**
 * Servers that somebody has taken over, of each kind and with each way out, beside services that go on serving. What they try is
 * in fixtures/confinement.ts: a row is an attempt, which succeeds where nothing is in its way, and nowhere else.
 */
import { randomBytes } from "node:crypto";
import { cpSync, readFileSync, writeFileSync } from "node:fs";
import { createServer, type Server } from "node:net";
import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { afterAll, beforeAll, describe, expect, inject, test } from "vitest";
import { app } from "./catalog/kinds/app.ts";
import { command } from "./catalog/kinds/command.ts";
import { image } from "./catalog/kinds/image.ts";
import { npm } from "./catalog/kinds/npm.ts";
import { buildHostile } from "./fixtures/build.ts";
import { Caller } from "./fixtures/caller.ts";
import {
  type Attempt,
  attempts,
  bombs,
  type Control,
  type Egress,
  METADATA_NETWORK,
  type Outcome,
} from "./fixtures/confinement.ts";
import { freePort, gatewayOf, removeDeployment, serverOf } from "./fixtures/engine.ts";
import { HOSTILE, HostilePackage } from "./fixtures/hostile-package.ts";
import { type Catalog, Project } from "./fixtures/project.ts";
import { targets, type Targets } from "./fixtures/targets.ts";
import { Traffic } from "./fixtures/traffic.ts";
import { docker } from "./provision/docker.ts";

const TOKEN = "test-bearer-token-of-nobody";
const SECRET = `planted-${randomBytes(12).toString("hex")}`;

const ways = { none: "none", listed: ["api.example.com"], any: "any" } as const;
const kinds = {
  command: command(["node", "servers/hostile/main.js"]),
  npm: npm("gangway-hostile@1.0.0"),
  image: image("gangway-test/hostile:v1", ["/opt/mcp-program"]),
};

/** Every kind of server with every way out. */
const hostile = await Promise.all(
  Object.keys(kinds).flatMap((kind) =>
    Object.keys(ways).map(async (egress) => ({
      name: `test-${kind}-${egress}`,
      kind: kind as keyof typeof kinds,
      egress: egress as Egress,
      port: await freePort(),
    })),
  ),
);
const [victim = 0, web = 0] = await Promise.all([freePort(), freePort()]);

const LISTENING = `require("net").createServer((socket) => socket.end("here")).listen(process.env.VIRTUAL_PORT ?? 5432)`;

const catalog = (release: string): Catalog => ({
  ...Object.fromEntries(
    hostile.map(({ name, kind, egress, port }) => [
      name,
      { server: kinds[kind], port, egress: ways[egress], isolation: "shared", memory: 256, volumes: { "/data": name } },
    ]),
  ),
  "test-victim": {
    server: command(["node", "servers/test/main.js", "--release", release]),
    port: victim,
    secrets: ["TEST_SECRET"],
    reaches: ["test-db"],
  },
  "test-db": app({
    image: "node:24-slim",
    port: 5432,
    public: false,
    network: "own",
    command: ["node", "-e", LISTENING],
  }),
  "test-web": app({ image: "node:24-slim", port: web, command: ["node", "-e", LISTENING] }),
});

const CALLERS = 4;

/** One of each kind, and of each way out. */
const BOMBERS = hostile.filter(({ name }) => ["test-command-none", "test-npm-listed", "test-image-any"].includes(name));

const STILL_THERE = ["run", "true"];

/** Where each hostile server listens for the others. */
const LISTENER = 7_777;

const METADATA = ["--subnet", "169.254.169.252/30", "--gateway", "169.254.169.254"];

const open = (port: number, address: string) =>
  new Caller(`http://127.0.0.1:${port}/mcp`, { token: TOKEN, address }).open();

/** Has the server of a service try these. */
async function tryAt(port: number, words: readonly (readonly unknown[])[]): Promise<Outcome[]> {
  const caller = await open(port, "198.51.100.1");
  return JSON.parse(await caller.call("attempt", { attempts: words })) as Outcome[];
}

/** The same with a single attempt, of which the server may die. */
const tryAlone = async (port: number, words: readonly unknown[]): Promise<Outcome | undefined> =>
  tryAt(port, [words]).then(
    ([outcome]) => outcome,
    (error: Error) => ({ got: false, said: error.message }),
  );

/** Has a program in a container try these. */
async function tryIn(container: string, words: readonly (readonly unknown[])[]): Promise<Outcome[]> {
  const command = ["exec", "-i", container, "node", "-", "attempt", JSON.stringify(words)];
  return JSON.parse(await docker(command, readFileSync(HOSTILE, "utf8"))) as Outcome[];
}

/** What the host's own root can do, with what a gateway has: where an attempt fails here, it would prove nothing. */
async function startUnconfined(): Promise<void> {
  const [gateway, server] = await Promise.all([gatewayOf("test-victim"), serverOf("test-victim")]);
  const format = "{{range .Mounts}}{{.Name}}:{{.Destination}} {{end}}";
  const volumes = (await docker(["inspect", "--format", format, gateway.Id])).trim().split(" ");
  const mounts = volumes.filter((one) => !one.endsWith(":/run/server")).flatMap((one) => ["--volume", one]);
  const shared = [
    "--pid",
    "host",
    "--network",
    "host",
    "--user",
    "root",
    "--shm-size",
    "256m",
    "--device",
    "/dev/kmsg",
  ];
  // Not all of --privileged: an engine in a container may not have it to give.
  const capabilities = ["SYS_ADMIN", "SYS_PTRACE", "NET_ADMIN", "SYSLOG"].flatMap((name) => ["--cap-add", name]);
  const unguarded = ["seccomp", "apparmor", "systempaths"].flatMap((name) => ["--security-opt", `${name}=unconfined`]);
  const host = ["/var/run/docker.sock", "/sys/fs/cgroup"].flatMap((path) => ["--volume", `${path}:${path}`]);
  const words = ["--entrypoint", "node", server.Image, "-e", "setInterval(() => {}, 1e9)"];
  await docker([
    "run",
    "-d",
    "--name",
    "test-unconfined",
    ...shared,
    ...capabilities,
    ...unguarded,
    ...host,
    ...mounts,
    ...words,
  ]);
}

describe.skipIf(inject("lacking") !== "")("servers that were taken over", () => {
  const project = new Project();
  const installed = new HostilePackage();
  const traffic = new Traffic();
  let here: Server;
  let all: Targets;
  let planted: Record<string, string>;

  /** What the server of a service tries. */
  const attemptsOf = (service: string): readonly Attempt[] => {
    const ports = [...hostile.map(({ port }) => port), victim, web, LISTENER, (here.address() as AddressInfo).port];
    return attempts({ self: `${service}-server`, targets: all, ports, planted });
  };

  beforeAll(async () => {
    here = createServer((socket) => socket.on("error", () => {}).end("this host")).listen(0, "0.0.0.0");
    await once(here, "listening");
    await docker(["network", "create", ...METADATA, METADATA_NETWORK]);
    await buildHostile("gangway-test/hostile:v1");
    cpSync(HOSTILE, project.path("servers/hostile/main.js"), { recursive: true });
    writeFileSync(project.path("stacks/locks/gangway-hostile@1.0.0.json"), await installed.serve());
    project.env = { MCP_BEARER_TOKEN: TOKEN, TEST_SECRET: SECRET };
    await project.deploy(catalog("first"));
    installed.close();
    await startUnconfined();
    const digests = await docker([
      "exec",
      (await gatewayOf("test-victim")).Id,
      "cat",
      "/run/gangway/MCP_TOKEN_DIGESTS",
    ]);
    planted = { "another service's secret": SECRET, "a gateway's token digests": digests.slice(0, 40) };
    all = await targets();
    const callers = await Promise.all(
      Array.from({ length: CALLERS }, (_, caller) => open(victim, `198.51.100.${caller + 2}`)),
    );
    traffic.start(callers, (caller) => caller.call("release"));
  });

  afterAll(async () => {
    await traffic.stop();
    here.close();
    installed.close();
    await removeDeployment();
    project.remove();
  });

  test("each attempt succeeds where nothing is in its way", async () => {
    const rows = [...attemptsOf("test-unconfined"), ...bombs];
    const places: Record<Control, string> = {
      unconfined: "test-unconfined",
      gateway: (await gatewayOf("test-victim")).Id,
      reacher: (await serverOf("test-victim")).Id,
      neighbour: (await serverOf("test-command-any")).Id,
    };
    const listening = await Promise.all(hostile.map(({ port }) => tryAt(port, [["listen", LISTENER]])));
    expect(listening).toEqual(hostile.map(() => [{ got: true, said: "listens" }]));
    for (const [control, container] of Object.entries(places)) {
      const own = rows.filter((row) => (row.control ?? "unconfined") === control);
      const outcomes = await tryIn(
        container,
        own.map(({ words }) => words),
      );
      expect(failed(own, outcomes, () => true)).toEqual([]);
    }
  });

  test.each(hostile.map((one) => [one.kind, one.egress, one] as const))(
    "%s with egress %s: none succeeds",
    async (_, egress, { name, port }) => {
      const rows = attemptsOf(name);
      const outcomes = await tryAt(
        port,
        rows.map(({ words }) => words),
      );
      expect(failed(rows, outcomes, ({ allowed = [] }) => allowed.includes(egress))).toEqual([]);
    },
  );

  test.each(bombs.map((bomb) => [bomb.what, bomb] as const))("a server that %s is in nobody's way", async (_, bomb) => {
    const before = traffic.done.length;
    const outcomes = await Promise.all(BOMBERS.map(({ port }) => tryAlone(port, bomb.words)));
    expect(outcomes.filter((outcome) => outcome?.got)).toEqual([]);
    expect(traffic.failures).toEqual([]);
    expect(traffic.done.length).toBeGreaterThan(before);
    for (const { port } of BOMBERS)
      await expect.poll(() => tryAlone(port, STILL_THERE), { timeout: 60_000 }).toMatchObject({ got: true });
  });

  test("no call of another service has failed", async () => {
    await traffic.stop();
    console.log(`${traffic.done.length} calls, the slowest ${traffic.slowest} ms`);
    expect(traffic.failures).toEqual([]);
  });
});

/** What came out otherwise. */
const failed = (
  rows: readonly Attempt[],
  outcomes: readonly Outcome[],
  expected: (row: Attempt) => boolean,
): string[] =>
  rows.flatMap((row, index) => {
    const { got, said } = outcomes[index] ?? { got: false, said: "nothing" };
    return got === expected(row) ? [] : [`${row.what}: ${got ? "yes" : "no"}, ${said}`];
  });
