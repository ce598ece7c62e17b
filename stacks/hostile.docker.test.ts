/**
 * Servers that somebody has taken over, of each kind and with each way out, beside services that go on serving. What they try is
 * in fixtures/confinement.ts: a row is an attempt, which succeeds where nothing is in its way, and nowhere else.
 */
import { randomBytes } from "node:crypto";
import { cpSync, readFileSync, writeFileSync } from "node:fs";
import { type IncomingMessage, request } from "node:http";
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
import { docker, lastLog } from "./provision/docker.ts";

const TOKEN = "test-bearer-token-of-nobody";
const SECRET = `planted-${randomBytes(12).toString("hex")}`;

const ways = { none: "none", listed: ["api.example.com"], any: "any" } as const;
const kinds = {
  command: command(["node", "servers/hostile/main.js"]),
  npm: npm("gangway-hostile@1.0.0"),
  image: image("gangway-test/hostile:v1", ["/opt/mcp-program"]),
};

/** All at once, so that they are different ones. */
const [victim = 0, other = 0, web = 0, ...ports] = await Promise.all(Array.from({ length: 12 }, freePort));

/** Every kind of server with every way out. */
const hostile = Object.keys(kinds)
  .flatMap((kind) =>
    Object.keys(ways).map((egress) => ({ kind: kind as keyof typeof kinds, egress: egress as Egress })),
  )
  .map(({ kind, egress }, index) => ({ name: `test-${kind}-${egress}`, kind, egress, port: ports[index]! }));

const LISTENING = `require("net").createServer((socket) => socket.end("here")).listen(process.env.VIRTUAL_PORT ?? 5432)`;

