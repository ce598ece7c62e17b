import { createHash, randomBytes } from "node:crypto";
import { readFileSync, statSync, writeFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, inject, test } from "vitest";
import { app } from "./catalog/kinds/app.ts";
import { command } from "./catalog/kinds/command.ts";
import { buildApp } from "./fixtures/build.ts";
import { Caller } from "./fixtures/caller.ts";
import { containers, freePort, gatewayOf, names, removeDeployment, serverOf } from "./fixtures/engine.ts";
import { type Catalog, Project } from "./fixtures/project.ts";
import { type Ran, run } from "./fixtures/run.ts";
import { foundIn } from "./fixtures/traces.ts";
import { docker } from "./provision/docker.ts";
import { serviceToken } from "./tokens.ts";

const planted = (what: string) => `planted-${what}-${randomBytes(12).toString("hex")}`;

const bearer = planted("bearer");
const inEnvironment = {
  MCP_BEARER_TOKEN: bearer,
  TEST_SECRET: planted("secret"),
  TEST_APP_SECRET: planted("app"),
  TEST_VARIABLE: planted("variable"),
};
const optional = planted("optional");
const secrets = [...Object.values(inEnvironment), optional];

const [own = 0, other = 0, web = 0, worker = 0] = await Promise.all(Array.from({ length: 4 }, freePort));
const catalog = {
  "test-own": {
    server: command(["node", "servers/test/main.js"]),
    port: own,
    secrets: ["TEST_SECRET"],
    optionalSecrets: ["TEST_OPTIONAL"],
    acceptServiceToken: "TEST_SECRET",
  },
  "test-other": { server: command(["node", "servers/test/main.js"]), port: other },
  "test-web": app({ image: "gangway-test/app:v1", port: web, secrets: ["TEST_APP_SECRET"] }),
  "test-worker": app({
    image: "gangway-test/app:v1",
    port: worker,
    secrets: ["TEST_VARIABLE"],
    secretsAs: "variables",
    command: ["node", "/app.js"],
  }),
} satisfies Catalog;

const fingerprint = (value: string) => createHash("sha256").update(value).digest("hex");
const at = (port: number, token: string) => new Caller(`http://127.0.0.1:${port}/mcp`, { token });

