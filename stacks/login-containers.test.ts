import { describe, expect, test } from "vitest";
import type { ServiceEntry } from "./catalog/entry.ts";
import { defineServices } from "./catalog/define.ts";
import { group } from "./catalog/kinds/group.ts";
import { app } from "./catalog/kinds/app.ts";
import { http } from "./catalog/kinds/http.ts";
import { npm } from "./catalog/kinds/npm.ts";
import { type Synthesized, synthesizeLocal, synthToken } from "./fixtures/synth.ts";
import { resourcesOf } from "./logins.ts";
import { secretsOf } from "./secrets.ts";
import { readSettings } from "./settings.ts";
import { introspectionSecret } from "./tokens.ts";

const pkg = npm("@modelcontextprotocol/server-memory@2026.8.31");
const entries = {
  memory: { server: pkg, port: 8082, auth: ["oauth", "bearer"] },
  notes: { server: pkg, port: 8083, auth: "oauth" },
  plain: { server: http("https://example.org/mcp"), port: 8084 },
  n8n: app({ image: "n8nio/n8n:2.41.3", port: 5678 }),
} satisfies Record<string, ServiceEntry>;

const local = synthesizeLocal(entries);

const environmentOf = ({ resource }: Synthesized, path: string): Record<string, string> =>
  Object.fromEntries((resource(path)["env"] as string[]).map((pair) => pair.split(/=(.*)/s).slice(0, 2)));

const gatewayOf = (synthesized: Synthesized, name: string) => environmentOf(synthesized, `${name}/container`);

describe("the authorization server", () => {
  const container = local.resource("auth/container");

  test("is there once as soon as callers of a service log in, and not before", () => {
    expect(local.paths("docker_container").filter((path) => path.startsWith("auth"))).toEqual([
      "auth-port/container",
      "auth/container",
    ]);
    const without = synthesizeLocal({ plain: entries.plain });
    expect(without.text).not.toMatch(/auth-server|gangway-auth|AUTH_/);
  });

  test("may do next to nothing on its host", () => {
    expect(container).toMatchObject({
      read_only: true,
      tmpfs: { "/tmp": "size=64m" },
      security_opts: ["no-new-privileges:true"],
      capabilities: { drop: ["ALL"] },
      memory: 256,
      memory_swap: 256,
      restart: "unless-stopped",
    });
    for (const absent of ["ports", "privileged", "user"]) expect(container).not.toHaveProperty(absent);
    expect(container["healthcheck"].test.at(-1)).toContain("http://127.0.0.1:8078/health");
  });

  test("is reached by gateways under one name, whatever its release is called", () => {
    expect(container["networks_advanced"]).toEqual([
      { aliases: ["auth"], name: local.resource("memory/container")["networks_advanced"][0].name },
    ]);
    expect(container["name"]).toBe("auth-${substr(uuid(), 0, 8)}");
  });

  test("runs beside the previous one until it has passed the gate", () => {
    expect(container["lifecycle"]).toMatchObject({ create_before_destroy: true, ignore_changes: ["name"] });
    const { command } = local.resource("auth/gate")["provisioner"][0]["local-exec"];
    expect(command).toMatch(/gate\.ts --service auth .* --port 8078 .* --grace 0 --ask health$/);
  });

  test("keeps what it has given out in a volume, and has its URL, its proxy and the file of services", () => {
    expect(container["mounts"]).toEqual([
      { type: "volume", target: "/run/resources", source: expect.stringContaining("auth_resources"), read_only: true },
      { type: "volume", target: "/state", source: "gangway-auth-state" },
    ]);
    expect(gatewayOf(local, "auth")).toEqual({
      ISSUER: "http://127.0.0.1:8078",
      HOST: "0.0.0.0",
      PORT: "8078",
      DATA_DIR: "/state",
      RESOURCES_FILE: "/run/resources/resources.json",
      TRUSTED_PROXIES: "nginx-proxy",
      DRAIN_DELAY: "12s",
      VIRTUAL_HOST: "auth.localhost",
      VIRTUAL_PORT: "8078",
    });
  });

  test("has its port on this machine, which AUTH_PORT moves, in every URL too", () => {
    const moved = synthesizeLocal(entries, { AUTH_PORT: "7078" });
    expect(moved.resource("auth-port/container")["ports"][0]).toMatchObject({ external: 7078, ip: "127.0.0.1" });
    expect(gatewayOf(moved, "auth")).toMatchObject({ ISSUER: "http://127.0.0.1:7078", PORT: "8078" });
    expect(gatewayOf(moved, "memory")).toMatchObject({ AUTH_ISSUER: "http://127.0.0.1:7078" });
  });

  test("is told where a form came from as the browser says it: it knows itself by its port", () => {
    const [auth, memory] = ["auth", "memory"].map((name) => environmentOf(local, `${name}-port/container`));
    expect(auth?.["CONFIGURATION"]).not.toContain("http://auth.localhost");
    expect(memory?.["CONFIGURATION"]).toContain("http://memory.localhost;");
  });

  test("is not restarted by a service that is added: only its file is written again", () => {
    const more = synthesizeLocal({ ...entries, late: { server: pkg, port: 8099, auth: "oauth" } });
    for (const path of ["auth/container", "auth/mounts", "auth/gate", "auth-image/image", "auth/resources"])
      expect(more.resource(path), path).toEqual(local.resource(path));
    const [before, after] = [local, more].map(({ resource }) => resource("auth/written")["triggers_replace"]);
    expect(after.resources).not.toBe(before.resources);
    expect(synthesizeLocal(entries).resource("auth/written")).toEqual(local.resource("auth/written"));
  });

  test("is held at an earlier image by a pin, like a service", () => {
    const pinned = synthesizeLocal(entries, {}, { local: { auth: { auth: "0123456789abcdef" } } });
    expect(Object.values(pinned.json["data"].docker_image)).toMatchObject([
      { name: "localhost/gangway/auth:0123456789abcdef" },
    ]);
    expect(pinned.paths("docker_image")).not.toContain("auth-image/image");
  });

  test("is told of another provider's login, whose secret is a file", () => {
    const upstream = { UPSTREAM_ISSUER: "github", UPSTREAM_CLIENT_ID: "me", UPSTREAM_ALLOW: "@example.org" };
    const secret = "the-secret-at-github";
    const other = synthesizeLocal(entries, { ...upstream, UPSTREAM_CLIENT_SECRET: secret });
    expect(gatewayOf(other, "auth")).toMatchObject({
      ...upstream,
      UPSTREAM_CLIENT_SECRET_FILE: "/run/gangway/UPSTREAM_CLIENT_SECRET",
    });
    expect(other.text).not.toContain(secret);
    expect(JSON.stringify(other.resource("auth-secrets/written"))).toContain("--names UPSTREAM_CLIENT_SECRET");
    const changed = synthesizeLocal(entries, { ...upstream, UPSTREAM_CLIENT_SECRET: "another" });
    expect(changed.resource("auth-secrets/volume")["name"]).not.toBe(other.resource("auth-secrets/volume")["name"]);
  });
});

