/** What a deploy makes of what an engine, a state and a plan say: pure functions, in tables. */
import { createHash } from "node:crypto";
import { describe, expect, test } from "vitest";
import { readSettings } from "../../stacks/settings.ts";
import { readChanges } from "./changes.ts";
import { connectionAdvice } from "./connection.ts";
import { readContainers } from "./containers.ts";
import { heldIn, holdersOf } from "./holders.ts";
import { readKnown } from "./known.ts";
import { isWell, lastWords, lookAt, table } from "./look.ts";
import { notAsked, takenNetworks } from "./networks.ts";
import { removalOf } from "./removal.ts";
import { removeStrays, straysNotice, straysOf } from "./strays.ts";
import { refreshedToken } from "./tunnel-token.ts";

/** A container as `docker inspect` prints it. */
const inspected = (
  id: string,
  rest: { service?: string; state?: object; restarts?: number; test?: string[]; restart?: string } = {},
) => ({
  Id: id,
  Name: `/${id}-name`,
  RestartCount: rest.restarts ?? 0,
  State: { Running: true, Restarting: false, ExitCode: 0, ...rest.state },
  HostConfig: { RestartPolicy: { Name: rest.restart ?? "unless-stopped" } },
  Config: {
    Labels: rest.service === undefined ? null : { "gangway.service": rest.service },
    Healthcheck: rest.test === undefined ? null : { Test: rest.test },
  },
});

/** An engine with these containers. @param answers what else it says, by the first words of a command */
function engine(containers: readonly { Id: string }[], answers: Record<string, string | Error> = {}) {
  const asked: string[] = [];
  const ask = (words: readonly string[]): Promise<string> => {
    asked.push(words.join(" "));
    const known = Object.entries(answers).find(([start]) => words.join(" ").startsWith(start));
    if (known) return known[1] instanceof Error ? Promise.reject(known[1]) : Promise.resolve(known[1]);
    if (words[0] === "ps") return Promise.resolve(containers.map(({ Id }) => Id).join("\n"));
    if (words[0] === "inspect") return Promise.resolve(JSON.stringify(containers));
    return Promise.resolve("");
  };
  return { ask, asked };
}

/** A state with these resources. */
const state = (...resources: { address: string; values: object }[]) =>
  readKnown({
    prior_state: {
      values: { root_module: { resources: resources.map((one) => ({ type: one.address.split(".")[0], ...one })) } },
    },
  });

/** An event of Terraform 1.11. Its message about the same is "timeout while waiting for state to become 'removed'", without an address. */
const ended = (type: string, action: string, addr = "docker_volume.memory_secrets_1") => ({
  type,
  hook: { resource: { addr, resource_type: addr.split(".")[0] }, action, elapsed_seconds: 30 },
});

const there = (labels: object | null) =>
  engine([], {
    "network ls": "bridge\nproxy\n",
    "network inspect proxy": JSON.stringify([
      { Id: "n1", Name: "proxy", Labels: labels, Containers: { c: { Name: "traefik" } } },
    ]),
  }).ask;

const mounts = (source: string) => [
  { type: "volume", target: "/data", source },
  { type: "tmpfs", target: "/tmp", source: null },
  { type: "volume", target: "/run/gangway", source: "gangway-memory-secrets-ab" },
];

const noticesFor = (address: string, actions: string[], before: object | null, after: object | null) =>
  readChanges("local", { resource_changes: [{ address, change: { actions, before, after } }] }).notices;

const settings = (env: Record<string, string> = {}) =>
  readSettings([], { env: { CLOUDFLARE_API_TOKEN: "t", CLOUDFLARE_ACCOUNT_ID: "a", ...env }, file: "/nowhere" });

const digest = (text: string) => createHash("sha256").update(text).digest("hex");

const container = (name: string, source: string) => ({
  name,
  labels: [{ label: "gangway.service", value: "memory" }],
  mounts: mounts(source),
});

const never = () => Promise.reject(new Error("asked"));

