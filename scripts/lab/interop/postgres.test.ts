import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { scratchFolder, type ScratchFolder } from "../../kit/folder.ts";
import { freePort } from "../../kit/ports.ts";
import { waitUntil } from "../../kit/wait.ts";
import { clients, type TestClient } from "./clients.ts";
import { installed, startInFront, type Gateway } from "./gateway.ts";
import { hasPostgres, runSql, startPostgres, startPostgresMcp, type Program } from "./postgres.ts";

const kinds = ["the SDK v1 client", "the SDK v2 client, pinned to 2026-07-28"];

/** What a caller must not be able to do, whoever the user of the database is. */
const writes = [
  "drop table planets",
  "insert into planets values ('Pluto')",
  "commit; drop table planets",
  "copy planets to program 'cat'",
  "create table own (a int)",
  "select pg_terminate_backend(1)",
];

/** Whether /ready has this status now. */
const isReady = async ({ url }: Gateway, status: number) =>
  (await fetch(url.replace("/mcp", "/ready"))).status === status;

describe.skipIf(!installed || !hasPostgres)("postgres-mcp in restricted mode over SSE, in front of PostgreSQL", () => {
  let folder: ScratchFolder;
  let database: Program;
  let server: Program;
  let gateway: Gateway;
  let ports: { database: number; server: number };

  beforeAll(async () => {
    folder = scratchFolder("interop");
    ports = { database: await freePort(), server: await freePort() };
    database = await startPostgres(ports.database);
    runSql(ports.database, "create table planets (name text)", "insert into planets values ('Neptune')");
    server = await startServer();
    const url = `http://127.0.0.1:${ports.server}/sse`;
    gateway = await startInFront(["--url", url, "--url-type", "sse", "--name", "postgres"]);
  });
  afterAll(async () => {
    await gateway?.stop();
    await server?.stop();
    await database?.stop();
    folder?.remove();
  });

  const startServer = () =>
    startPostgresMcp(`postgresql://postgres@127.0.0.1:${ports.database}/postgres`, ports.server);

  async function withClient<T>(kind: string, use: (client: TestClient) => Promise<T>): Promise<T> {
    const client = await clients[kind]!(gateway.url, folder.path);
    try {
      return await use(client);
    } finally {
      await client.close();
    }
  }

  test.each(kinds)("%s reads", async (kind) => {
    await withClient(kind, async (client) => {
      expect(await client.tools()).toContain("execute_sql");
      expect(await client.call("execute_sql", { sql: "select name from planets" })).toContain("Neptune");
    });
  });

  test.each(kinds)("%s cannot write, although the user of the database may", async (kind) => {
    await withClient(kind, async (client) => {
      for (const sql of writes) expect(await client.call("execute_sql", { sql }).catch(String), sql).toMatch(/^Error/i);
    });
    expect(runSql(ports.database, "select count(*) from planets")).toBe("1");
  });

  test("/ready is red while it is gone, and green when it is back, although nobody calls", async () => {
    await server.stop();
    expect(await waitUntil(() => isReady(gateway, 503), 30_000)).toBe(true);
    server = await startServer();
    expect(await waitUntil(() => isReady(gateway, 200), 30_000)).toBe(true);
    await withClient(kinds[0]!, async (client) =>
      expect(await client.call("execute_sql", { sql: "select 40 + 2 as n" })).toContain("42"),
    );
  });
});
