import { randomBytes } from "node:crypto";
import { afterAll, beforeAll, describe, expect, inject, test } from "vitest";
import { npm } from "./catalog/kinds/npm.ts";
import { buildPostgres } from "./fixtures/build.ts";
import { Caller } from "./fixtures/caller.ts";
import { containers, freePort, names, removeDeployment, serverOf } from "./fixtures/engine.ts";
import { type Catalog, Project } from "./fixtures/project.ts";
import { run, succeed } from "./fixtures/run.ts";
import { foundIn } from "./fixtures/traces.ts";
import { docker } from "./provision/docker.ts";
import { services as shipped } from "./services.ts";

const TOKEN = "test-bearer-token-of-nobody";
const password = randomBytes(24).toString("hex");
const readersPassword = randomBytes(24).toString("hex");

const [memory = 0, queries = 0, asked = 0] = await Promise.all(Array.from({ length: 3 }, freePort));

/** As they are shipped, under other names. */
const { server, port, secrets } = shipped.postgres;
const postgres = { server, port, secrets, volumes: { "/var/lib/postgresql": "test-postgres" } };
const { server: inFront, secrets: dsn } = shipped["postgres-mcp"];

const first = {
  "test-postgres": postgres,
  "test-memory": { server: npm("@modelcontextprotocol/server-memory@2026.8.31"), port: memory },
};
const all = {
  ...first,
  "test-postgres-mcp": {
    server: inFront,
    port: queries,
    secrets: dsn,
    isolation: "shared",
    reaches: ["test-postgres"],
  },
} satisfies Catalog;

const sql = (statement: string) =>
  docker(["exec", "test-postgres", "psql", "--username=postgres", "--tuples-only", "--no-align", "-c", statement]);

/** Connects from the container of a service's server to an address. @returns "connected", or why it is not */
async function connection(service: string, host: string): Promise<string> {
  const { Id } = await serverOf(service);
  const script = `const socket = require("net").connect(5432, "${host}", () => end("connected"));
    const end = (what) => { console.log(what); process.exit(); };
    socket.on("error", ({ code }) => end(code));
    setTimeout(() => end("no answer"), 3000);`;
  return (await docker(["exec", Id, "node", "-e", script])).trim();
}

const caller = async () => new Caller(`http://127.0.0.1:${queries}/mcp`, { token: TOKEN }).open();

/** The release of a service, and the container of an app. */
const running = async () =>
  (await containers(/^(nginx-proxy$|test-(postgres$|memory))/)).map(({ Id, Name }) => `${Name} ${Id}`);

describe.skipIf(inject("lacking") !== "")("Postgres as it is shipped", () => {
  const project = new Project();
  let before: string[];

  beforeAll(async () => {
    const DSN = `postgres://reader:${readersPassword}@test-postgres:5432/postgres`;
    project.env = { MCP_BEARER_TOKEN: TOKEN, POSTGRES_PASSWORD: password, DSN };
    const { image } = postgres.server as { image: string };
    const pulled = await run("docker", ["pull", "--quiet", image]);
    if (pulled.code !== 0) {
      await buildPostgres("gangway-test/postgres:v1");
      Object.assign(postgres, { server: { ...postgres.server, image: "gangway-test/postgres:v1" } });
    }
    await project.deploy(first);
    await sql(`create role reader login password '${readersPassword}'; grant pg_read_all_data to reader`);
    await sql("create table notes (text text); insert into notes values ('it was kept')");
    before = await running();
    await project.deploy(all);
  }, 600_000);

  afterAll(async () => {
    await removeDeployment();
    project.remove();
  });

  test("answers queries that come through the gateway in front of it", async () => {
    expect(await (await caller()).call("execute_sql", { sql: "select 6 * 7 as answer" })).toContain('"answer": 42');
  });

  test("lets callers do what their user of the database may, and nothing else", async () => {
    const reader = await caller();
    expect(await reader.call("execute_sql", { sql: "select text from notes" })).toContain("it was kept");
    await expect(reader.call("execute_sql", { sql: "delete from notes" })).rejects.toThrow("permission denied");
  });

  test("is reached by the service that names it, and by no other, not even by its address", async () => {
    const format = "{{range .NetworkSettings.Networks}}{{.IPAddress}}{{end}}";
    const address = (await docker(["inspect", "--format", format, "test-postgres"])).trim();
    expect(await connection("test-postgres-mcp", "test-postgres")).toBe("connected");
    expect(await connection("test-memory", "test-postgres")).toMatch(/^(ENOTFOUND|EAI_AGAIN)$/);
    expect(await connection("test-memory", address)).not.toBe("connected");
  });

  test("goes on running when a service that reaches it is added, as do the others", async () => {
    expect(before.map((line) => line.replace(/(-[0-9a-f]{8})? .*/, ""))).toEqual([
      "/nginx-proxy",
      "/test-memory-mcp-gateway",
      "/test-memory-port",
      "/test-memory-server",
      "/test-postgres",
    ]);
    expect(await running()).toEqual(before);
  });

  test("has no port on this machine, and runs as its own user", async () => {
    expect(await docker(["port", "test-postgres"])).toBe("");
    expect((await docker(["exec", "test-postgres", "id", "-un"])).trim()).toBe("postgres");
  });

  test("is healthy, and a second plan changes nothing", async () => {
    const health = await docker(["inspect", "--format", "{{.State.Health.Status}}", "test-postgres"]);
    expect(health.trim()).toBe("healthy");
    expect((await project.plan(all)).changes).toEqual([]);
  });

  test("has no password in docker inspect or in the state", async () => {
    const inspected = await docker(["inspect", ...(await names("ps -a --format {{.Names}}", /^test-/))]);
    const { output: state } = await project.terraform("show", "-json");
    expect(foundIn(inspected + state, [password, readersPassword])).toEqual([]);
  });

  test("publishes its port to this machine alone where PORT_<SERVICE> asks for it", async () => {
    project.env = { ...project.env, PORT_TEST_POSTGRES: String(asked) };
    await project.deploy(all);
    expect((await docker(["port", "test-postgres"])).trim()).toBe(`5432/tcp -> 127.0.0.1:${asked}`);
  });

  test("keeps its data when it is destroyed and deployed again", async () => {
    await succeed(project.destroy());
    expect(await names("volume ls --format {{.Name}}", /^gangway-test-postgres$/)).toHaveLength(1);
    expect(await names("network ls --format {{.Name}}", /^test-postgres-network$/)).toEqual([]);
    await project.deploy(all);
    expect((await sql("select text from notes")).trim()).toBe("it was kept");
    expect(await (await caller()).call("execute_sql", { sql: "select text from notes" })).toContain("it was kept");
  });
});
