import { createHash } from "node:crypto";
import { mkdtempSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { defineServices } from "../../stacks/catalog/define.ts";
import { app } from "../../stacks/catalog/kinds/app.ts";
import { command } from "../../stacks/catalog/kinds/command.ts";
import { group } from "../../stacks/catalog/kinds/group.ts";
import { http } from "../../stacks/catalog/kinds/http.ts";
import { image } from "../../stacks/catalog/kinds/image.ts";
import { npm } from "../../stacks/catalog/kinds/npm.ts";
import { pypi } from "../../stacks/catalog/kinds/pypi.ts";
import { sse } from "../../stacks/catalog/kinds/sse.ts";
import { services as shipped } from "../../stacks/services.ts";
import { readSettings } from "../../stacks/settings.ts";
import { serviceToken } from "../../stacks/tokens.ts";
import { folder } from "../kit/folder.ts";
import { gatewayConfig, gatewayEnvironment, writeConfig } from "./gateway-config.ts";
import type { Place } from "./plan.ts";

const services = defineServices({
  coda: { server: http("https://example.org/mcp"), port: 1, secrets: ["CODA_API_TOKEN"], acceptServiceToken: true },
  github: {
    server: image("ghcr.io/owner/name:v1.10.1", ["/server", "stdio"]),
    port: 2,
    secrets: ["GITHUB_TOKEN"],
    env: { CACHE: "/cache/x" },
    volumes: { "/cache": "github" },
    memory: 256,
  },
  other: { server: image("ghcr.io/owner/other:v1", ["/server"]), port: 9 },
  database: app({ image: "postgres:18.4", port: 10, public: false, network: "own" }),
  queries: { server: command(["./server"]), port: 11, reaches: ["database"] },
  memory: {
    server: npm("pkg@1.2.3", ["/data", "stdio"]),
    port: 3,
    optionalSecrets: ["API_KEY"],
    env: { FILE: "/data/memory.jsonl" },
    volumes: { "/data": "memory" },
    isolation: "shared",
    serial: true,
  },
  missing: { server: npm("missing@1.2.3"), port: 4 },
  python: { server: pypi("pkg-mcp[all]==0.12.3", ["--read-only"]), port: 5 },
  own: { server: command(["./server", "--here"]), port: 6, revive: false, idleTtl: "1h" },
  old: { server: sse("http://localhost:9000/sse"), port: 7 },
  n8n: app({ image: "n8nio/n8n:2.41.3", port: 8 }),
  team: { server: group(["memory", "coda", "missing"]), port: 12, requestTimeout: "5m" },
  waiting: { server: group(["coda", "github"]), port: 13 },
});

const machine: Place = {
  node: "/node",
  project: "/project",
  data: "/data-folder",
  work: "/work-folder",
  uvx: "/uvx",
  npm: new Map<string, { bin: string } | { problem: string }>([
    ["pkg@1.2.3", { bin: "/servers/pkg/main.js" }],
    ["missing@1.2.3", { problem: "npm ci failed: no network" }],
  ]),
  docker: { problem: "there is no docker command: install it" },
};

/** The same with Docker, which has pulled one image and not the other. */
const withDocker = {
  docker: {
    images: new Map([
      ["ghcr.io/owner/name:v1.10.1", {}],
      ["ghcr.io/owner/other:v1", { problem: "manifest unknown" }],
    ]),
  },
};

function config(env: Record<string, string> = {}, its: Partial<Place> = {}) {
  const picked = Object.values(services);
  const settings = readSettings(picked, { env, file: "/nowhere" });
  const made = gatewayConfig(picked, settings, { ...machine, ...its });
  return made as { tokens?: string[]; port: number; host: string; mcpServers: Record<string, object> };
}

describe("a service in gateway.json", () => {
  const { mcpServers } = config();

  test("from npm runs on our own Node, with its paths in the volume's folder", () => {
    expect(mcpServers["memory"]).toEqual({
      command: "/node",
      args: ["/servers/pkg/main.js", "/data-folder/memory", "stdio"],
      env: { FILE: "/data-folder/memory/memory.jsonl" },
      cwd: "/work-folder/memory",
      port: 3,
      isolation: "shared",
      serial: true,
      version: "1.2.3",
    });
  });

  test("that is a command of the reader's runs in the project's folder", () => {
    const own = { command: "./server", args: ["--here"], cwd: "/project", revive: false, idleTtl: "1h" };
    expect(mcpServers["own"]).toMatchObject(own);
  });

  test("from PyPI runs with uvx", () => {
    const args = ["--from", "pkg-mcp[all]==0.12.3", "pkg-mcp", "--read-only"];
    expect(mcpServers["python"]).toMatchObject({ command: "/uvx", args, version: "0.12.3" });
  });

  test.each([
    ["coda", "CODA_API_TOKEN"],
    ["github", "Docker (there is no docker command: install it) and GITHUB_TOKEN"],
    ["queries", "Docker, where it reaches database (npx gangway deploy local)"],
    ["n8n", "Docker"],
  ])("that cannot run says what it needs: %s", (name, needs) => {
    expect(mcpServers[name]).toMatchObject({ needs });
  });

  test("whose package could not be installed has failed: there is nothing that the reader could give it", () => {
    expect(mcpServers["missing"]).toMatchObject({ failed: "npm ci failed: no network" });
    expect(mcpServers["missing"]).not.toHaveProperty("needs");
  });

  test("with an upstream of the older transport says so", () => {
    expect(mcpServers["old"]).toMatchObject({ type: "sse", url: "http://localhost:9000/sse" });
  });

  test("that is a group names its members, also those that wait for something, and has options like any other", () => {
    expect(mcpServers["team"]).toEqual({ group: ["memory", "coda", "missing"], port: 12, requestTimeout: "5m" });
  });

  test("that is a group of which every member waits for something waits for one of them", () => {
    expect(mcpServers["waiting"]).toEqual({ needs: "coda or github", port: 13 });
    const { mcpServers: withKey } = config({ CODA_API_TOKEN: "v" });
    expect(withKey["waiting"]).toMatchObject({ group: ["coda", "github"] });
  });

  test("from PyPI needs uvx where there is none", () => {
    expect(config({}, { uvx: undefined }).mcpServers["python"]).toMatchObject({ needs: expect.stringMatching(/^uvx/) });
  });
});

describe("a service out of an image, where there is Docker,", () => {
  const { mcpServers } = config({ GITHUB_TOKEN: "v-github", DOCKER_HOST: "unix:///engine" }, withDocker);
  const github = mcpServers["github"] as { command: string; args: string[]; env: object };
  const line = github.args.join(" ");

  test("runs in a container that may do as little as in a deployment", () => {
    expect(github.command).toBe("/node");
    expect(line).toMatch(/^\S+\/scripts\/start\/container-process\.ts github --rm --interactive --init /);
    expect(line).toContain("--memory 256m --memory-swap 256m --pids-limit 256 --read-only");
    expect(line).toContain("--cap-drop ALL --security-opt no-new-privileges");
    expect(line).toMatch(/ --entrypoint \/server ghcr\.io\/owner\/name:v1\.10\.1 stdio$/);
    expect(line).toContain("--label gangway.start=/project ");
  });

  test("gets its variables by name, and Docker those by which it finds its engine", () => {
    expect(line).toContain("--env CACHE --env GITHUB_TOKEN ");
    expect(line).not.toContain("DOCKER_HOST");
    const env = { CACHE: "/cache/x", GITHUB_TOKEN: "${GITHUB_TOKEN}", DOCKER_HOST: "${DOCKER_HOST}" };
    expect(github.env).toEqual(env);
  });

  test("has its volume's folder at the volume's path", () => {
    expect(line).toContain("--mount type=bind,source=/data-folder/github,target=/cache ");
  });

  test("says that its image could not be pulled", () => {
    expect(mcpServers["other"]).toMatchObject({ needs: "its image: manifest unknown" });
  });
});

const sha256 = (text: string) => createHash("sha256").update(text).digest("hex");

describe("secrets", () => {
  const values = { MCP_BEARER_TOKEN: "v-bearer", CODA_API_TOKEN: "v-coda", API_KEY: "v-key", GITHUB_TOKEN: "v-github" };
  const made = config(values);

  test("are in the file by name only", () => {
    expect(JSON.stringify(made)).not.toContain("v-");
  });

  test("reach an upstream as its bearer and a process by its environment", () => {
    expect(made.mcpServers["coda"]).toMatchObject({ headers: { Authorization: "Bearer ${CODA_API_TOKEN}" } });
    expect(made.mcpServers["memory"]).toMatchObject({ env: { API_KEY: "${API_KEY}" } });
  });

  const digestsOf = (name: string, its = made) => (its.mcpServers[name] as { tokenDigests?: string[] }).tokenDigests;

  test("of tokens are in the file as digests: of the master, of the service's own, and of a secret that the entry accepts", () => {
    const own = sha256(serviceToken("v-bearer", "own"));
    expect(digestsOf("own")).toEqual([sha256("v-bearer"), own]);
    expect(digestsOf("coda")).toContain(sha256("v-coda"));
    expect(digestsOf("memory")).not.toContain(sha256("v-key"));
    expect(digestsOf("coda")).not.toContain(own);
    const ofTeam = sha256(serviceToken("v-bearer", "team"));
    for (const name of ["team", "memory", "coda"]) expect(digestsOf(name)).toContain(ofTeam);
    expect(digestsOf("own")).not.toContain(ofTeam);
  });

  test("do not become tokens while no token is asked for", () => {
    const open = config({ CODA_API_TOKEN: "v-coda" });
    expect(open).not.toHaveProperty("tokens");
    expect(digestsOf("coda", open)).toBeUndefined();
  });

  test("that the file refers to are given to the gateway's process", () => {
    const picked = Object.values(services);
    const settings = readSettings(picked, { env: values, file: "/nowhere" });
    const env = gatewayEnvironment(picked, settings);
    const referred = [...JSON.stringify(made).matchAll(/\$\{(\w+)\}/g)].map(([, name]) => name as string);
    expect(referred.filter((name) => env[name] === undefined)).toEqual([]);
  });
});

test("the gateway ends with npm start, and this machine's callers are exempt until a rate is set", () => {
  expect(config()).toMatchObject({ stopWithParent: true, exemptLoopback: true });
  expect(config({ SESSION_RATE: "5" })).toMatchObject({ exemptLoopback: false });
});

test("the ports are this machine's", () => {
  const moved = config({ HUB_PORT: "3100", PORT_MEMORY: "9082" });
  expect([moved.port, moved.host]).toEqual([3100, "127.0.0.1"]);
  expect(moved.mcpServers["memory"]).toMatchObject({ port: 9082 });
});

test("the shipped filesystem serves a folder of its own, far from .env", () => {
  const { filesystem } = shipped;
  const npmServers: Place["npm"] = new Map([["@modelcontextprotocol/server-filesystem@2026.8.31", { bin: "main.js" }]]);
  const settings = readSettings([filesystem], { env: {}, file: "/nowhere" });
  const made = gatewayConfig([filesystem], settings, { ...machine, data: folder.data, npm: npmServers });
  const expected = { args: ["main.js", join(folder.data, "files")], cwd: "/work-folder/filesystem" };
  expect(made).toMatchObject({ mcpServers: { filesystem: expected } });
});

test("the file is for our eyes only, even where an older one was not", () => {
  const file = join(mkdtempSync(join(tmpdir(), "gangway-config-")), "gateway.json");
  writeFileSync(file, "old", { mode: 0o644 });
  writeConfig(file, { port: 1 });
  expect([statSync(file).mode & 0o777, JSON.parse(readFileSync(file, "utf8"))]).toEqual([0o600, { port: 1 }]);
});

test("gateway.json has the reviewed tools of each service that has some", () => {
  const lock = { memory: { server: "pkg@1.2.3", tools: { read: "0123456789abcdefghijAB" } } };
  const config = gatewayConfig(Object.values(services), readSettings([], { env: {} }), machine, lock) as {
    mcpServers: Record<string, { reviewedTools?: string }>;
  };
  expect(config.mcpServers["memory"]!.reviewedTools).toBe("read=0123456789abcdefghijAB");
  expect(Object.values(config.mcpServers).filter(({ reviewedTools }) => reviewedTools !== undefined)).toHaveLength(1);
});

test("a service whose callers are verified knows the file of its verifier, and which variable gets their token", () => {
  const { mycopa, coda } = defineServices({
    mycopa: {
      server: command(["./server"]),
      port: 1,
      optionalSecrets: ["API_TOKEN"],
      auth: "verify",
      verify: "./auth/mycopa.verify.mjs",
    },
    coda: { server: http("https://example.org/mcp"), port: 2, secrets: ["CODA_API_TOKEN"], auth: "verify" },
  });
  const settings = readSettings([mycopa, coda], { env: { CODA_API_TOKEN: "x" }, file: "/nowhere" });
  const { mcpServers } = gatewayConfig([mycopa, coda], settings, machine) as { mcpServers: Record<string, object> };
  expect(mcpServers["mycopa"]).toMatchObject({
    auth: "verify",
    verify: "/project/auth/mycopa.verify.mjs",
    verifySecret: "API_TOKEN",
  });
  expect(mcpServers["coda"]).toMatchObject({ auth: "verify", headers: { Authorization: "Bearer ${CODA_API_TOKEN}" } });
  expect(mcpServers["coda"]).not.toHaveProperty("verifySecret", expect.anything());
});