describe("strays", () => {
  const known = state({ address: "docker_container.memory_container_1", values: { id: "known" } });

  test("are what the engine has of this deployment and the state does not know", async () => {
    const { ask, asked } = engine([inspected("known"), inspected("left", { state: { Running: false } })]);
    const strays = await straysOf("local-11111111", known, ask);
    expect(strays.map(({ id }) => id)).toEqual(["left"]);
    expect(asked[0]).toContain("label=gangway.deployment=local-11111111");
    expect(straysNotice(strays)).toEqual([
      "left-name (stopped) is left over from a deploy that was killed, and it may still answer calls. The deploy removes it",
    ]);
    await removeStrays(strays, ask);
    expect(asked.at(-1)).toBe("rm --force left");
  });

  test("that are none cost no command and no line", async () => {
    const { ask, asked } = engine([inspected("known")]);
    expect(straysNotice(await straysOf("local-11111111", known, ask))).toEqual([]);
    await removeStrays([], ask);
    expect(asked.some((words) => words.startsWith("rm"))).toBe(false);
  });
});

describe("what cannot be removed because it is in use", () => {
  const known = state({ address: "docker_volume.memory_secrets_1", values: { name: "gangway-memory-secrets-ab" } });

  test.each<[json: unknown, name: string | undefined]>([
    [ended("apply_errored", "delete"), "gangway-memory-secrets-ab"],
    [ended("apply_errored", "create"), undefined],
    [ended("apply_complete", "delete"), undefined],
    [ended("apply_errored", "delete", "docker_volume.unknown"), undefined],
    [ended("apply_errored", "delete", "docker_container.memory_1"), undefined],
    [{ type: "version" }, undefined],
  ])("is found in the events of Terraform: %#", (json, name) => {
    expect(heldIn(json, known)?.name).toBe(name);
  });

  test("is told with what holds it", async () => {
    const { ask } = engine([], { "ps --all --filter volume=v": "backup\nother\n" });
    expect(await holdersOf({ kind: "volume", name: "v" }, ask)).toBe(
      "the volume v is used by backup, other. If you need them no more: docker rm -f backup other, and try again",
    );
  });

  test.each([
    ["nothing holds it any more", ""],
    ["the engine does not answer", new Error("Cannot connect to the Docker daemon")],
  ])("is not told where %s", async (_, answer) => {
    const { ask } = engine([], { "ps --all --filter volume=v": answer });
    expect(await holdersOf({ kind: "volume", name: "v" }, ask)).toBeUndefined();
  });
});