const catalog = (release: string): Catalog => ({
  ...Object.fromEntries(
    hostile.map(({ name, kind, egress, port }) => [
      name,
      {
        server: kinds[kind],
        port,
        egress: ways[egress],
        isolation: "shared",
        startTimeout: "15s",
        logLevel: "debug",
        memory: 512,
        volumes: { "/data": name },
      },
    ]),
  ),
  "test-victim": {
    server: command(["node", "servers/test/main.js", "--release", release]),
    port: victim,
    secrets: ["TEST_SECRET"],
    reaches: ["test-db"],
  },
  "test-other": { server: command(["node", "servers/test/main.js"]), port: other },
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

/** What stands in for their runners. */
const IMPOSTORS = ["hangs up", "is silent", "talks nonsense", "floods", "starts and never answers"].map(
  (manner, index) => ({
    manner,
    of: hostile.filter((one) => !BOMBERS.includes(one))[index]!,
  }),
);

/** Names that a browser may have been told lead to a gateway. */
const OWN_HOST = "test-victim.localhost";
const OTHER_HOSTS = ["evil.example", "evil.example:80", "test-other.localhost", "169.254.169.254"];

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

/** What a gateway answers to a caller with a token, under a name. */
async function statusOf(address: string, host: string): Promise<number | undefined> {
  const headers = {
    host,
    authorization: `Bearer ${TOKEN}`,
    "content-type": "application/json",
    accept: "application/json, text/event-stream",
  };
  const asked = request({ host: address, port: victim, path: "/mcp", method: "POST", headers });
  asked.end(INITIALIZE);
  const [answer] = (await once(asked, "response")) as [IncomingMessage];
  answer.resume();
  return answer.statusCode;
}

const INITIALIZE = JSON.stringify({
  jsonrpc: "2.0",
  id: 1,
  method: "initialize",
  params: { protocolVersion: "2025-11-25", capabilities: {}, clientInfo: { name: "test", version: "1" } },
});

async function processesOf(service: string): Promise<number> {
  const { Id } = await serverOf(service);
  return Number(await docker(["stats", "--no-stream", "--format", "{{.PIDs}}", Id]));
}

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
  const traffic = { victim: new Traffic(), other: new Traffic() };
  let here: Server;
  let all: Targets;
  let planted: Record<string, string>;

  /** What the server of a service tries. */
  const attemptsOf = (service: string): readonly Attempt[] => {
    const known = [...ports, victim, other, web, LISTENER, (here.address() as AddressInfo).port];
    return attempts({ self: `${service}-server`, targets: all, ports: known, planted });
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
    for (const [of, port] of [
      [traffic.victim, victim],
      [traffic.other, other],
    ] as const) {
      const callers = await Promise.all(
        Array.from({ length: CALLERS }, (_, caller) => open(port, `198.51.100.${caller + 2}`)),
      );
      of.start(callers, (caller) => caller.call("release"));
    }
  });

  afterAll(async () => {
    await Promise.all(Object.values(traffic).map((one) => one.stop()));
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

  /** Checks that calls of the others have been answered meanwhile, each of them, and that these servers answer again. */
  async function expectUnharmed(services: typeof hostile, work: () => Promise<void>): Promise<void> {
    const before = Object.values(traffic).map(({ done }) => done.length);
    await work();
    for (const [index, { done, failures }] of Object.values(traffic).entries()) {
      await expect.poll(() => done.length, { timeout: 60_000 }).toBeGreaterThan(before[index]!);
      expect(failures).toEqual([]);
    }
    for (const { port } of services)
      await expect.poll(() => tryAlone(port, STILL_THERE), { timeout: 60_000 }).toMatchObject({ got: true });
  }

  test.each(bombs.map((bomb) => [bomb.what, bomb] as const))(
    "a server that %s does not, and is in nobody's way",
    (_, bomb) =>
      expectUnharmed(BOMBERS, async () => {
        const outcomes = await Promise.all(BOMBERS.map(({ port }) => tryAlone(port, bomb.words)));
        expect(outcomes.filter((outcome) => outcome?.got)).toEqual([]);
      }),
  );

  test("servers that multiply on and on, and take all processor time, are in nobody's way", () =>
    expectUnharmed(BOMBERS, async () => {
      const grown = BOMBERS.map(async ({ name }) => {
        await expect.poll(() => processesOf(name), { timeout: 60_000, interval: 100 }).toBeGreaterThan(200);
      });
      await Promise.all([...grown, ...BOMBERS.map(({ port }) => tryAlone(port, ["storm", 8]))]);
    }));

  test("a server that fills its data volume, which has no limit, is in nobody's way", () =>
    expectUnharmed(BOMBERS, async () => {
      const outcomes = await Promise.all(BOMBERS.map(({ port }) => tryAlone(port, ["fill", "/data", 300])));
      expect(outcomes).toMatchObject(BOMBERS.map(() => ({ got: true })));
    }));

  test("what a server writes for the terminal stays text", async () => {
    const [{ name, port }] = BOMBERS as [(typeof BOMBERS)[0]];
    await tryAlone(port, ["say", "\u001b]0;owned\u0007\u001b[2J\u009b31m\u001bPowned", 500]);
    for (const words of [
      ["logs", "--env", "local-docker", name],
      ["status"],
      ["verify", "--env", "local-docker", name],
    ]) {
      const { output } = await project.verb(words[0]!, ...words.slice(1));
      expect(output).toContain(words[0] === "logs" ? "owned" : name);
      expect(output.match(/[^\P{Cc}\n\t]/gu), words.join(" ")).toBeNull();
    }
    expect((await lastLog((await gatewayOf(name)).Id)).match(/[^\P{Cc}\n\t]/gu)).toBeNull();
  });

  test("servers that take the place of their runner stop their own services alone, until their containers start again", () =>
    expectUnharmed(
      IMPOSTORS.map(({ of }) => of),
      async () => {
        await Promise.all(IMPOSTORS.map(({ of, manner }) => tryAlone(of.port, ["replace", manner, 600])));
        await Promise.all(
          IMPOSTORS.map(async ({ of }) => {
            await expect.poll(() => tryAlone(of.port, STILL_THERE), { timeout: 120_000 }).toMatchObject({ got: false });
          }),
        );
        for (const { of } of IMPOSTORS) {
          expect((await fetch(`http://127.0.0.1:${of.port}/health`)).status).toBe(200);
          const { RestartCount, State } = await gatewayOf(of.name);
          expect({ RestartCount, ...State }).toMatchObject({ RestartCount: 0, Running: true, OOMKilled: false });
        }
        await Promise.all(
          IMPOSTORS.map(async ({ of }) => docker(["restart", "-t", "0", (await serverOf(of.name)).Id])),
        );
      },
    ));

  test("no name of somebody else's leads a browser to a gateway", async () => {
    const address = all.containers.find(({ name }) => name === "test-victim-mcp-gateway")!.addresses[0]!;
    const statuses = await Promise.all([OWN_HOST, ...OTHER_HOSTS].map((host) => statusOf(address, host)));
    expect(statuses).toEqual([200, ...OTHER_HOSTS.map(() => 403)]);
  });

  test("a release swap beside them: no call fails, and the next release serves", () =>
    expectUnharmed(BOMBERS, async () => {
      project.edit("servers/hostile/main.js", "hostile", "hostile, again");
      await Promise.all(BOMBERS.map(({ port }) => tryAlone(port, ["storm", 15])));
      await project.deploy(catalog("second"));
      expect(await (await open(victim, "198.51.100.1")).call("release")).toBe("second");
    }));

  test("no call of another service has failed at all", async () => {
    for (const [name, one] of Object.entries(traffic)) {
      await one.stop();
      console.log(`${name}: ${one.done.length} calls, the slowest ${one.slowest} ms, ${one.resets} connections reset`);
      expect(one.failures).toEqual([]);
    }
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
