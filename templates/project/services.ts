/**
 * THE CATALOG. To add a service, add an entry: its key is its name everywhere, and your editor completes and explains its
 * options. `npm start` runs it here; a new npm server also gets a lockfile in locks/, to be committed.
 */
import { defineServices, npm } from "gangway-mcp/catalog";

export const services = defineServices({
  // A knowledge graph that clients fill and search, in a file on a volume.
  memory: {
    server: npm("@modelcontextprotocol/server-memory@2026.8.31"),
    port: 8082,
    volumes: { "/data": "memory" },
    env: { MEMORY_FILE_PATH: "/data/memory.jsonl" },
    // It reads and writes its whole file at each call: calls side by side would undo each other's writes.
    isolation: "shared",
    serial: true,
    probe: { tool: "search_nodes", arguments: { query: "gangway" } },
  },

  // The reference server, with a little of everything that MCP can do.
  everything: {
    server: npm("@modelcontextprotocol/server-everything@2026.8.31", ["stdio"]),
    port: 8086,
    probe: { tool: "get-sum", arguments: { a: 2, b: 40 } },
  },

  // A service with a key. `npx gangway secrets` gives the key its line in .env.example and the deploy workflow; the value goes
  // into .env, never into this file.
  // firecrawl: {
  //   server: npm("firecrawl-mcp@3.26.0"),
  //   port: 8084,
  //   secrets: ["FIRECRAWL_API_KEY"],
  //   tools: ["!firecrawl_parse"], // it reads any local file
  // },

  // Several services as one, with one URL and tools such as memory_read_graph: import group, too.
  // team: { server: group(["memory", "everything"]), port: 8091 },

  // The page of a deployment, at status.<domain>: log in with what `npx gangway token status` prints.
  // status: { server: group(["memory", "everything"]), port: 3009 },
});
