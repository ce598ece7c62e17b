import { describe, expect, test } from "vitest";
import { gatewayOptions, serverOptions, serviceOptions, sharedOptions } from "../gateways/config.ts";
import { defineServices } from "./catalog/define.ts";
import type { ServiceEntry } from "./catalog/entry.ts";
import { command } from "./catalog/kinds/command.ts";
import { http } from "./catalog/kinds/http.ts";
import { npm } from "./catalog/kinds/npm.ts";
import { gatewayEnvironment, type McpService, settingsForAll } from "./gateway-environment.ts";
import { TOKEN_DIGESTS } from "./secrets.ts";
import { readSettings } from "./settings.ts";
import { toolDigest } from "../gateways/tool-digest.ts";
import type { ToolsLock } from "./tools-lock.ts";

const memory = { server: npm("@modelcontextprotocol/server-memory@2026.8.31"), port: 8082 };

const environment = (entry: ServiceEntry, secrets: readonly string[] = []) =>
  gatewayEnvironment(defineServices({ own: entry }).own as McpService, "own.example.org", [TOKEN_DIGESTS, ...secrets]);

test("a gateway gets everything that its entry says, and what it needs behind the proxy", () => {
  const entry: ServiceEntry = { ...memory, isolation: "shared", serial: true, revive: false, idleTtl: "2h" };
  expect(environment(entry)).toEqual({
    SERVICE_NAME: "own",
    PORT: "8082",
    HOST: "0.0.0.0",
    METRICS_PORT: "9091",
    ISOLATION: "shared",
    SERIAL: "true",
    REVIVE: "false",
    IDLE_TTL: "2h",
    MAX_CHILDREN: "7",
    ALLOWED_HOSTS: "own.example.org,own-mcp-gateway",
    TRUSTED_PROXIES: "nginx-proxy",
    DRAIN_DELAY: "12s",
    STATE_DIR: "/state",
    SERVER_COMMAND: "node /server/node_modules/@modelcontextprotocol/server-memory/dist/index.js",
    SERVER_SOCKET: "/run/server/socket",
    MCP_TOKEN_DIGESTS_FILE: "/run/gangway/MCP_TOKEN_DIGESTS",
  });
});

test("a gateway that verifies callers knows the API, who may call besides, and which variable gets their token", () => {
  const stdio = { ...memory, secrets: ["API_TOKEN"], optionalSecrets: ["OTHER"], auth: "verify" } as const;
  const allow = ["ops@example.org", "583231"];
  expect(environment({ ...stdio, verify: "github", verifyAllow: allow }, ["API_TOKEN"])).toMatchObject({
    AUTH: "verify",
    VERIFY: "github",
    VERIFY_ALLOW: "ops@example.org,583231",
    VERIFY_SECRET: "API_TOKEN",
    SERVER_ENV: "API_TOKEN",
  });
  expect(environment({ ...stdio, verify: "./mycopa.verify.mjs" })).toMatchObject({
    VERIFY: "/gateway/verify/mycopa.verify.mjs",
  });
  const upstream = {
    server: http("https://example.org/mcp"),
    port: 1,
    secrets: ["API_TOKEN"],
    auth: "verify",
    verify: "coda",
  } as const;
  expect(environment(upstream, ["API_TOKEN"])).toMatchObject({ VERIFY: "coda", SERVER_TOKEN_FILE: expect.any(String) });
  expect(environment(upstream, ["API_TOKEN"])).not.toHaveProperty("VERIFY_SECRET");
});

const review = (name: string) => ({ server: "any@1.0.0", tools: { [name]: toolDigest({ name })! } });

test("a gateway gets the reviewed tools of its service, and of no other", () => {
  const { own } = defineServices({ own: { ...memory, pinTools: true } });
  const of = (lock: ToolsLock) => gatewayEnvironment(own as McpService, "own.example.org", [], {}, [], lock);
  expect(of({ own: review("read"), other: review("write") })).toMatchObject({
    PIN_TOOLS: "true",
    REVIEWED_TOOLS: `read=${toolDigest({ name: "read" })}`,
  });
  expect(of({ other: review("write") })).not.toHaveProperty("REVIEWED_TOOLS");
});

test("every variable is one that the gateway reads, as it reads it", () => {
  const options = Object.values({ ...serverOptions, ...serviceOptions, ...sharedOptions, ...gatewayOptions });
  const told = Object.entries(environment({ ...memory, env: { A: "b" } }, ["TOKEN"]));
  const files = told.filter(([name]) => name.endsWith("_FILE")).map(([name]) => name);
  expect(files).toEqual(["MCP_TOKEN_DIGESTS_FILE", "TOKEN_FILE"]);
  for (const [name, value] of told.filter(([name]) => !files.includes(name))) {
    const option = options.find(({ env }) => env === name);
    expect(() => (option ?? fail(name)).read(value), `${name}=${value}`).not.toThrow();
  }
});

function fail(name: string): never {
  throw new Error(`the gateway does not know ${name}`);
}

