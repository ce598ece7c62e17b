import { describe, expect, test } from "vitest";
import type { ServiceEntry } from "./catalog/entry.ts";
import { app } from "./catalog/kinds/app.ts";
import { command } from "./catalog/kinds/command.ts";
import { group } from "./catalog/kinds/group.ts";
import { http } from "./catalog/kinds/http.ts";
import { image } from "./catalog/kinds/image.ts";
import { npm } from "./catalog/kinds/npm.ts";
import { sse } from "./catalog/kinds/sse.ts";
import { type Synthesized, synthesizeLocal } from "./fixtures/synth.ts";

const memory = npm("@modelcontextprotocol/server-memory@2026.8.31");

/** A service of every kind; the first four are processes. */
const entries = {
  memory: { server: memory, port: 8082, volumes: { "/data": "memory" }, env: { PLAIN: "a-plain-value" }, memory: 384 },
  own: { server: command(["node", "stacks/fixtures/server/main.js", "a b"]), port: 8090, secrets: ["OWN_TOKEN"] },
  binary: { server: image("example/program:v1", ["/program", "stdio"]), port: 8091, reaches: ["database"] },
  verified: {
    server: memory,
    port: 8092,
    secrets: ["API_TOKEN"],
    auth: "verify",
    verify: "./stacks/fixtures/verifier.mjs",
  },
  coda: { server: http("https://coda.io/apis/mcp"), port: 8080, secrets: ["CODA_TOKEN"], reaches: ["database"] },
  older: { server: sse("https://example.org/sse"), port: 8081 },
  team: { server: group(["memory", "coda"]), port: 8083 },
  database: app({ image: "example/database:1", port: 5432, public: false, network: "own" }),
} satisfies Record<string, ServiceEntry>;

const processes = ["binary", "memory", "own", "verified"];
const env = { OWN_TOKEN: "the-secret-of-own", API_TOKEN: "the-secret-of-verified", CODA_TOKEN: "the-secret-of-coda" };
const local = synthesizeLocal(entries, env);

type Mount = { readonly source: string; readonly target: string; readonly read_only?: boolean };

const server = (name: string, { resource }: Synthesized = local) => resource(`${name}/server/container`);
const mounts = (path: string) => local.resource(path)["mounts"] as readonly Mount[];
const networks = (path: string) =>
  (local.resource(path)["networks_advanced"] as { name: string }[]).map(
    ({ name }) => /networks_(.+)_\w+\.name/.exec(name)?.[1],
  );
const socketOf = (path: string) => mounts(path).find(({ target }) => target === "/run/server");

test("every service that is a process has one container for its server, and no other service has one", () => {
  const found = local.paths("docker_container").filter((path) => path.includes("/server/"));
  expect(found.toSorted()).toEqual(processes.map((name) => `${name}/server/container`));
});

describe.each(processes)("the server of %s", (name) => {
  const path = `${name}/server/container`;
  const text = JSON.stringify(local.resource(path));

  test("shares its socket with its gateway, which cannot write there, and with nobody else", () => {
    const source = socketOf(path)?.source;
    expect(source).toMatch(/_server_socket_/);
    const sharing = local.paths("docker_container").filter((other) => {
      const all = (local.resource(other)["mounts"] ?? []) as readonly Mount[];
      return all.some((mount) => mount.source === source);
    });
    expect(sharing.toSorted()).toEqual([`${name}/container`, path]);
    expect(socketOf(`${name}/container`)).toMatchObject({ source, read_only: true });
    expect(local.resource(`${name}/container`)["env"]).toContain("SERVER_SOCKET=/run/server/socket");
  });

  test("is given neither the gateway's key nor a secret, and is on no network of gateways or of the proxy", () => {
    const targets = mounts(path).map(({ target }) => target);
    expect(targets.filter((target) => ["/state", "/run/gangway"].includes(target))).toEqual([]);
    for (const value of [...Object.keys(env), ...Object.values(env), "a-plain-value", "TOKEN_DIGESTS"])
      expect(text).not.toContain(value);
    expect(networks(path)).toEqual(name === "binary" ? ["egress", "database-network"] : ["egress"]);
  });

  test("may do next to nothing on its host, and has limits of its own", () => {
    const limit = name === "memory" ? 384 : 512;
    expect(local.resource(path)).toMatchObject({
      read_only: true,
      tmpfs: { "/tmp": "size=64m", "/home/node": "size=64m,mode=0700,uid=1000,gid=1000" },
      security_opts: ["no-new-privileges:true"],
      capabilities: { drop: ["ALL"] },
      memory: limit,
      memory_swap: limit,
      cpu_period: 100_000,
      cpu_quota: 100_000,
      restart: "unless-stopped",
    });
    const [own, gateways] = [path, `${name}/container`].map((each) => local.resource(each)["stop_timeout"] as number);
    expect(own).toBeGreaterThan(gateways!); // its runner waits for that to end
    for (const option of ["ports", "privileged"]) expect(local.resource(path)).not.toHaveProperty(option);
    expect(local.resource(`${name}/server/socket`)["driver_opts"]).toEqual({
      type: "tmpfs",
      device: "tmpfs",
      o: "size=64k,nr_inodes=8,mode=0700,uid=1000",
    });
  });

  test("is there before its gateway, and is limited and looked at by the gate of that", () => {
    expect(JSON.stringify(local.resource(`${name}/container`)["depends_on"])).toContain(`.${name}_server_container_`);
    const { command: line } = local.resource(`${name}/gate`)["provisioner"][0]["local-exec"];
    expect(line).toContain(` --server \${docker_container.${name}_server_container_`);
  });
});