describe("a look at the end", () => {
  const AT_ONCE = { patience: 0, secondLook: 0.01 };
  const services = [
    { name: "memory", url: "http://127.0.0.1:8082/mcp", state: "up" },
    { name: "coda", url: "http://127.0.0.1:8083/mcp", state: "needs", needs: "CODA_API_TOKEN" },
  ] as const;
  const test1 = ["CMD", "node", "-e", "ready"];

  test.each<[what: string, container: ReturnType<typeof inspected>, execs: string | Error, said: string]>([
    ["one that answers", inspected("a", { service: "memory", test: test1 }), "", "ready"],
    ["one without a check", inspected("a", { service: "memory" }), "", "ready"],
    [
      "one that does not answer",
      inspected("a", { service: "memory", test: test1 }),
      new Error("exit 1"),
      "runs, and is not ready",
    ],
    [
      "a loop",
      inspected("a", { service: "memory", state: { Running: true, Restarting: true, ExitCode: 3 }, restarts: 9 }),
      "",
      "ends and is started again, 9 times by now (exit code 3)",
    ],
    [
      "one that has ended",
      inspected("a", { service: "memory", state: { Running: false, ExitCode: 137 } }),
      "",
      "does not run (exit code 137)",
    ],
    [
      "one that is stopped",
      inspected("a", { service: "memory", state: { Running: false } }),
      "",
      "does not run (exit code 0)",
    ],
    [
      "one that never runs",
      inspected("a", { service: "memory", state: { Running: false }, restart: "no" }),
      "",
      "ready",
    ],
  ])("shows %s", async (_what, container, execs, said) => {
    const { ask } = engine([container], { exec: execs, logs: '{"level":"error","msg":"no key"}\n' });
    const seen = await lookAt("d", ask, AT_ONCE);
    expect(table(services, seen)[0]).toMatch(
      new RegExp(`^memory +${said.replaceAll(/[()]/g, "\\$&")} +http://127.0.0.1:8082/mcp$`),
    );
    expect(isWell(services, seen)).toBe(said === "ready");
    const words = await lastWords(seen, ask);
    const expected = [`a-name ${said}. Its log ends with:`, expect.stringContaining("no key")];
    expect(words).toEqual(said === "ready" ? [] : expected);
  });

  test("looks twice at what was started again: between two ends of it, it runs", async () => {
    const [calm, loop] = [3, 4].map((next) => {
      const looks = [3, next, next].map((restarts) => [inspected("a", { service: "memory", restarts })]);
      return (words: readonly string[]) =>
        Promise.resolve(words[0] === "inspect" ? JSON.stringify(looks.shift()) : "a");
    });
    expect(isWell(services, await lookAt("d", calm!, AT_ONCE))).toBe(true);
    expect(table(services, await lookAt("d", loop!, AT_ONCE))[0]).toContain(
      "ends and is started again, 4 times by now",
    );
  });

  test("shows a service that should have a container and has none, and what needs a secret", async () => {
    const seen = await lookAt("d", engine([]).ask, AT_ONCE);
    expect(table(services, seen)).toEqual([
      expect.stringContaining("has no container"),
      expect.stringContaining("needs CODA_API_TOKEN"),
    ]);
    expect(isWell(services, seen)).toBe(false);
  });

  test("shows a part that is no service when something is wrong with it", async () => {
    const all = [inspected("m", { service: "memory" }), inspected("proxy", { state: { Running: false } })];
    const seen = await lookAt("d", engine(all).ask, AT_ONCE);
    expect(table(services, seen).at(-1)).toMatch(/^proxy-name +does not run/);
    expect(isWell(services, seen)).toBe(false);
  });

  test("reads checks as Docker writes them", () => {
    const checks = [["CMD", "a", "b"], ["CMD-SHELL", "a || b"], ["NONE"], undefined].map(
      (test) => readContainers([inspected("x", test && { test })])[0]!.check,
    );
    expect(checks).toEqual([["a", "b"], ["sh", "-c", "a || b"], undefined, undefined]);
  });
});

describe("networks whose names are taken", () => {
  const known = readKnown({
    resource_changes: [
      {
        address: "docker_network.p",
        type: "docker_network",
        change: { actions: ["create"], after: { name: "proxy" } },
      },
    ],
  });

  test("are somebody else's, with what runs on them, or left over from a deploy of ours", async () => {
    const [theirs] = await takenNetworks("d", known, there(null));
    expect(theirs).toMatchObject({ address: "docker_network.p", id: "n1", isOurs: false, containers: ["traefik"] });
    expect(notAsked([theirs!])).toMatch(/a network called proxy already \(with traefik on it\)[^]*ADOPT=true/);
    expect(notAsked([theirs!])).not.toContain("network rm");
    expect((await takenNetworks("d", known, there({ "gangway.deployment": "d" })))[0]?.isOurs).toBe(true);
    expect(await takenNetworks("d", known, engine([], { "network ls": "bridge\n" }).ask)).toEqual([]);
  });
});

