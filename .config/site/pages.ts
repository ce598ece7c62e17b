/** The documents that the site shows: where each lives in the repository, and its address on the site. */

export interface Page {
  /** Relative to the top of the repository. */
  readonly file: string;
  /** Its address, without extension: "clients" is `/clients`. */
  readonly at: string;
  readonly title: string;
}

export interface Section {
  readonly title: string;
  readonly pages: readonly Page[];
}

/** The sidebar. */
export const sections: readonly Section[] = [
  {
    title: "Begin",
    pages: [
      { file: "README.md", at: "index", title: "What it is" },
      { file: "gateways/INSTALL.md", at: "install", title: "Install and run" },
      { file: "gateways/CONCEPTS.md", at: "concepts", title: "Concepts" },
      { file: "gateways/CLIENTS.md", at: "clients", title: "Connect a client" },
      { file: "gateways/MIGRATING.md", at: "migrating", title: "From supergateway or mcp-proxy" },
    ],
  },
  {
    title: "Your services",
    pages: [
      { file: "stacks/PROJECT.md", at: "project", title: "A project of your own" },
      { file: "stacks/DEPLOY.md", at: "deploy", title: "Deploy" },
      { file: "stacks/PROXIES.md", at: "proxies", title: "Your own reverse proxy" },
      { file: "stacks/OPERATING.md", at: "operating", title: "Operate" },
      { file: ".github/SECURITY.md", at: "security", title: "Security" },
    ],
  },
  {
    title: "Reference",
    pages: [
      { file: "gateways/CONFIG.md", at: "configuration", title: "Every option" },
      { file: "gateways/PROTOCOL.md", at: "protocol", title: "Protocol" },
      { file: "auth-server/README.md", at: "auth-server", title: "Authorization server" },
      { file: "gateways/COMPARISON.md", at: "comparison", title: "Comparison" },
      { file: "scripts/lab/bench/README.md", at: "bench", title: "Bench" },
    ],
  },
  {
    title: "Contribute",
    pages: [
      { file: ".github/CONTRIBUTING.md", at: "contributing", title: "Contributing" },
      { file: "gateways/README.md", at: "gateways", title: "gateways/" },
      { file: "stacks/README.md", at: "stacks", title: "stacks/" },
      { file: "scripts/README.md", at: "scripts", title: "scripts/" },
      { file: "templates/README.md", at: "templates", title: "templates/" },
      { file: "scripts/lab/interop/README.md", at: "interop", title: "Interop suite" },
      { file: "scripts/lab/clients/README.md", at: "lab-clients", title: "Lab of clients" },
      { file: "scripts/lab/soak/README.md", at: "soak", title: "Soak" },
    ],
  },
];

export const pages: readonly Page[] = sections.flatMap((section) => section.pages);