describe("a secret", () => {
  test("is the name of a file, and a name that the server is given", () => {
    const entry = { ...memory, env: { A: "b" }, secrets: ["TOKEN"], optionalSecrets: ["MORE"] };
    expect(environment(entry, ["TOKEN", "MORE"])).toMatchObject({
      TOKEN_FILE: "/run/gangway/TOKEN",
      MORE_FILE: "/run/gangway/MORE",
      SERVER_ENV: "A=b\nTOKEN\nMORE",
    });
  });

  test("that is optional and not there is not mentioned", () => {
    const told = environment({ ...memory, optionalSecrets: ["MORE"] });
    expect(Object.keys(told).join()).not.toContain("MORE");
    expect(told).not.toHaveProperty("SERVER_ENV");
  });

  test("of an upstream, the first one, is the bearer token for it", () => {
    const entry = { server: http("https://example.org/mcp"), port: 1, secrets: ["TOKEN", "OTHER"] };
    expect(environment(entry, ["TOKEN", "OTHER"])).toMatchObject({
      SERVER_URL: "https://example.org/mcp",
      SERVER_TOKEN_FILE: "/run/gangway/TOKEN",
    });
    expect(environment(entry)).not.toHaveProperty("SERVER_COMMAND");
  });
});

test.each([
  [["node", "main.js", "a b"], "node main.js 'a b'"],
  [["node", "it's"], `node 'it'\\''s'`],
  [["node", ""], "node ''"],
])("the gateway splits the command line of %j into the same words", (words, line) => {
  const told = environment({ server: command(words), port: 1 })["SERVER_COMMAND"] ?? "";
  expect(told).toBe(line);
  expect(serverOptions.stdio.read(told)).toEqual(words);
});

test.each([
  [256, "3"],
  [192, "2"],
  [1024, "15"],
])("with %i MB of memory for the server there are %s server processes at most", (memoryLimit, children) => {
  expect(environment({ ...memory, memory: memoryLimit })["MAX_CHILDREN"]).toBe(children);
});

test("maxChildren of the entry wins over what its memory allows", () => {
  expect(environment({ ...memory, memory: 256, maxChildren: 9 })["MAX_CHILDREN"]).toBe("9");
});

test.each<[entry: Partial<ServiceEntry>, origins: string]>([
  [{}, "https://a.example"],
  [{ allowedOrigins: ["https://b.example", "https://c.example"] }, "https://b.example,https://c.example"],
])("origins are those of the settings, unless the entry has its own: %j", (entry, origins) => {
  const { own } = defineServices({ own: { ...memory, ...entry } });
  const told = gatewayEnvironment(own as McpService, "own.example.org", [], {
    allowedOrigins: "https://a.example",
  });
  expect(told["ALLOWED_ORIGINS"]).toBe(origins);
});

test("the tools that an entry offers are those of its container", () => {
  const tools = ["read_*", "!read_secret"];
  expect(environment({ ...memory, tools })["TOOLS"]).toBe("read_*,!read_secret");
  expect(environment(memory)).not.toHaveProperty("TOOLS");
});

test.each<[entry: Partial<ServiceEntry>, level: string | undefined]>([
  [{}, "debug"],
  [{ logLevel: "warn" }, "warn"],
])("LOG_LEVEL reaches every gateway, unless the entry says otherwise: %j", (entry, level) => {
  const settings = readSettings([], { env: { LOG_LEVEL: "debug", ALLOWED_ORIGINS: "" }, file: "/nowhere" });
  const { own } = defineServices({ own: { ...memory, ...entry } });
  const told = gatewayEnvironment(own as McpService, "own.example.org", [], settingsForAll(settings));
  expect([told["LOG_LEVEL"], told["ALLOWED_ORIGINS"]]).toEqual([level, undefined]);
});

test("the name that callers on the network use has its suffix once", () => {
  const { "mycopa-mcp": service } = defineServices({ "mycopa-mcp": memory });
  expect(gatewayEnvironment(service as McpService, "mycopa.example.org", [])).toMatchObject({
    ALLOWED_HOSTS: "mycopa.example.org,mycopa-mcp-gateway",
  });
});

const lockOf = (count: number, length: number): ToolsLock => {
  const names = Array.from({ length: count }, (_, at) => `${at}_`.padEnd(length, "x"));
  return {
    own: { server: "any@1.0.0", tools: Object.fromEntries(names.map((name) => [name, toolDigest({ name })!])) },
  };
};

test("200 reviewed tools fit into the variable of a container, and what does not is refused with a sentence", () => {
  const own = defineServices({ own: memory }).own as McpService;
  const withLock = (lock: ToolsLock) => gatewayEnvironment(own, "own.example.org", [], {}, [], lock);
  const { env } = { ...serverOptions, ...serviceOptions, ...sharedOptions, ...gatewayOptions }.reviewedTools;
  expect(withLock(lockOf(200, 128))[env]!.length).toBeLessThan(32_000);
  expect(() => withLock(lockOf(2_000, 64))).toThrow(
    /own: the names and digests of its 2000 reviewed tools have \d+ bytes/,
  );
});
