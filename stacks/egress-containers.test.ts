import { describe, expect, test } from "vitest";
import type { ServiceEntry } from "./catalog/entry.ts";
import { app } from "./catalog/kinds/app.ts";
import { http } from "./catalog/kinds/http.ts";
import { npm } from "./catalog/kinds/npm.ts";
import { synthesizeLocal } from "./fixtures/synth.ts";

const server = npm("@modelcontextprotocol/server-memory@2026.8.31");
const database = app({ image: "postgres:18.4", port: 5432, public: false, network: "own" });

const entries = {
  database,
  none: { server, port: 1001, egress: "none" },
  listed: { server, port: 1002, egress: ["api.example.com", "nas.lan:445"] },
  reaching: { server, port: 1003, egress: "none", reaches: ["database"] },
  any: { server, port: 1004, reaches: ["database"] },
  upstream: { server: http("https://example.org/mcp"), port: 1005 },
} satisfies Record<string, ServiceEntry>;

const local = synthesizeLocal(entries);
const container = (path: string) => local.resource(`${path}/container`);
const configuration = (service: string) => (container(`${service}-egress`)["env"] as string[]).join("\n");
const networksOf = (path: string) =>
  ((container(path)["networks_advanced"] ?? []) as { name: string }[]).map(
    ({ name }) => /docker_network\.networks_(.+)_\w+\.name/.exec(name)?.[1],
  );

describe("a server's container", () => {
  test.each(["none", "listed", "reaching"])("is on no network, if its entry limits what it reaches: %s", (name) => {
    expect(container(`${name}/server`)).toMatchObject({ network_mode: "none", dns: ["127.0.0.1"], init: true });
    expect(networksOf(`${name}/server`)).toEqual([]);
    expect(container(`${name}/server`)["capabilities"]).toEqual({ drop: ["ALL"] });
  });

  test("is never on a network of gateways or of the proxy", () => {
    for (const name of ["none", "listed", "reaching", "any"]) {
      expect(networksOf(`${name}/server`)).not.toContain("syncbricks");
      expect(networksOf(`${name}/server`)).not.toContain("proxy");
    }
    expect(networksOf("any/server")).toEqual(["egress", "database-network"]);
  });

  test("has no more rights than it needs to close itself off", () => {
    expect(container("any/server")).toMatchObject({
      user: "root",
      capabilities: { drop: ["ALL"], add: ["CAP_NET_ADMIN", "CAP_SETGID", "CAP_SETUID"] },
      security_opts: ["no-new-privileges:true"],
      read_only: true,
    });
  });

  test("is on a network on which containers cannot talk to each other", () => {
    expect(local.resource("networks/egress")["options"]).toEqual({ "com.docker.network.bridge.enable_icc": "false" });
  });
});

describe("a proxy", () => {
  test("is there for a list, and for an app that is reached from no network; for nothing else", () => {
    const proxies = local.paths("docker_container").filter((path) => path.includes("-egress/"));
    expect(proxies).toEqual(["listed-egress/container", "reaching-egress/container"]);
    expect(networksOf("listed-egress")).toEqual(["egress"]);
    expect(networksOf("reaching-egress")).toEqual(["egress", "database-network"]);
  });

  test("connects each socket to its host alone, never to where a cloud tells its secrets", () => {
    const sockets = [...configuration("listed").matchAll(/bind unix@(\S+)/g)].map(([, path]) => path);
    expect(sockets).toEqual(["/run/egress/api.example.com:443", "/run/egress/nas.lan:445"]);
    expect(configuration("reaching")).toContain("bind unix@/run/egress/database:5432");
    const refused = [...configuration("listed").matchAll(/reject if \{ var\(sess\.address\) -m ip (.*) \}/g)];
    expect(refused.map(([, networks]) => networks?.includes("169.254.0.0/16"))).toEqual([true, true]);
    expect(refused.map(([, networks]) => networks?.includes("10.0.0.0/8"))).toEqual([true, false]);
  });

  test("shares its sockets with its server alone, which cannot write there", () => {
    const [{ source }] = container("listed-egress")["mounts"] as [{ source: string }];
    const having = local
      .paths("docker_container")
      .filter((path) => JSON.stringify(local.resource(path)["mounts"] ?? []).includes(source));
    expect(having).toEqual(["listed-egress/container", "listed/server/container"]);
    expect(container("listed/server")["mounts"]).toContainEqual(
      expect.objectContaining({ source, target: "/run/egress", read_only: true }),
    );
  });

  test("is all that a changed list changes", () => {
    const more = { ...entries, listed: { ...entries.listed, egress: ["other.example.com"] } } satisfies typeof entries;
    const after = synthesizeLocal(more);
    const changed = local
      .paths("docker_container")
      .filter((path) => JSON.stringify(after.resource(path)) !== JSON.stringify(local.resource(path)));
    expect(changed).toEqual(["listed-egress/container"]);
  });

  test("is there before its server, which is there before the gateway", () => {
    expect(container("listed/server")["depends_on"]).toEqual([
      expect.stringMatching(/docker_container\.listed-egress_container_/),
    ]);
  });
});
