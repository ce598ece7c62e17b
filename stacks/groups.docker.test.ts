import { randomBytes } from "node:crypto";
import { readFileSync } from "node:fs";
import { afterAll, beforeAll, describe, expect, inject, test } from "vitest";
import { command } from "./catalog/kinds/command.ts";
import { group } from "./catalog/kinds/group.ts";
import { npm } from "./catalog/kinds/npm.ts";
import { Caller } from "./fixtures/caller.ts";
import { containers, freePort, gatewayOf, removeDeployment } from "./fixtures/engine.ts";
import { type Catalog, Project } from "./fixtures/project.ts";
import type { Ran } from "./fixtures/run.ts";
import { foundIn } from "./fixtures/traces.ts";
import { docker } from "./provision/docker.ts";
import { serviceToken } from "./tokens.ts";

const bearer = `planted-bearer-${randomBytes(12).toString("hex")}`;
const tokenOf = (name: string) => serviceToken(bearer, name);

const ports = await Promise.all(Array.from({ length: 4 }, freePort));
const [own = 0, memory = 0, alone = 0, team = 0] = ports;

/** A group of two services, and a service that is not in it. @param release of one of them */
const catalog = (release: string) =>
  ({
    "test-own": { server: command(["node", "servers/test/main.js", "--release", release]), port: own },
    "test-memory": {
      server: npm("@modelcontextprotocol/server-memory@2026.8.31"),
      port: memory,
      volumes: { "/data": "test-memory" },
      env: { MEMORY_FILE_PATH: "/data/memory.jsonl" },
      isolation: "shared",
      serial: true,
    },
    "test-alone": { server: command(["node", "servers/test/main.js"]), port: alone },
    "test-waiting": { server: command(["node", "servers/test/main.js"]), port: 1, secrets: ["NOT_SET_ANYWHERE"] },
    "test-team": {
      server: group(["test-own", "test-memory", "test-waiting"]),
      port: team,
      probe: { tool: "test-own_milliseconds", arguments: { text: "2h" } },
    },
  }) satisfies Catalog;

const at = (port: number, token = bearer) => new Caller(`http://127.0.0.1:${port}/mcp`, { token });

describe.skipIf(inject("lacking") !== "")("a group of two services on this machine's Docker", () => {
  const project = new Project();
  let applied: Ran;

  beforeAll(async () => {
    project.env = { MCP_BEARER_TOKEN: bearer };
    applied = await project.deploy(catalog("first"));
  });

  afterAll(async () => {
    await removeDeployment();
    project.remove();
  });

  test("serves the tools of both under one URL", async () => {
    const caller = await at(team).open();
    expect(await caller.call("test-own_release")).toBe("first");
    const entities = [{ name: "Ada", entityType: "person", observations: ["wrote the first program"] }];
    await caller.call("test-memory_create_entities", { entities });
    expect(await (await at(memory).open()).call("search_nodes", { query: "Ada" })).toContain("the first program");
  });

  test("does without the one that lacks its secret, and passes npx gangway verify", async () => {
    expect((await gatewayOf("test-team")).Config.Env.join("\n")).not.toContain("test-waiting");
    const { code, output } = await project.verb("verify", "--env", "local-docker");
    expect(output).toContain("all is well (4 of 5 checked)");
    expect(code).toBe(0);
  });

  test("is opened by its own token, which opens its members too, and nothing else", async () => {
    for (const port of [team, own, memory])
      await expect(at(port, tokenOf("test-team")).open(), String(port)).resolves.toBeDefined();
    for (const [port, name] of [
      [alone, "test-team"],
      [team, "test-own"],
      [memory, "test-own"],
    ] as const)
      await expect(at(port, tokenOf(name)).open(), name).rejects.toThrow("HTTP 401");
  });

  test("has its token in a file that only its user may read, and no master", async () => {
    const { Id } = await gatewayOf("test-team");
    const said = await docker(["exec", Id, "sh", "-c", "stat -c '%n %a %u' /run/gangway/*; cat /run/gangway/*"]);
    expect(said).toContain("/run/gangway/SERVER_TOKEN 400 1000");
    expect([foundIn(said, [tokenOf("test-team")]).length, foundIn(said, [bearer])]).toEqual([1, []]);
  });

  test("has no token in what docker inspect, Terraform or the project's files show", async () => {
    const { output } = await project.run("find", ".", "-type", "f", "-not", "-path", "./.env");
    const files = output.trim().split("\n");
    expect(files).toContain("./.gangway/state/local.tfstate");
    const texts = [
      applied.output,
      JSON.stringify(await containers()),
      (await project.terraform("show", "-json")).output,
      (await project.plan()).json,
      ...files.map((file) => readFileSync(project.path(file), "latin1")),
    ];
    expect(texts.flatMap((text) => foundIn(text, [bearer, tokenOf("test-team")]))).toEqual([]);
  });

  test("is not touched by a new release of a member, and its sessions go on with that", async () => {
    const caller = await at(team).open();
    expect(await caller.call("test-own_release")).toBe("first");
    const { Id } = await gatewayOf("test-team");
    expect((await project.plan(catalog("second"))).changes.join("\n")).not.toContain("test-team");
    await project.deploy();
    expect(await caller.call("test-own_release")).toBe("second");
    expect((await gatewayOf("test-team")).Id).toBe(Id);
  });

  test("serves one member while the other is down", async () => {
    const { Id } = await gatewayOf("test-own");
    await docker(["stop", "--time", "1", Id]);
    const caller = await at(team).open();
    expect(await caller.call("test-memory_search_nodes", { query: "Ada" })).toContain("the first program");
    await expect(caller.call("test-own_release")).rejects.toThrow("test-own_release");
    await docker(["start", Id]);
  });
});