describe("a gateway whose callers log in", () => {
  test("has the issuer, where it asks about tokens, and the URL that we print", () => {
    expect(gatewayOf(local, "notes")).toMatchObject({
      AUTH: "oauth",
      AUTH_ISSUER: "http://127.0.0.1:8078",
      AUTH_SERVER: "http://auth:8078",
      AUTH_SECRET_FILE: "/run/gangway/AUTH_SECRET",
      PUBLIC_URL: "http://127.0.0.1:8083/mcp",
      ALLOWED_HOSTS: "notes.localhost,notes-mcp-gateway",
      VIRTUAL_HOST: "notes.localhost",
    });
    expect(gatewayOf(local, "notes")).not.toHaveProperty("KEY_HOSTS");
    expect(local.paths("docker_container")).not.toContain("notes-key-port/container");
  });

  test("and may show a token has a host name, and a port here, of its own for that", () => {
    expect(gatewayOf(local, "memory")).toMatchObject({
      AUTH: "oauth,bearer",
      KEY_HOSTS: "memory-key.localhost",
      ALLOWED_HOSTS: "memory.localhost,memory-key.localhost,memory-mcp-gateway",
      VIRTUAL_HOST: "memory.localhost,memory-key.localhost",
    });
    const { ports, env, name } = local.resource("memory-key-port/container");
    expect([name, ports]).toEqual(["memory-key-port", [{ external: 9082, internal: 8080, ip: "127.0.0.1" }]]);
    expect(env[0]).toContain("proxy_set_header Host memory-key.localhost;");
  });

  test("gives its server nothing of that", () => {
    expect(gatewayOf(local, "memory")["SERVER_ENV"]).toBeUndefined();
  });

  test("starts after the authorization server has been told of it", () => {
    const written = /terraform_data\.auth_written_\w+/;
    expect(JSON.stringify(local.resource("memory/container")["depends_on"])).toMatch(written);
    expect(JSON.stringify(local.resource("plain/container")["depends_on"])).not.toMatch(written);
  });

  test("changes nothing of one whose callers show a token alone", () => {
    const alone = synthesizeLocal({ plain: entries.plain });
    for (const path of ["plain/container", "plain/secrets/volume", "plain-port/container", "nginx-proxy/container"])
      expect(local.resource(path), path).toEqual(alone.resource(path));
  });
});

const settings = (env: Record<string, string> = {}) =>
  readSettings([], { env: { MCP_BEARER_TOKEN: synthToken, ...env }, file: "/nowhere" });

