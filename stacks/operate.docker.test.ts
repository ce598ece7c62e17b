/** Looks after a deployment with the verbs that an operator has: here, and over a real SSH server. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { afterAll, beforeAll, describe, expect, inject, test } from "vitest";
import { app } from "./catalog/kinds/app.ts";
import { command } from "./catalog/kinds/command.ts";
import { buildBareApp } from "./fixtures/build.ts";
import { Caller } from "./fixtures/caller.ts";
import { freePort, gatewayOf, removeDeployment, serverOf } from "./fixtures/engine.ts";
import { Project } from "./fixtures/project.ts";
import { missingSshServer, type SshServer, startSshServer } from "./fixtures/ssh-server.ts";
import { missingParts } from "./fixtures/terraform.ts";
import { docker } from "./provision/docker.ts";

const TOKEN = "test-bearer-token-of-nobody";

const [notes = 0, listed = 0, bare = 0] = await Promise.all(Array.from({ length: 3 }, freePort));

const server = (release: string) => command(["node", "servers/test/main.js", "--release", release]);

const catalog = (release: string) => ({
  "test-notes": { server: server(release), port: notes },
  "test-listed": { server: server("1"), port: listed, egress: ["api.example.com"] },
  "test-bare": { ...app({ image: "gangway-test/bare:v1", port: bare }) },
  "test-needy": { server: server("1"), port: bare + 1, secrets: ["WHAT_NOBODY_HAS"] },
});

const missing = missingParts([], ["ssh"]) ?? missingSshServer();

describe.skipIf(inject("lacking") !== "")("a deployment that is looked after", () => {
  const project = new Project();

  beforeAll(async () => {
    project.env = { MCP_BEARER_TOKEN: TOKEN };
    await buildBareApp("gangway-test/bare:v1");
    await project.deploy(catalog("1") as never);
  });

  afterAll(async () => {
    await removeDeployment();
    project.remove();
  });

  const at = (port: number) => new Caller(`http://127.0.0.1:${port}/mcp`, { token: TOKEN });

  /** What a verb prints as JSON. */
  async function told<T>(...words: readonly string[]): Promise<T> {
    const [verb = "", ...rest] = words;
    const { output } = await project.verb(verb, "--json", ...rest);
    return JSON.parse(output) as T;
  }

  interface Service {
    readonly name: string;
    readonly [field: string]: unknown;
  }

  const deployment = async (...words: readonly string[]) =>
    (
      await told<{ deployments: { services: Service[]; maintenance: unknown[]; problem?: string }[] }>(
        "status",
        ...words,
      )
    ).deployments[0]!;

  const service = async (name: string) => (await deployment()).services.find((one) => one.name === name)!;

  test("status tells what runs: releases, sessions, calls, memory, restarts", async () => {
    const caller = await at(notes).open();
    await caller.call("release");
    await caller.call("release");
    const { services } = await deployment();
    expect(services.map(({ name, state }) => [name, state])).toEqual([
      ["test-bare", "ready"],
      ["test-listed", "ready"],
      ["test-notes", "ready"],
      ["test-needy", "needs"],
    ]);
    expect(services[2]).toMatchObject({
      url: `http://127.0.0.1:${notes}/mcp`,
      release: { gateway: expect.stringMatching(/^[0-9a-f]{16}$/), server: expect.stringMatching(/^[0-9a-f]{16}$/) },
      sessions: 1,
      calls: 2,
      restarts: 0,
      isPinned: false,
      isInMaintenance: false,
    });
    expect(services[2]!["memory"]).toBeGreaterThan(10e6);
    expect(services[0]).toMatchObject({ release: { app: "gangway-test/bare:v1" } });
    expect(services[3]).toMatchObject({ why: "WHAT_NOBODY_HAS" });
  });
});
