import { homedir } from "node:os";
import { describe, expect, test } from "vitest";
import type { ServiceEntry } from "./catalog/entry.ts";
import { app } from "./catalog/kinds/app.ts";
import { command } from "./catalog/kinds/command.ts";
import { http } from "./catalog/kinds/http.ts";
import { npm } from "./catalog/kinds/npm.ts";
import { type Synthesized, synthesizeLocal, synthToken } from "./fixtures/synth.ts";
import { defineServices } from "./catalog/define.ts";
import { secretsOf } from "./secrets.ts";
import { readSettings } from "./settings.ts";
import { asksForToken, serviceToken } from "./tokens.ts";

const entries = {
  memory: {
    server: npm("@modelcontextprotocol/server-memory@2026.8.31"),
    port: 8082,
    volumes: { "/data": "memory" },
    env: { MEMORY_FILE_PATH: "/data/memory.jsonl" },
    isolation: "shared",
    serial: true,
  },
  coda: { server: http("https://coda.io/apis/mcp"), port: 8080, secrets: ["CODA_API_TOKEN"] },
  own: { server: command(["node", "stacks/fixtures/server/main.js", "a b"]), port: 8090, memory: 256 },
  n8n: app({ image: "n8nio/n8n:2.41.3", port: 5678, volumes: { "/home/node/.n8n": "n8n" } }),
} satisfies Record<string, ServiceEntry>;

const env = { CODA_API_TOKEN: "the-secret-of-coda" };
const local = synthesizeLocal(entries, env);

const services = ["coda", "memory", "n8n", "own"];

/** Those of the services that are processes. */
const servers = ["memory/server", "own/server"];
const ofTheProxy = ["nginx-proxy", "nginx-proxy/docker-filter", "nginx-proxy/files"];

const sources = (mounts: { source: string }[]) => mounts.map(({ source }) => source);

/** Of the service `own`, what Docker cannot change in a container that runs. */
const ownParts = ({ resource }: Synthesized) => ({
  env: resource("own/container")["env"] as unknown,
  secrets: resource("own/secrets/volume")["name"] as unknown,
  image: resource("own-image/image")["name"] as unknown,
});

test("has a proxy, a container and a port for each service, one more for each server, and the networks", () => {
  expect(local.paths("docker_container")).toEqual(
    [...ofTheProxy, ...services, ...servers, ...services.map((name) => `${name}-port`)]
      .map((name) => `${name}/container`)
      .toSorted(),
  );
  expect(local.resource("networks/proxy")["name"]).toBe("proxy");
  expect(local.resource("networks/syncbricks")["name"]).toBe("syncbricks");
});