test("a gateway is on the shared network alone, and has none of the data: those are its server's", () => {
  for (const name of processes) {
    expect(networks(`${name}/container`)).toEqual(["syncbricks"]);
    expect(mounts(`${name}/container`).map(({ target }) => target)).toEqual(["/run/gangway", "/state", "/run/server"]);
  }
  expect(mounts("memory/server/container").map(({ target }) => target)).toEqual(["/data", "/run/server"]);
  expect(networks("coda/container")).toEqual(["syncbricks", "database-network"]);
});

const imageOf = (name: string) => local.resource(`${name}/container`)["image"] as string;

test("gateways have one image, but for that with a verifier of the project's", () => {
  const [common, ...others] = ["memory", "own", "binary", "coda", "older", "team"].map(imageOf);
  expect(common).toMatch(/docker_image\.gateway-image_/);
  expect(new Set(others)).toEqual(new Set([common]));
  expect(imageOf("verified")).toMatch(/docker_image\.verified-gateway-image_/);
});

test("no image of ours has a name that a registry could answer", () => {
  const names = local.paths("docker_image").flatMap((path) => {
    const { name, build } = local.resource(path) as { name: string; build?: unknown };
    return build === undefined ? [] : [name];
  });
  expect(names).toHaveLength(6);
  for (const name of names) expect(name).toMatch(/^localhost\/gangway\/[a-z-]+:[0-9a-f]{16}$/);
});

/** What a change of `own` changes, of all that Terraform could replace. */
function changed(other: Partial<ServiceEntry>, values: Readonly<Record<string, string>> = env): string[] {
  const after = synthesizeLocal({ ...entries, own: { ...entries.own, ...other } }, values);
  const types = ["docker_container", "docker_image", "docker_volume", "terraform_data"];
  const paths = types.flatMap((type) => after.paths(type).map((path) => path));
  return paths.filter((path) => JSON.stringify(after.resource(path)) !== JSON.stringify(local.resource(path)));
}

describe("of a service that changes, only that is replaced which changes:", () => {
  test.each<[what: string, other: Partial<ServiceEntry>, paths: RegExp]>([
    ["plain values of its environment: the gateway", { env: { A: "b" } }, /^own\/container$/],
    ["an option of the gateway: the gateway", { requestTimeout: "9s" }, /^own\/container$/],
    ["its memory: both", { memory: 640 }, /^own\/(container|server\/(container|settings))$/],
    [
      "the words of its command: both",
      { server: command(["node", "stacks/fixtures/server/main.js"]) },
      /^own\/(container|server\/(container|settings))$/,
    ],
  ])("%s", (_what, other, paths) => {
    const found = changed(other);
    expect(found).not.toEqual([]);
    expect(found.filter((path) => !paths.test(path))).toEqual([]);
  });

  test("the value of a secret: the gateway", () => {
    expect(changed({}, { ...env, OWN_TOKEN: "another" })).toEqual(["own/secrets/volume"]);
  });
});

const snakeCase = (name: string) => name.replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);

test("what replaces a server's container replaces its socket, too: two of them at one would be in each other's way", () => {
  for (const name of processes) {
    const [container, volume] = [server(name), local.resource(`${name}/server/socket`)];
    for (const { lifecycle } of [container, volume])
      expect(lifecycle).toMatchObject({
        create_before_destroy: true,
        ignore_changes: expect.arrayContaining(["name"]), // a plan makes a new one each time
      });
    const [trigger] = volume["lifecycle"].replace_triggered_by as string[];
    expect(trigger).toMatch(new RegExp(`^terraform_data\\.${name}_server_settings_`));
    expect(container["lifecycle"].replace_triggered_by[0]).toBe(trigger);
    const seen = Object.keys(local.resource(`${name}/server/settings`)["triggers_replace"] as object).map(snakeCase);
    const own = ["name", "lifecycle", "depends_on", "//"]; // what a new container has anyway
    expect(seen.toSorted()).toEqual(
      Object.keys(container)
        .filter((key) => !own.includes(key))
        .toSorted(),
    );
  }
});
