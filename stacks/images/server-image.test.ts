import { chmodSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, onTestFinished, test } from "vitest";
import { defineServices } from "../catalog/define.ts";
import type { ServiceEntry } from "../catalog/entry.ts";
import { command } from "../catalog/kinds/command.ts";
import { group } from "../catalog/kinds/group.ts";
import { http } from "../catalog/kinds/http.ts";
import { image } from "../catalog/kinds/image.ts";
import { npm } from "../catalog/kinds/npm.ts";
import { pypi } from "../catalog/kinds/pypi.ts";
import { kindOf, type McpServer } from "../catalog/kinds/registry.ts";
import { sse } from "../catalog/kinds/sse.ts";
import { digestOf } from "./context.ts";
import { authContext, gatewayContext, serverContext } from "./server-image.ts";

const serviceOf = (server: McpServer, more: Partial<ServiceEntry> = {}) =>
  defineServices({ own: { server, port: 1, ...more }, member: { server: memory, port: 2 } }).own;
const gatewayOf = (server: McpServer, more: Partial<ServiceEntry> = {}) =>
  gatewayContext(serviceOf(server, more), new Map([["main.js", "// the gateway\n"]]));

function context(server: McpServer, more: Partial<ServiceEntry> = {}) {
  const kind = kindOf(server);
  if (kind.role !== "stdio") throw new Error(`${server.kind}() runs elsewhere`);
  return serverContext(serviceOf(server, more), kind.recipe(server));
}
const paths = (server: McpServer) => [...context(server).files.keys()].toSorted();
const text = (server: McpServer, path: string) => context(server).files.get(path)?.content.toString();

const memory = npm("@modelcontextprotocol/server-memory@2026.8.31", ["--flag"]);
const own = command(["node", "stacks/fixtures/server/main.js", "--release", "1"]);

const digest = (server: McpServer) => digestOf(context(server));

describe("the context of an image", () => {
  test("of an npm server: the package at its version, and its lockfile", () => {
    expect(paths(memory)).toEqual([
      "Dockerfile",
      "runner/runner.pl",
      "server/package-lock.json",
      "server/package.json",
    ]);
    expect(JSON.parse(text(memory, "server/package.json") ?? "")).toMatchObject({
      dependencies: { "@modelcontextprotocol/server-memory": "2026.8.31" },
    });
  });

  test("of the authorization server: its files, and the folder of its data", () => {
    const { files, args } = authContext(new Map([["main.js", "// the authorization server\n"]]));
    expect([...files.keys()]).toEqual(["Dockerfile", "auth-server/main.js"]);
    expect(files.get("Dockerfile")?.content.toString()).toMatch(
      /USER node\nENTRYPOINT \["node", "--disable-sigusr1", "\/auth-server\/main\.js"\]/,
    );
    expect(args["VOLUMES"]).toBe("/state");
  });

  test("of your own server: its folder, at the same place as in the project, without files that npm or a person left there", () => {
    const stray = new URL("../fixtures/server/.env.test", import.meta.url);
    writeFileSync(stray, "SECRET=planted\n");
    onTestFinished(() => rmSync(stray));
    const folder = "server/stacks/fixtures/server";
    expect(paths(own)).toEqual([
      "Dockerfile",
      "runner/runner.pl",
      `${folder}/main.js`,
      `${folder}/package-lock.json`,
      `${folder}/package.json`,
    ]);
  });

  test("of a service with a verifier of the project's own: its file, where the gateway looks for it", () => {
    const file = new URL("../fixtures/mycopa.verify.mjs", import.meta.url);
    writeFileSync(file, "export const verifyToken = () => {};\n");
    onTestFinished(() => rmSync(file));
    const verifying = {
      auth: "verify",
      verify: "./stacks/fixtures/mycopa.verify.mjs",
      secrets: ["API_TOKEN"],
    } as const;
    const { files } = gatewayOf(memory, verifying);
    expect(files.get("gateway/verify/mycopa.verify.mjs")?.content).toBe("export const verifyToken = () => {};\n");
    const gone = { ...verifying, verify: join("stacks", "fixtures", "gone.verify.mjs") };
    expect(() => gatewayOf(memory, gone)).toThrow(
      'own: verify is "stacks/fixtures/gone.verify.mjs", and there is no such',
    );
  });

  test("of a binary from an image: no files, the image and the program as arguments", () => {
    const binary = image("ghcr.io/github/github-mcp-server:v1.10.1", ["/server/github-mcp-server", "stdio"]);
    expect(paths(binary)).toEqual(["Dockerfile", "runner/runner.pl"]);
    expect(context(binary).args).toMatchObject({
      SERVER: "ghcr.io/github/github-mcp-server:v1.10.1",
      PROGRAM: "/server/github-mcp-server",
    });
  });

  const servers = [memory, own, http("https://example.org/mcp"), sse("https://example.org/sse"), group(["member"])];

  test.each(servers)("of a gateway: itself, the same for every service", (server) => {
    const { files, args } = gatewayOf(server, server.kind === "npm" ? { volumes: { "/data": "memory" } } : {});
    expect([...files.keys()]).toEqual(["Dockerfile", "gateway/main.js"]);
    expect(args["VOLUMES"]).toBe("/state");
    expect(digestOf(gatewayOf(server))).toBe(digestOf(gatewayOf(own)));
  });

  test("names the folders of the volumes, so that a fresh one gets the right owner", () => {
    expect(context(memory, { volumes: { "/data": "memory", "/cache": "c" } }).args["VOLUMES"]).toBe("/data /cache");
  });

  test("does not depend on a server's flags: they are in the container", () => {
    expect(digest(command(["node", "stacks/fixtures/server/main.js"]))).toBe(digest(own));
  });

  test("keeps whether a file is executable", () => {
    const file = new URL("../fixtures/server/main.js", import.meta.url);
    const mode = statSync(file).mode;
    onTestFinished(() => chmodSync(file, mode));
    const before = digest(own);
    chmodSync(file, 0o755);
    expect(digest(own)).not.toBe(before);
  });
});

describe("an error says why an image cannot be built", () => {
  test.each([
    [
      npm("server-memory@9.9.9"),
      "server-memory@9.9.9 has no lockfile in stacks/locks: npx gangway start <its name> writes it",
    ],
    [pypi("mcp-server-none==9.9.9"), "mcp-server-none==9.9.9 has no lockfile in stacks/locks: write it with echo"],
  ])("a server without lockfile: %j", (server, message) => {
    expect(() => context(server)).toThrow(message);
  });

  test("your own server at the top of the project", () => {
    expect(() => context(command(["node", "package.json"]))).toThrow(
      '"node package.json" names a file at the top of the project: put the server into a folder of its own',
    );
  });
});

describe("the command line in the image", () => {
  test.each<[what: string, server: McpServer, words: string[]]>([
    [
      "of an npm server is the program that its lockfile names",
      memory,
      ["node", "/server/node_modules/@modelcontextprotocol/server-memory/dist/index.js", "--flag"],
    ],
    [
      "of a Python server is that of its package, without extras and version",
      pypi("mcp-server-time[extra]==1.2.3", ["--local-timezone", "UTC"]),
      ["/server/venv/bin/mcp-server-time", "--local-timezone", "UTC"],
    ],
    ["of your own server is what the entry says", own, ["node", "stacks/fixtures/server/main.js", "--release", "1"]],
  ])("%s", (_what, server, words) => {
    const kind = kindOf(server);
    expect(kind.role === "stdio" && kind.command(server)).toEqual(words);
  });
});
