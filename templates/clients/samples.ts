/** What the golden outputs in `golden/` are rendered for. */
import type { Place, Target } from "./format.ts";

/** A service on this machine, which asks for no token, one under a domain, which does, and those with logins. */
export const samples = {
  local: { name: "memory", url: "http://127.0.0.1:8082/mcp" },
  production: {
    name: "memory",
    url: "https://memory.example.org/mcp",
    token: { variable: "GANGWAY_TOKEN_MEMORY" },
  },
  "logins alone": { name: "memory", url: "https://memory.example.org/mcp", hasLogin: true },
  "logins and tokens": {
    name: "memory",
    url: "https://memory.example.org/mcp",
    hasLogin: true,
    token: { variable: "GANGWAY_TOKEN_MEMORY" },
    keyUrl: "https://memory-key.example.org/mcp",
  },
} as const satisfies Record<string, Target>;

/** A machine of which nothing is known. */
export const somewhere: Place = { os: "linux", home: "~", env: {} };