describe("a gateway", () => {
  const container = local.resource("memory/container");

  test("may do next to nothing on its host", () => {
    expect(container).toMatchObject({
      read_only: true,
      init: true,
      tmpfs: { "/tmp": "size=64m" },
      security_opts: ["no-new-privileges:true"],
      capabilities: { drop: ["ALL"] },
      memory: 512,
      memory_swap: 512,
      log_driver: "json-file",
      log_opts: { "max-size": "10m", "max-file": "3" },
      restart: "unless-stopped",
    });
    expect(container).not.toHaveProperty("privileged");
    expect(container).not.toHaveProperty("user"); // its image has one, and is not root
  });

  test("publishes no port, and has its stable name on the network whatever its release is called", () => {
    const { networks_advanced: networks, name } = container;
    expect(container).not.toHaveProperty("ports");
    expect(networks).toEqual([
      { aliases: ["memory-mcp-gateway"], name: "${docker_network.networks_syncbricks_313CDBBD.name}" },
    ]);
    expect(name).toBe("memory-mcp-gateway-${substr(uuid(), 0, 8)}");
    expect(container["lifecycle"].ignore_changes).toEqual(["name"]); // a plan makes a new one each time
  });

  test("is replaced when its mounts change: the provider itself would do nothing", () => {
    const [trigger = ""] = container["lifecycle"].replace_triggered_by as string[];
    expect(trigger).toMatch(/^terraform_data\.memory_mounts_/);
    expect(sources(local.resource("memory/mounts")["triggers_replace"].mounts)).toEqual(sources(container["mounts"]));
  });

  test("keeps serving longer than the proxy remembers a refusal, and has the time for it", () => {
    const { stop_timeout: stop, destroy_grace_seconds: grace, env } = container;
    expect(env).toContain("DRAIN_DELAY=12s");
    expect(stop).toBeGreaterThan(12 + 25);
    expect(grace).toBe(stop);
  });

  test("runs beside the previous one until it has passed the gate", () => {
    const created = { lifecycle: { create_before_destroy: true } };
    for (const path of ["memory/container", "memory/gate", "memory/secrets/volume"])
      expect(local.resource(path), path).toMatchObject(created);
    const gate = local.resource("memory/gate");
    expect(gate["triggers_replace"]).toEqual({
      container: expect.stringMatching(/docker_container\.memory_container_\w+\.id/),
      server: expect.stringMatching(/docker_container\.memory_server_container_\w+\.id/),
    });
    const { command } = gate["provisioner"][0]["local-exec"];
    expect(command).toMatch(/^node \.\.\/\.\.\/\.\.\/stacks\/provision\/gate\.ts --service memory --container \$\{/);
    expect(command).toMatch(/ --port 8082 --timeout 90 --grace 0$/);
  });

  test("is another one when its environment, its secrets or its image change", () => {
    const changed = (other: Partial<ServiceEntry>, values: Record<string, string> = env) =>
      ownParts(synthesizeLocal({ ...entries, own: { ...entries.own, ...other } }, values));
    const before = ownParts(local);
    expect(changed({ env: { A: "b" } }).env).not.toEqual(before.env);
    expect(changed({ secrets: ["OWN"] }, { ...env, OWN: "x" }).secrets).not.toBe(before.secrets);
    expect(changed({ volumes: { "/data": "own" } }).image).not.toBe(before.image);
  });

  test("keeps its state and its data in volumes that Terraform does not know", () => {
    expect(container["mounts"]).toEqual([
      expect.objectContaining({ target: "/run/gangway", read_only: true }),
      { type: "volume", source: "gangway-memory-state", target: "/state" },
      expect.objectContaining({ target: "/run/server", read_only: true }),
    ]);
    expect(local.resource("memory/server/container")["mounts"]).toEqual([
      { type: "volume", source: "gangway-memory", target: "/data" },
      expect.objectContaining({ target: "/run/server" }),
    ]);
    const declared = local.paths("docker_volume").filter((path) => !path.startsWith("nginx-proxy/"));
    expect(declared.every((path) => /\/(secrets\/volume|server\/socket)$/.test(path))).toBe(true);
  });

  test("in front of an upstream is given time for it to come up", () => {
    expect(local.resource("coda/gate")["provisioner"][0]["local-exec"].command).toMatch(/ --grace 30$/);
  });
});

describe("nothing that is synthesized", () => {
  test("has a secret in it", () => {
    expect(local.text).not.toContain("the-bearer-token");
    expect(local.text).not.toContain("the-secret-of-coda");
  });

  test("gives a container a token: it gets digests, as a file, and every token that opens it is none of its secrets", () => {
    const settings = readSettings([], { env: { MCP_BEARER_TOKEN: synthToken, ...env }, file: "/nowhere" });
    for (const service of Object.values(defineServices(entries)).filter(asksForToken)) {
      const given = secretsOf(service, settings, "local");
      const tokens = [synthToken, serviceToken(synthToken, service.name), serviceToken(synthToken, "another")];
      for (const text of [local.text, ...given.values()])
        expect(tokens.filter((token) => text.includes(token))).toEqual([]);
      const written = JSON.stringify(local.resource(`${service.name}/secrets/written`));
      expect(written).toContain(`--names ${[...given.keys()].join(",")}`);
      expect(JSON.stringify(local.resource(`${service.name}/container`)["env"])).not.toContain("MCP_BEARER_TOKEN");
    }
  });

  test("names a folder of this machine: it is the same on a laptop and in CI", () => {
    for (const folder of [process.cwd(), import.meta.dirname, homedir(), "/tmp/gangway"])
      expect(local.text, folder).not.toContain(`"${folder}`);
    expect(
      local.text.match(/"\/\w[^"]*"/g)?.filter((path) => !known.some((each) => path.startsWith(`"${each}`))),
    ).toEqual([]);
  });

  test("depends on when it was synthesized", () => {
    expect(synthesizeLocal(entries, env).text).toBe(local.text);
  });
});

/** Paths in containers, and that of the engine's socket. */
const known = [
  "/data",
  "/state",
  '/run"',
  "/run/gangway",
  "/run/filtered",
  "/run/server",
  "/server",
  "/tmp",
  "/home/node",
  "/etc/nginx",
  "/var/run/docker.sock",
];

test("each service's port is open to this machine alone, and leads to the proxy under the service's name", () => {
  for (const [name, port] of Object.entries({ memory: 8082, coda: 8080, own: 8090, n8n: 5678 })) {
    const { ports, env } = local.resource(`${name}-port/container`);
    expect(ports).toEqual([{ external: port, internal: 8080, ip: "127.0.0.1" }]);
    expect(env[0]).toContain(`proxy_set_header Host ${name}.localhost;`);
  }
  expect(local.resource("nginx-proxy/container")).not.toHaveProperty("ports");
});

test("the filter alone has Docker's socket, and has nothing else", () => {
  const holders = local
    .paths("docker_container")
    .filter((path) => JSON.stringify(local.resource(path)["mounts"] ?? []).includes('"source":"/var/run/docker.sock"'));
  expect(holders).toEqual(["nginx-proxy/docker-filter/container"]);
  expect(local.resource(holders[0]!)).toMatchObject({
    network_mode: "none",
    read_only: true,
    capabilities: { drop: ["ALL"] },
    security_opts: ["no-new-privileges:true"],
  });
});

test("the proxy asks the filter, and writes its own configuration alone", () => {
  const container = local.resource("nginx-proxy/container");
  const mounts = container["mounts"] as { target: string; read_only?: boolean }[];
  expect(container["env"]).toContain("DOCKER_HOST=unix:///var/run/docker.sock/filtered.sock");
  expect(container).toMatchObject({ read_only: true, security_opts: ["no-new-privileges:true"] });
  expect(mounts.filter(({ read_only: isReadOnly }) => isReadOnly !== true).map(({ target }) => target)).toEqual([
    "/etc/nginx/conf.d",
  ]);
});

test("nothing can have the proxy reload where nothing makes certificates", () => {
  const [configuration] = local.resource("nginx-proxy/docker-filter/container")["env"] as [string];
  expect(configuration).toContain("GET");
  expect(configuration).not.toContain("POST");
});

/** Of every container that is started, but those that publish a port: they are nginx as nobody, without any right. */
const started = local
  .paths("docker_container")
  .filter((path) => local.resource(path)["start"] !== false && !path.includes("-port/"));

test.each(started)("%s gives up what it does not use, and is limited in all that a host has", (path) => {
  const container = local.resource(path);
  expect(container["capabilities"]).toMatchObject({ drop: ["ALL"] });
  expect(container["security_opts"]).toEqual(["no-new-privileges:true"]);
  expect(container["memory"]).toBeGreaterThan(0);
  const isGateway = local.paths("terraform_data").includes(path.replace("/container", "/gate"));
  const limits = local.resource(path.replace("/container", "/limits"));
  expect(limits["provisioner"][0]["local-exec"].command).toMatch(/--processes [1-9]\d*/);
  expect(isGateway || container["cpu_quota"] > 0).toBe(true);
});

test("a proxy that has not found the containers yet answers 503: a 404 would mean that the session is gone", () => {
  const { upload } = local.resource("nginx-proxy/files/container") as { upload: { file: string; content: string }[] };
  const first = upload.find(({ file }) => file === "/etc/nginx/conf.d/default.conf");
  expect(first?.content).toContain("return 503;");
});

test("an app has no gate, and its one container is stopped before the next one starts", () => {
  expect(local.paths("terraform_data").filter((path) => path.startsWith("n8n/"))).toEqual(["n8n/limits", "n8n/mounts"]);
  expect(local.resource("n8n/container")["lifecycle"]).not.toHaveProperty("create_before_destroy");
});

const isThere = (path: string) => /^(memory|coda|own|n8n|nginx-proxy|networks)[-/]/.test(path);

test("adding a service changes no resource of another one, nor the proxy", () => {
  const more = synthesizeLocal({ ...entries, late: { server: http("https://example.org/mcp"), port: 8099 } }, env);
  for (const type of ["docker_container", "docker_image", "docker_volume", "terraform_data"])
    for (const path of local.paths(type).filter(isThere))
      expect(more.resource(path), path).toEqual(local.resource(path));
});

test("what looks like an expression of Terraform's in a text of the catalog stays a text", () => {
  const odd = { server: command(["sh", "-c", "echo ${HOME}"]), port: 8091, env: { ODD: "%{x} ${y} $z" } };
  const web = app({ image: "n8nio/n8n:2.41.3", port: 5679, env: { ODD: "${y}" } });
  const { resource } = synthesizeLocal({ odd, web });
  const text = (name: string) => resource(`${name}/container`)["env"].join("\n");
  expect(text("odd")).toContain("ODD=%%{x} $${y} $z");
  expect(text("odd")).toContain("echo $${HOME}");
  expect(text("web")).toContain("ODD=$${y}");
});

test("web pages that may call are named once for all services", () => {
  const open = synthesizeLocal(entries, { ...env, ALLOWED_ORIGINS: "https://app.example.org" });
  for (const name of ["memory", "coda", "own"]) {
    expect(open.resource(`${name}/container`)["env"]).toContain("ALLOWED_ORIGINS=https://app.example.org");
    expect(local.resource(`${name}/container`)["env"].join()).not.toContain("ALLOWED_ORIGINS");
  }
});

test("a service without its secret is left out, and named", () => {
  const without = synthesizeLocal(entries);
  expect(without.said).toEqual(["local is without coda: it needs CODA_API_TOKEN"]);
  expect(without.paths("docker_container")).not.toContain("coda/container");
});

test("a pin runs an earlier image, builds none, and shows in the outputs", () => {
  const pin = { gateway: "fedcba9876543210", server: "0123456789abcdef" };
  const pinned = synthesizeLocal(entries, env, {
    local: { memory: pin },
    services: { own: { server: "another-engine-s" } },
  });
  const lookedUp = Object.values<{ name: string }>(pinned.json["data"].docker_image).map(({ name }) => name);
  expect(lookedUp.toSorted()).toEqual([
    "localhost/gangway/memory:0123456789abcdef",
    "localhost/gangway/memory:fedcba9876543210",
  ]);
  expect(pinned.paths("docker_image")).not.toContain("memory-image/image");
  expect(pinned.resource("memory/server/container")["image"]).toMatch(/^\$\{data\.docker_image\.memory-image_/);
  expect(pinned.json["output"].pinned.value).toEqual({ memory: pin });
  expect(local.json).not.toHaveProperty("output");
});

test("an image is built from a folder that is named by its digest, at a path that every machine has", () => {
  const { name, build, triggers } = local.resource("own-image/image");
  const digest = name.replace("localhost/gangway/own:", "");
  expect(digest).toMatch(/^[0-9a-f]{16}$/);
  expect(triggers).toEqual({ digest });
  expect(build.context).toBe(`../../../.gangway/images/own-image/${digest}`);
});

test("the state is beside the project, at a path that every machine has", () => {
  expect(local.json["terraform"].backend).toEqual({ local: { path: "../../../.gangway/state/local.tfstate" } });
});
