import { describe, expect, test } from "vitest";
import { serverOptions } from "../gateways/config.ts";
import { defineServices } from "./catalog/define.ts";
import type { ServiceEntry } from "./catalog/entry.ts";
import { group } from "./catalog/kinds/group.ts";
import { http } from "./catalog/kinds/http.ts";
import { synthesizeLocal, synthToken } from "./fixtures/synth.ts";
import { secretsOf } from "./secrets.ts";
import { readSettings } from "./settings.ts";
import { serviceToken } from "./tokens.ts";

const upstream = (port: number, more: Partial<ServiceEntry> = {}): ServiceEntry => ({
  server: http("https://example.org/mcp"),
  port,
  ...more,
});

const entries = {
  notes: upstream(8081),
  coda: upstream(8080, { secrets: ["CODA_API_TOKEN"] }),
  "queries-mcp": upstream(8082, { secrets: ["DSN"], optional: true }),
  alone: upstream(8083),
  team: { server: group(["coda", "notes", "queries-mcp"]), port: 8090, requestTimeout: "5m" },
} satisfies Record<string, ServiceEntry>;

const env = { CODA_API_TOKEN: "the-secret-of-coda", DSN: "the-secret-of-queries" };
const local = synthesizeLocal(entries, env);
const container = local.resource("team/container");
const network = (name: string) => local.resource(`${name}/container`)["networks_advanced"] as { name: string }[];

/** The variables of a group's container, in a deployment with these values. */
const groupIn = (values: Record<string, string>) =>
  (synthesizeLocal(entries, values).resource("team/container")["env"] as string[]).find((line) =>
    line.startsWith("SERVER_GROUP="),
  );

describe("the gateway of a group", () => {
  test("reaches its members under the names that no release changes, as the gateway reads them", () => {
    const [, value = ""] = /^SERVER_GROUP=(.*)$/.exec(groupIn(env) ?? "") ?? [];
    expect(serverOptions.group.read(value)).toEqual([
      { name: "coda", url: "http://coda-mcp-gateway:8080/mcp" },
      { name: "notes", url: "http://notes-mcp-gateway:8081/mcp" },
      { name: "queries-mcp", url: "http://queries-mcp-gateway:8082/mcp" },
    ]);
    for (const name of ["coda", "notes"])
      expect(local.resource(`${name}/container`)["env"].join("\n")).toContain(`,${name}-mcp-gateway\n`);
  });

  test("is on a network with them", () => {
    const [own] = network("team").map(({ name }) => name);
    for (const name of ["coda", "notes", "queries-mcp"]) expect(network(name).map(({ name }) => name)).toContain(own);
  });

  test("has a port, a host name, a gate and options like any other service", () => {
    expect(local.paths("docker_container")).toContain("team-port/container");
    expect(container["env"]).toEqual(
      expect.arrayContaining(["VIRTUAL_HOST=team.localhost", "VIRTUAL_PORT=8090", "REQUEST_TIMEOUT=5m"]),
    );
    expect(local.resource("team/gate")["provisioner"][0]["local-exec"].command).toMatch(/ --timeout 120 --grace 120$/);
  });

  test("finds the token for them in a file", () => {
    expect(container["env"]).toContain("SERVER_TOKEN_FILE=/run/gangway/SERVER_TOKEN");
    expect(JSON.stringify(local.resource("team/secrets/written"))).toContain("--names MCP_TOKEN_DIGESTS,SERVER_TOKEN");
  });
});

describe("the token of a group", () => {
  const settings = readSettings([], { env: { MCP_BEARER_TOKEN: `${synthToken}\nolder`, ...env }, file: "/nowhere" });
  const services = defineServices(entries);
  const token = serviceToken(synthToken, "team");
  const digestsOf = (name: keyof typeof entries) =>
    secretsOf(services[name], settings, "local").get("MCP_TOKEN_DIGESTS")!.split("\n");

  test("is its own, which opens its members and nothing else: no container has a master", () => {
    const given = secretsOf(services.team, settings, "local");
    expect([...given.keys()]).toEqual(["MCP_TOKEN_DIGESTS", "SERVER_TOKEN"]);
    expect(given.get("SERVER_TOKEN")).toBe(token);
    const [ofTeam] = digestsOf("team").slice(1);
    for (const name of ["coda", "notes", "queries-mcp"] as const) expect(digestsOf(name)).toContain(ofTeam);
    expect(digestsOf("alone")).not.toContain(ofTeam);
  });

  test("opens them while a master is replaced: that of an older one still does", () => {
    for (const digest of digestsOf("team").filter((_, at) => at % 2 === 1)) expect(digestsOf("coda")).toContain(digest);
  });

  test("is nowhere in what is synthesized, and neither is a master", () => {
    for (const secret of [token, synthToken, ...Object.values(env)]) expect(local.text).not.toContain(secret);
  });
});

describe("a member that is not deployed", () => {
  test("for want of its secret is left out of the group, which is said, also of one that nothing asks for", () => {
    const { said } = synthesizeLocal(entries);
    expect(said).toEqual([
      "local is without coda: it needs CODA_API_TOKEN",
      "local: team is without coda, which needs CODA_API_TOKEN",
      "local: team is without queries-mcp, which needs DSN",
    ]);
    expect(groupIn({})).toBe("SERVER_GROUP=notes=http://notes-mcp-gateway:8081/mcp");
  });

  test("and is the only one leaves nothing to serve: the group is left out, too", () => {
    const { coda, "queries-mcp": queries } = entries;
    const two = { coda, "queries-mcp": queries, team: { server: group(["coda", "queries-mcp"]), port: 1 } };
    const { said, paths } = synthesizeLocal({ ...two, alone: entries.alone });
    expect(said).toEqual([
      "local is without coda: it needs CODA_API_TOKEN",
      "local is without team: it needs coda or queries-mcp",
    ]);
    expect(paths("docker_container")).not.toContain("team/container");
  });
});

test("SERVICES with a group in it picks its members, too", () => {
  const { said, paths } = synthesizeLocal(entries, { ...env, SERVICES: "team" });
  const deployed = paths("docker_container").filter((path) => !/^nginx-proxy|-port\//.test(path));
  expect([said, deployed]).toEqual([[], ["coda", "notes", "queries-mcp", "team"].map((name) => `${name}/container`)]);
});

test("a group changes nothing of a service that is not in it", () => {
  const { team: _, ...others } = entries;
  const without = synthesizeLocal(others, env);
  for (const path of ["alone/container", "alone/secrets/volume", "nginx-proxy/container"])
    expect(without.resource(path), path).toEqual(local.resource(path));
});