describe("a gateway's secret at the authorization server", () => {
  const { memory, notes } = defineServices(entries);

  test("is in no plan and no state, but a file of that service's alone, and another one for each", () => {
    const secrets = [memory, notes].map((service) => secretsOf(service, settings(), "local").get("AUTH_SECRET"));
    expect(secrets).toEqual(["memory", "notes"].map((name) => introspectionSecret(synthToken, name)));
    for (const secret of secrets) expect(local.text).not.toContain(secret);
    expect(secretsOf(defineServices(entries).plain, settings(), "local").has("AUTH_SECRET")).toBe(false);
  });

  test("leaves its place to the newest master, while those of older ones are still known", () => {
    const rotating = settings({ MCP_BEARER_TOKEN: `newer-${synthToken}\n${synthToken}` });
    const [known] = resourcesOf([memory], rotating, "local", () => "http://127.0.0.1:8082/mcp");
    const digestBefore = resourcesOf([memory], settings(), "local", () => "")[0]!.secretDigests[0];
    expect(known?.secretDigests).toHaveLength(2);
    expect(known?.secretDigests).toContain(digestBefore);
    expect(secretsOf(memory, rotating, "local").get("AUTH_SECRET")).toBe(
      introspectionSecret(`newer-${synthToken}`, "memory"),
    );
  });

  test("is known to the authorization server as a digest", () => {
    const all = resourcesOf([memory, notes], settings(), "local", ({ name }) => `https://${name}.example.org/mcp`);
    expect(all.map(({ service, urls }) => [service, urls])).toEqual([
      ["memory", ["https://memory.example.org/mcp"]],
      ["notes", ["https://notes.example.org/mcp"]],
    ]);
    for (const { secretDigests } of all) expect(secretDigests).toEqual([expect.stringMatching(/^[0-9a-f]{64}$/)]);
    expect(JSON.stringify(all)).not.toContain(introspectionSecret(synthToken, "memory"));
  });
});

describe("without a token for callers", () => {
  test("no token opens a service, master or not", () => {
    const { notes, memory } = defineServices(entries);
    expect([...secretsOf(notes, settings(), "local").keys()]).toEqual(["AUTH_SECRET"]);
    expect(gatewayOf(local, "notes")).not.toHaveProperty("MCP_TOKEN_DIGESTS_FILE");
    expect(secretsOf(memory, settings(), "local").get("MCP_TOKEN_DIGESTS")?.split("\n")).toHaveLength(2);
  });

  test("a group still reaches its members, with its own token, and by a name that nobody outside has", () => {
    const grouped = { ...entries, team: { server: group(["notes", "plain"]), port: 8090, auth: "oauth" as const } };
    const synthesized = synthesizeLocal(grouped);
    expect(gatewayOf(synthesized, "notes")).toMatchObject({ AUTH: "oauth,bearer", KEY_HOSTS: "notes-mcp-gateway" });
    const { notes, team } = defineServices(grouped);
    expect(secretsOf(notes, settings(), "local").get("MCP_TOKEN_DIGESTS")?.split("\n")).toHaveLength(1);
    expect(gatewayOf(synthesized, "team")).toMatchObject({ AUTH: "oauth", PUBLIC_URL: "http://127.0.0.1:8090/mcp" });
    expect(resourcesOf([notes, team], settings(), "local", () => "")[0]?.groups).toEqual(["team"]);
  });
});

describe("an issuer of one's own", () => {
  const own = { AUTH_ISSUER: "https://login.example.org", AUTH_AUDIENCE: "api", AUTH_CLAIM: "email" };

  test("needs no container of ours, and every gateway is told of it", () => {
    const other = synthesizeLocal(entries, own);
    expect(other.paths("docker_container").filter((path) => path.startsWith("auth"))).toEqual([]);
    expect(gatewayOf(other, "memory")).toMatchObject({
      AUTH: "oauth,bearer",
      ...own,
      KEY_HOSTS: "memory-key.localhost",
    });
    for (const name of ["AUTH_SERVER", "AUTH_SECRET_FILE"]) expect(gatewayOf(other, "memory")).not.toHaveProperty(name);
  });

  test("of one entry is that service's alone", () => {
    const mixed = { ...entries, notes: { ...entries.notes, authIssuer: "https://one.example.org" } };
    const synthesized = synthesizeLocal(mixed);
    expect(gatewayOf(synthesized, "notes")).toMatchObject({ AUTH_ISSUER: "https://one.example.org" });
    expect(gatewayOf(synthesized, "memory")).toMatchObject({ AUTH_ISSUER: "http://127.0.0.1:8078" });
    const alone = synthesizeLocal({ notes: mixed.notes });
    expect(alone.paths("docker_container")).not.toContain("auth/container");
  });
});

describe("AUTH", () => {
  test("is said of every service that does not say otherwise", () => {
    const all = { ...entries, told: { ...entries.plain, port: 8085, auth: "bearer" as const } };
    const synthesized = synthesizeLocal(all, { AUTH: "oauth" });
    expect(gatewayOf(synthesized, "plain")).toMatchObject({ AUTH: "oauth", PUBLIC_URL: "http://127.0.0.1:8084/mcp" });
    expect(gatewayOf(synthesized, "told")).toMatchObject({ AUTH: "bearer" });
    expect(gatewayOf(synthesized, "told")).not.toHaveProperty("AUTH_ISSUER");
    expect(environmentOf(synthesized, "n8n/container")).not.toHaveProperty("AUTH");
  });
});
