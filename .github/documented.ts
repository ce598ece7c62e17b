/** The commands of the documents that scripts/lab/interop/documents.test.ts runs, as they are printed. */
import type { Command } from "./documents.ts";

const ONE_SERVER = 'npx gangway-mcp --stdio "npx -y @modelcontextprotocol/server-everything" --port 9000';

/** Beside an `npm start` of the catalog: each must succeed. */
export const BESIDE_START: readonly Command[] = [
  { document: "README.md", text: "npx gangway tools memory" },
  { document: "README.md", text: "npx gangway call memory read_graph '{}'" },
  { document: "README.md", text: "npx gangway verify" },
  { document: "gateways/CLIENTS.md", text: "npx gangway token memory" },
  { document: "gateways/CLIENTS.md", text: "npx gangway clients" },
  { document: "gateways/CLIENTS.md", text: "npx gangway clients --client cursor memory" },
  { document: "stacks/OPERATING.md", text: "npx gangway token --all" },
  { document: "stacks/OPERATING.md", text: "npx gangway token new" },
  { document: "gateways/INSTALL.md", text: "npx gangway-mcp --help" },
];

/** Gateways: each must serve at the URL that the document names, and end with npx. */
export const SERVES: readonly (Command & { readonly url: string; readonly port: number })[] = [
  { document: "gateways/INSTALL.md", text: ONE_SERVER, url: "http://127.0.0.1:9000/mcp", port: 9000 },
  {
    document: "gateways/INSTALL.md",
    text: "npx gangway-mcp --config gateway.json",
    url: "http://127.0.0.1:3100/memory/mcp",
    port: 3100,
  },
];

/** What a shell runs as a whole: two requests by curl. */
export const CURL = { document: "gateways/CLIENTS.md", heading: "Programs and curl" } as const;
