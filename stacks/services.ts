/**
 * THE CATALOG. To add a service, add an entry: its key is its name everywhere. What answers it is one of catalog/kinds/; its
 * options are those of catalog/options.ts and, for its gateway, those of gateways/CONFIG.md that have an entry key.
 * `npx gangway start <name>` tries it here; a new npm server also gets a lockfile in locks/, to be committed.
 */
import { defineServices } from "./catalog/define.ts";
import { app } from "./catalog/kinds/app.ts";
import { http } from "./catalog/kinds/http.ts";
import { image } from "./catalog/kinds/image.ts";
import { npm } from "./catalog/kinds/npm.ts";

export const services = defineServices({
  coda: {
    server: http("https://coda.io/apis/mcp"),
    port: 8080,
    secrets: ["CODA_API_TOKEN"],
    keyUrl: "https://coda.io/account",
    acceptServiceToken: true,
  },

  github: {
    server: image("ghcr.io/github/github-mcp-server:v1.10.1", ["/server/github-mcp-server", "stdio"]),
    port: 8081,
    secrets: ["GITHUB_PERSONAL_ACCESS_TOKEN"],
    keyUrl: "https://github.com/settings/tokens",
    acceptServiceToken: true,
    egress: ["api.github.com", "raw.githubusercontent.com"],
  },

  memory: {
    server: npm("@modelcontextprotocol/server-memory@2026.8.31"),
    port: 8082,
    volumes: { "/data": "memory" },
    egress: "none",
    env: { MEMORY_FILE_PATH: "/data/memory.jsonl" },
    // It reads and writes its whole file at each call: calls side by side would undo each other's writes.
    isolation: "shared",
    serial: true,
    probe: { tool: "read_graph" },
  },

  firecrawl: {
    server: npm("firecrawl-mcp@3.26.0"),
    port: 8084,
    optionalSecrets: ["FIRECRAWL_API_KEY"],
    keyUrl: "https://firecrawl.dev",
    acceptServiceToken: true,
    // It reads any file of the machine that it runs on. Leave this out to offer it.
    tools: ["!firecrawl_parse"],
    egress: ["api.firecrawl.dev"],
  },

  n8n: app({ image: "n8nio/n8n:2.41.3", port: 5678, volumes: { "/home/node/.n8n": "n8n" } }),

  filesystem: {
    server: npm("@modelcontextprotocol/server-filesystem@2026.8.31", ["/data"]),
    port: 8085,
    volumes: { "/data": "files" },
    egress: "none",
    probe: { tool: "list_allowed_directories" },
  },

  everything: {
    server: npm("@modelcontextprotocol/server-everything@2026.8.31", ["stdio"]),
    port: 8086,
    egress: "none",
    probe: { tool: "get-sum", arguments: { a: 2, b: 40 } },
  },

  // Deployed where POSTGRES_PASSWORD is set. Only a service that names it in `reaches` is on its network.
  postgres: app({
    image: "postgres:18.4",
    port: 5432,
    public: false,
    network: "own",
    optional: true,
    secrets: ["POSTGRES_PASSWORD"],
    volumes: { "/var/lib/postgresql": "postgres" },
    user: "postgres",
    // While it makes its files, it answers on its socket alone.
    healthcheck: { test: ["pg_isready", "--username=postgres", "--host=127.0.0.1"] },
  }),

  // Deployed where DSN is set: what callers may do is what that user of the database may (stacks/OPERATING.md, Postgres).
  "postgres-mcp": {
    server: npm("@bytebase/dbhub@1.4.0", ["--transport", "stdio"]),
    port: 8087,
    optional: true,
    secrets: ["DSN"],
    reaches: ["postgres"],
    egress: "none",
    isolation: "shared",
    probe: { tool: "execute_sql", arguments: { sql: "select 1" } },
  },

  // What watches the others: stacks/OPERATING.md, "Metrics, alerts and traces", has the entries.

  // Several services as one, with tools such as memory_read_graph. Import group from "./catalog/kinds/group.ts".
  // team: { server: group(["memory", "everything"]), port: 8091, probe: { tool: "memory_read_graph" } },
});
