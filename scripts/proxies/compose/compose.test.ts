import { join } from "node:path";
import { expect, test } from "vitest";
import { defineServices } from "../../../stacks/catalog/define.ts";
import { command } from "../../../stacks/catalog/kinds/command.ts";
import { group } from "../../../stacks/catalog/kinds/group.ts";
import { http } from "../../../stacks/catalog/kinds/http.ts";
import { image } from "../../../stacks/catalog/kinds/image.ts";
import { npm } from "../../../stacks/catalog/kinds/npm.ts";
import { Settings } from "../../../stacks/settings.ts";
import { root } from "../../../stacks/shipped.ts";
import { WrongUse } from "../../kit/arguments.ts";
import { tlsOf } from "../certificate.ts";
import { settingsOf } from "../given.ts";
import { proxies, type ProxyName } from "../render.ts";
import { composed, GATEWAY } from "./compose.ts";
import { serve, told } from "./servers.ts";

const names = Object.keys(proxies) as ProxyName[];

const { memory, files, coda, github, mine, both, none } = defineServices({
  memory: {
    server: npm("@modelcontextprotocol/server-memory@2026.8.31"),
    port: 8082,
    volumes: { "/data": "memory" },
    env: { MEMORY_FILE_PATH: "/data/memory.jsonl" },
    isolation: "shared",
  },
  files: {
    server: npm("@modelcontextprotocol/server-filesystem@2026.8.31", ["/data"]),
    port: 8085,
    volumes: { "/data": "files" },
  },
  coda: { server: http("https://coda.io/apis/mcp"), port: 8080, secrets: ["CODA_API_TOKEN"] },
  github: { server: image("ghcr.io/github/github-mcp-server:v1.10.1", ["server"]), port: 8081 },
  mine: { server: command(["node", "gateways/fixtures/child.ts"]), port: 8083 },
  both: { server: group(["memory", "github"]), port: 8091 },
  none: { server: group(["github", "coda"]), port: 8092 },
});

/** Of services, with these variables in .env. */
const served = (services: Parameters<typeof serve>[0], env = {}) => serve(services, new Settings(services, env));

/** What is asked for in the examples: HTTPS, with certificate files where the proxy gets none itself. */
const certificates: Readonly<Record<ProxyName, object>> = {
  nginx: { certificate: "/etc/ssl/example.org.crt", key: "/etc/ssl/example.org.key" },
  haproxy: { certificate: "/etc/ssl/example.org.pem" },
  caddy: { email: "admin@example.org" },
  traefik: { email: "admin@example.org" },
  apache: { certificate: "/etc/ssl/example.org.crt", key: "/etc/ssl/example.org.key" },
};

function compose(name: ProxyName, given: object = { https: true, domain: "example.org", ...certificates[name] }) {
  const sites = [memory, coda].map(({ name, port }) => ({
    name,
    host: `${name}.example.org`,
    servers: [`${GATEWAY}:${port}`],
  }));
  const settings = { ...settingsOf(name, given, sites), tls: tlsOf(name, given) };
  return composed({ name, settings, served: served([memory, coda], { CODA_API_TOKEN: "a-secret" }), hubPort: 3000 });
}

test.each(names)("the example of %s is what the verb writes for two services", async (name) => {
  await expect(compose(name)["compose.yaml"]).toMatchFileSnapshot(
    join(root, `templates/proxies/examples/compose-${name}.yaml`),
  );
});

test.each(names)("no file of %s has a secret's value or a place without one", (name) => {
  for (const text of Object.values(compose(name))) expect(String(text)).not.toMatch(/a-secret|\{\{\w+\}\}|undefined/);
});

test.each(names)("the rendered file of %s sends to the gateway's container, and is mounted", (name) => {
  const files = compose(name);
  expect(files[proxies[name].file]).toContain(`${GATEWAY}:8082`);
  expect(files["compose.yaml"]).toContain(`./${proxies[name].file}:/`);
});

test("apache is given its certificate", () => {
  expect(() => compose("apache", { https: true, domain: "example.org" })).toThrow(WrongUse);
});

test("a service's volume and program are at a place of their own", () => {
  const { config, volumes, image: built } = served([memory, files]);
  expect(config).toMatchObject({
    mcpServers: {
      memory: {
        args: [
          expect.stringMatching(/^\/server\/npm\/@modelcontextprotocol\+server-memory@2026\.8\.31\/node_modules\//),
        ],
        env: { MEMORY_FILE_PATH: "/data/memory/memory.jsonl" },
        isolation: "shared",
      },
      files: { args: [expect.stringContaining("server-filesystem"), "/data/files"] },
    },
  });
  expect(volumes).toEqual({ "/state": "state", "/data/memory": "memory", "/data/files": "files" });
  for (const name of ["memory", "filesystem"])
    expect(Object.keys(built)).toContain(`server/npm/@modelcontextprotocol+server-${name}@2026.8.31/package-lock.json`);
});

test("a command of the project comes with its folder", () => {
  const { config, image: built } = served([mine]);
  expect(config).toMatchObject({ mcpServers: { mine: { command: "node", args: ["gateways/fixtures/child.ts"] } } });
  expect(Object.keys(built)).toContain("server/gateways/fixtures/child.ts");
});

test("an upstream gets its secret by name, and needs no server in the image", () => {
  const { config, secrets, image: built } = served([coda], { CODA_API_TOKEN: "a-secret" });
  expect(config).toMatchObject({ mcpServers: { coda: { headers: { Authorization: "Bearer ${CODA_API_TOKEN}" } } } });
  expect(secrets).toEqual(["CODA_API_TOKEN"]);
  expect(Object.keys(built)).toEqual(["Dockerfile"]);
});

test("what cannot run in the container is left out, and groups go without it", () => {
  const { config, left } = served([memory, github, coda, both, none]);
  expect(left.map(told)).toEqual([
    "github is left out: it needs a container of its own (npx gangway deploy local)",
    "coda is left out: it needs CODA_API_TOKEN",
    "none is left out: it needs github or coda",
  ]);
  expect(config).toMatchObject({ mcpServers: { both: { group: ["memory"] } } });
  expect(() => served([github])).toThrow("the gateway would serve nothing\ngithub is left out");
});
