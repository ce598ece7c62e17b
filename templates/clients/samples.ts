/** What the golden outputs in `golden/` are rendered for. */
import type { Place, Target } from "./format.ts";

/** A service on this machine, which asks for no token, and one under a domain, which does. */
export const samples = {
  local: { name: "memory", url: "http://127.0.0.1:8082/mcp" },
  production: {
    name: "memory",
    url: "https://memory.example.org/mcp",
    token: { variable: "GANGWAY_TOKEN_MEMORY" },
  },
} as const satisfies Record<string, Target>;

/** A machine of which nothing is known. */
export const somewhere: Place = { os: "linux", home: "~", env: {} };