describe.skipIf(inject("lacking") !== "")("a secret", () => {
  const project = new Project();
  let applied: Ran;
  let processes: string;

  beforeAll(async () => {
    project.env = inEnvironment;
    writeFileSync(project.path(".env"), `TEST_OPTIONAL=${optional}\n`);
    await buildApp("gangway-test/app:v1");
    project.write(catalog);
    await project.synth();
    const applying = project.deploy();
    processes = await commandLinesDuring(applying);
    applied = await applying;
  });

  afterAll(async () => {
    await removeDeployment();
    project.remove();
  });

  test("reaches its server, whether it is set in the environment or in .env", async () => {
    const caller = await at(own, bearer).open();
    expect(await caller.call("fingerprint", { name: "TEST_SECRET" })).toBe(fingerprint(inEnvironment.TEST_SECRET));
    expect(await caller.call("fingerprint", { name: "TEST_OPTIONAL" })).toBe(fingerprint(optional));
  });

  test("reaches its app as a file", async () => {
    const said = await (await fetch(`http://127.0.0.1:${web}/`)).text();
    expect(said).toContain(fingerprint(inEnvironment.TEST_APP_SECRET));
  });

  test("reaches an app whose image knows no files as a variable", async () => {
    const said = await (await fetch(`http://127.0.0.1:${worker}/`)).text();
    expect(said).toContain(fingerprint(inEnvironment.TEST_VARIABLE));
  });

  test("of a service whose entry accepts it is a token for that service, and for no other; its other secret is none", async () => {
    await expect(at(own, inEnvironment.TEST_SECRET).open()).resolves.toBeDefined();
    for (const [port, token] of [
      [other, inEnvironment.TEST_SECRET],
      [own, optional],
      [other, serviceToken(bearer, "test-own")],
    ] as const)
      await expect(at(port, token).open()).rejects.toThrow("HTTP 401");
    await expect(at(own, serviceToken(bearer, "test-own")).open()).resolves.toBeDefined();
    const server = await at(other, bearer).open();
    expect(await server.call("fingerprint", { name: "TEST_SECRET" })).toBe("unset");
  });

  test("is a file that only its container's user may read", async () => {
    const { Id } = await gatewayOf("test-own");
    const said = await docker(["exec", Id, "sh", "-c", "stat -c '%n %a %u' /run/gangway/*"]);
    const files = ["MCP_TOKEN_DIGESTS", "TEST_OPTIONAL", "TEST_SECRET"];
    expect(said.trim().split("\n")).toEqual(files.map((name) => `/run/gangway/${name} 400 1000`));
    expect(foundIn(await docker(["exec", Id, "sh", "-c", "cat /run/gangway/MCP*; env"]), secrets)).toEqual([]);
    await expect(docker(["exec", Id, "sh", "-c", "echo x > /run/gangway/x"])).rejects.toThrow("Read-only file system");
  });

  test("of the gateway's, and its key, are out of reach of its server", async () => {
    const { Id } = await serverOf("test-own");
    const look = "ls /state /run/gangway 2>&1; env; cat /proc/*/environ 2>/dev/null | tr '\\0' '\\n'; id -u";
    const said = await docker(["exec", "--user", "1000", Id, "sh", "-c", look]);
    expect(said.match(/No such file or directory/g)).toHaveLength(2);
    expect(foundIn(said, [bearer])).toEqual([]);
    expect(said).not.toContain("MCP_TOKEN_DIGESTS");
    expect(said).toMatch(/1000\n$/);
  });

  describe("does not appear", () => {
    test("in the state, the synthesized stacks or anything else that the project writes", async () => {
      const { output } = await project.run("find", ".", "-type", "f", "-not", "-path", "./.env");
      const files = output.trim().split("\n");
      expect(files).toContain("./.gangway/state/local.tfstate");
      const texts = files.map((file) => [file, readFileSync(project.path(file), "latin1")] as const);
      expect(texts.flatMap(([file, text]) => foundIn(text, secrets).map((secret) => `${file}: ${secret}`))).toEqual([]);
    });

    test("in Terraform's JSON of the state, or of a plan that creates everything", async () => {
      const state = await project.terraform("show", "-json");
      const fresh = new Project();
      fresh.env = { ...inEnvironment, TEST_OPTIONAL: optional };
      const { json } = await fresh.plan(catalog);
      fresh.remove();
      for (const text of [state.output, json]) expect(text).toContain("TEST_OPTIONAL_FILE=/run/gangway/TEST_OPTIONAL");
      expect(foundIn(state.output + json, secrets)).toEqual([]);
    });

    test("in Terraform's output during an apply, or on a command line meanwhile", () => {
      expect(applied.output).toContain("Apply complete!");
      expect(processes).toContain("stacks/provision/secrets.ts");
      expect(foundIn(applied.output + processes, secrets)).toEqual([]);
    });

    test("in docker inspect of containers, images, volumes and networks", async () => {
      const found = await Promise.all([
        ...(await containers()).map(({ Id }) => docker(["inspect", Id])),
        ...(await names("volume ls -q", /^gangway-test-/)).map((name) => docker(["volume", "inspect", name])),
        ...(await testImages()).map((name) => docker(["image", "inspect", name])),
        ...(await testImages()).map((name) => docker(["history", "--no-trunc", name])),
        docker(["network", "inspect", "proxy", "syncbricks"]),
      ]);
      expect(found.join()).toContain("TEST_SECRET_FILE=/run/gangway/TEST_SECRET");
      expect(foundIn(found.join(), secrets)).toEqual([]);
    });

    test("in an image", async () => {
      for (const name of await testImages()) {
        const script = `docker save "$1" | grep -a -c -F -e planted- || true`;
        expect(await run("sh", ["-c", script, "sh", name]), name).toEqual({ code: 0, output: "0\n" });
      }
    });

    test("in a log, even after a call that used it as a token", async () => {
      await at(own, inEnvironment.TEST_SECRET).open();
      await expect(at(own, `${bearer}x`).open()).rejects.toThrow("HTTP 401");
      const logs = await Promise.all((await containers()).map(({ Id }) => run("docker", ["logs", Id])));
      const said = logs.map(({ output }) => output).join("\n");
      expect(said).toContain("AUTH");
      expect(foundIn(said, secrets)).toEqual([]);
    });
  });

  test("that changes replaces only the service that uses it", async () => {
    const before = await Promise.all([gatewayOf("test-own"), gatewayOf("test-other"), serverOf("test-own")]);
    const [changed, changedApp] = [planted("changed"), planted("changed-app")];
    project.env = { ...inEnvironment, TEST_SECRET: changed, TEST_APP_SECRET: changedApp };
    const { changes } = await project.plan();
    expect(changes.filter((line) => !/\.test-(own|web)_/.test(line))).toEqual([]);
    await project.deploy();
    const after = await Promise.all([gatewayOf("test-own"), gatewayOf("test-other")]);
    expect(after[0].Id).not.toBe(before[0].Id);
    expect(after[1].Id).toBe(before[1].Id);
    expect((await serverOf("test-own")).Id).toBe(before[2].Id);
    const caller = await at(own, changed).open();
    expect(await caller.call("fingerprint", { name: "TEST_SECRET" })).toBe(fingerprint(changed));
    expect(await (await fetch(`http://127.0.0.1:${web}/`)).text()).toContain(fingerprint(changedApp));
    expect(await names("volume ls -q", /^gangway-test-(own|web)-secrets-/)).toHaveLength(2);
    expect((await project.plan()).changes).toEqual([]);
  });

  test("that is missing is named, and its service is left out", async () => {
    project.env = { MCP_BEARER_TOKEN: bearer };
    const { output } = await project.synth();
    expect(output).toContain("local is without test-own: it needs TEST_SECRET");
    expect(output).toContain("local is without test-web: it needs TEST_APP_SECRET");
  });

  test("for callers is created if none is set, readable only by this machine's user", async () => {
    const fresh = new Project();
    fresh.write({ "test-other": catalog["test-other"] });
    await fresh.synth();
    const token = readFileSync(fresh.path(".gangway/token"), "utf8").trim();
    expect(token).toMatch(/^[0-9a-f]{64}$/);
    expect(statSync(fresh.path(".gangway/token")).mode & 0o777).toBe(0o600);
    expect((await fresh.verb("token")).output).toContain(`\n${token}\n`);
    expect((await fresh.run("grep", "-rlF", token, ".")).output).toBe("./.gangway/token\n");
    fresh.remove();
  });
});

const testImages = () =>
  names("images --format {{.Repository}}:{{.Tag}}", /^localhost\/gangway\/(test-.*|gateway):[0-9a-f]{16}$/);

/** Every command line that runs on this machine until the work is done. */
async function commandLinesDuring(work: Promise<unknown>): Promise<string> {
  const done = work.then(
    () => true,
    () => true,
  );
  const seen = new Set<string>();
  while (!(await Promise.race([done, sleep(10, false)]))) {
    const { output } = await run("ps", ["-A", "-ww", "-o", "args"]);
    for (const line of output.split("\n")) seen.add(line);
  }
  return [...seen].join("\n");
}
