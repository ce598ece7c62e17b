import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { app } from "./catalog/kinds/app.ts";
import { npm } from "./catalog/kinds/npm.ts";
import { deploymentOf, keptDeployment } from "./deployment.ts";
import { synthesizeLocal } from "./fixtures/synth.ts";
import { readSettings } from "./settings.ts";

const folder = mkdtempSync(join(tmpdir(), "gangway-deployment-"));
afterAll(() => rmSync(folder, { recursive: true }));

const settings = (env: Record<string, string>) => readSettings([], { env, file: "/nowhere" });

describe("the name of a deployment", () => {
  test("to this machine is made once for a project, whatever the domain", () => {
    const file = join(folder, "first", "deployment");
    expect(keptDeployment(file)).toBeUndefined();
    const name = deploymentOf("local", settings({ DOMAIN: "example.org" }), file);
    expect(name).toMatch(/^local-[0-9a-f]{8}$/);
    expect([deploymentOf("local", settings({}), file), keptDeployment(file)]).toEqual([name, name]);
    expect(deploymentOf("local", settings({}), join(folder, "second", "deployment"))).not.toBe(name);
  });

  test("under a domain is the domain, wherever it is deployed from", () => {
    expect(deploymentOf("services", settings({ DOMAIN: "example.org" }), join(folder, "third"))).toBe("example.org");
  });

  test("that is no name is made anew: it is the value of a filter", () => {
    const file = join(folder, "odd");
    writeFileSync(file, "local-1 --filter x\n");
    expect(deploymentOf("local", settings({}), file)).toMatch(/^local-[0-9a-f]{8}$/);
  });
});

test("everything that a stack has on an engine is labelled with it, whatever else it is labelled with", () => {
  const { json } = synthesizeLocal({
    memory: { server: npm("@modelcontextprotocol/server-memory@2026.8.31"), port: 8082 },
    database: app({ image: "postgres:17.2", port: 5432, public: false }),
  });
  const labelled = ["docker_container", "docker_network", "docker_volume"].flatMap((type) =>
    Object.entries<{ labels?: { label: string; value: string }[] }>(json["resource"][type]),
  );
  expect(labelled.length).toBeGreaterThan(6);
  for (const [id, { labels = [] }] of labelled)
    expect(labels, id).toContainEqual({ label: "gangway.deployment", value: "local-0f1e2d3c" });
  const gateway = labelled.find(([id]) => id.startsWith("memory_container"));
  expect(gateway?.[1].labels).toContainEqual({ label: "gangway.service", value: "memory" });
});

test("what has a new name at every plan ignores it, so that a second plan changes nothing", () => {
  const { json } = synthesizeLocal({
    memory: { server: npm("@modelcontextprotocol/server-memory@2026.8.31"), port: 8082, egress: ["example.org"] },
  });
  const named = ["docker_container", "docker_network", "docker_volume"]
    .flatMap((type) =>
      Object.entries<{ name: string; lifecycle?: { ignore_changes?: string[] } }>(json["resource"][type]),
    )
    .filter(([, { name }]) => name.includes("uuid()"));
  expect(named.length).toBe(5); // the gateway; containers and volumes of its server and of that server's proxy
  for (const [id, { lifecycle }] of named) expect(lifecycle?.ignore_changes, id).toContain("name");
});

test("no label replaces a network or a volume that was there before: the containers that use it would have to go", () => {
  const { json } = synthesizeLocal({
    memory: { server: npm("@modelcontextprotocol/server-memory@2026.8.31"), port: 8082, egress: ["api.example.com"] },
    database: app({ image: "postgres:17.2", port: 5432, public: false, network: "own" }),
  });
  const lasting = ["docker_network", "docker_volume"].flatMap((type) =>
    Object.entries<{ name: string; lifecycle?: object }>(json["resource"][type]),
  );
  expect(lasting.length).toBeGreaterThan(6);
  for (const [id, { lifecycle }] of lasting)
    expect(lifecycle, id).toMatchObject({ ignore_changes: expect.arrayContaining(["labels"]) });
  const random = lasting.filter(([, { name }]) => name.includes("uuid()"));
  expect(random.map(([id]) => id.replace(/_[^_]+$/, ""))).toEqual(["memory-egress_sockets", "memory_server_socket"]);
  for (const [id, { lifecycle }] of random) expect(lifecycle, id).toMatchObject({ ignore_changes: ["name", "labels"] });
});