describe("a plan says what its list does not show", () => {
  test("the proxy is away while it is replaced", () => {
    const proxy = { name: "nginx-proxy" };
    expect(noticesFor("docker_container.nginx-proxy_1", ["delete", "create"], proxy, proxy).join()).toMatch(
      /calls fail/,
    );
    expect(noticesFor("docker_container.nginx-proxy_1", ["update"], proxy, proxy)).toEqual([]);
  });

  test("a volume with another name is another volume, without the data", () => {
    const [was, is] = [container("m", "gangway-memory"), container("m", "gangway-notes")];
    expect(noticesFor("docker_container.m", ["create", "delete"], was, is)).toEqual([
      expect.stringMatching(/^memory: \/data is in the volume gangway-notes from now on.*-v gangway-memory:\/from:ro/),
    ]);
    expect(noticesFor("docker_container.m", ["create", "delete"], was, was)).toEqual([]);
  });

  test("what a removed service leaves, with how to remove that, and never a volume of secrets", () => {
    expect(noticesFor("docker_container.m", ["delete"], container("m", "gangway-memory"), null)).toEqual([
      "memory is removed. Its data stays; to delete it for ever: docker volume rm gangway-memory",
    ]);
  });

  test("and a destroy names what goes and what stays", () => {
    const changes = readChanges("local", {
      resource_changes: [
        {
          address: "docker_container.m",
          change: { actions: ["delete"], before: container("memory-1", "gangway-memory"), after: null },
        },
        { address: "docker_image.i", change: { actions: ["delete"], before: {}, after: null } },
        { address: "terraform_data.gate", change: { actions: ["delete"], before: {}, after: null } },
      ],
    });
    expect(removalOf("local", { changes, strays: [], notices: [] })).toBe(
      "local: this removes\n  - containers: memory-1\nImages stay: docker image prune -a removes all that nothing uses.\n" +
        "! memory is removed. Its data stays; to delete it for ever: docker volume rm gangway-memory",
    );
  });
});

test.each([
  [
    'Error: Error pinging Docker server: error during connect: Get "http://docker.example.com/_ping": command [ssh -o a ssh://root@192.0.2.1:22] has exited with exit status 255: host ssh://root@192.0.2.1:22 stderr=root@192.0.2.1: Permission denied (publickey).',
    /^ssh:\/\/root@192.0.2.1:22 does not admit your SSH key/,
  ],
  [
    "Error pinging Docker server ssh://root@192.0.2.1:2222 stderr=@@@ WARNING: REMOTE HOST IDENTIFICATION HAS CHANGED! @@@",
    /has another host key than before.*ssh-keygen -R '\[192.0.2.1\]:2222'/,
  ],
  ["Error pinging Docker server: Cannot connect to the Docker daemon at unix:///x.sock", /^Docker does not answer/],
  [
    "GET https://api.digitalocean.com/v2/account: 401 Unable to authenticate you",
    /^DigitalOcean refuses DIGITALOCEAN_TOKEN/,
  ],
  ['403 Forbidden {"code":10000,"message":"Authentication error"}', /^Cloudflare refuses CLOUDFLARE_API_TOKEN/],
])("a provider that does not get through: the reason comes first, in one line: %#", (said, advice) => {
  expect(connectionAdvice(said)).toMatch(advice);
  expect(connectionAdvice(said)!.length).toBeLessThan(300);
  expect(connectionAdvice("Error: no such image")).toBeUndefined();
});

describe("a token that was refreshed at Cloudflare", () => {
  const known = state(
    { address: "terraform_remote_state.edge", values: { outputs: { host: "192.0.2.1", tunnelId: "tunnel" } } },
    { address: "docker_volume.cloudflared-secrets_volume_1", values: { name: "v" } },
    { address: "docker_container.nginx-proxy_container_1", values: { id: "p", image: "sha256:1" } },
    { address: "docker_container.cloudflared_container_1", values: { id: "c" } },
    { address: "terraform_data.cloudflared-secrets_written_1", values: {} },
  );
  const { ask } = engine([], { run: `${digest("old")}  /secrets/CF_TUNNEL_TOKEN\n` });

  test("replaces the connector and what writes its token, and nothing else", async () => {
    const found = await refreshedToken({ known }, settings(), ask, () => Promise.resolve("new"));
    expect(found?.addresses).toEqual([
      "terraform_data.cloudflared-secrets_written_1",
      "docker_container.cloudflared_container_1",
    ]);
    expect(await refreshedToken({ known }, settings(), ask, () => Promise.resolve("old"))).toBeUndefined();
  });

  test("is not looked for where the token is set, or nobody has a tunnel", async () => {
    expect(await refreshedToken({ known }, settings({ CF_TUNNEL_TOKEN: "x" }), ask, never)).toBeUndefined();
    expect(await refreshedToken({ known: state() }, settings(), ask, never)).toBeUndefined();
  });
});
