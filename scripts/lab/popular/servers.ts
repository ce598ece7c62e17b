/** The servers that people use most, at exact versions, and what each needs. Without what it needs, its call still has to be answered. */

/** One server, and the call that it gets. */
export interface Popular {
  readonly name: string;
  /** Its command line. */
  readonly run: string;
  /** In words, for whoever reads the table of results. */
  readonly needs: string;
  /** Placeholders that let it start. @default none */
  readonly env?: Readonly<Record<string, string>>;
  /** A call that changes nothing. */
  readonly call: { readonly name: string; readonly arguments: object };
}

/** Checked on 2026-11-28. */
export const popular: readonly Popular[] = [
  {
    name: "sequential-thinking",
    run: "npx -y @modelcontextprotocol/server-sequential-thinking@2026.8.31",
    needs: "nothing",
    call: {
      name: "sequentialthinking",
      arguments: { thought: "one", nextThoughtNeeded: false, thoughtNumber: 1, totalThoughts: 1 },
    },
  },
  {
    name: "playwright",
    run: "npx -y @playwright/mcp@0.0.83",
    needs: "a browser for more than its list",
    call: { name: "browser_tabs", arguments: { action: "list" } },
  },
  {
    name: "context7",
    run: "npx -y @upstash/context7-mcp@4.1.1",
    needs: "nothing",
    call: { name: "resolve-library-id", arguments: { libraryName: "react", query: "react" } },
  },
  {
    name: "puppeteer",
    run: "npx -y @modelcontextprotocol/server-puppeteer@2025.5.12",
    needs: "a browser for more than its list",
    env: { PUPPETEER_SKIP_DOWNLOAD: "1" },
    call: { name: "puppeteer_evaluate", arguments: { script: "1" } },
  },
  {
    name: "postgres",
    run: "npx -y @modelcontextprotocol/server-postgres@0.6.2 postgresql://localhost/none",
    needs: "a database for more than its list",
    call: { name: "query", arguments: { sql: "select 1" } },
  },
  {
    name: "notion",
    run: "npx -y @notionhq/notion-mcp-server@2.5.2",
    needs: "a token for more than its list",
    env: { NOTION_TOKEN: "none" },
    call: { name: "API-get-self", arguments: {} },
  },
  {
    name: "slack",
    run: "npx -y @modelcontextprotocol/server-slack@2025.4.25",
    needs: "a token for more than its list",
    env: { SLACK_BOT_TOKEN: "none", SLACK_TEAM_ID: "none" },
    call: { name: "slack_list_channels", arguments: {} },
  },
  {
    name: "brave",
    run: "npx -y @brave/brave-search-mcp-server@2.1.4",
    needs: "a key for more than its list",
    env: { BRAVE_API_KEY: "none" },
    call: { name: "brave_web_search", arguments: { query: "mcp" } },
  },
  {
    name: "tavily",
    run: "npx -y tavily-mcp@0.2.22",
    needs: "a key for more than its list",
    env: { TAVILY_API_KEY: "none" },
    call: { name: "tavily_search", arguments: { query: "mcp" } },
  },
  {
    name: "chrome-devtools",
    run: "npx -y chrome-devtools-mcp@1.11.0",
    needs: "Chrome for more than its list",
    call: { name: "list_pages", arguments: {} },
  },
  {
    name: "browser-tools",
    run: "npx -y @agentdeskai/browser-tools-mcp@2.0.2",
    needs: "its browser extension for more than its list",
    call: { name: "getConsoleLogs", arguments: {} },
  },
  {
    name: "figma",
    run: "npx -y figma-developer-mcp@0.13.2 --stdio",
    needs: "a key for more than its list",
    env: { FIGMA_API_KEY: "none" },
    call: { name: "get_figma_data", arguments: { fileKey: "none" } },
  },
  {
    name: "exa",
    run: "npx -y exa-mcp-server@3.4.1",
    needs: "a key for more than its list",
    env: { EXA_API_KEY: "none" },
    call: { name: "web_search_exa", arguments: { query: "mcp" } },
  },
  {
    name: "sentry",
    run: "npx -y @sentry/mcp-server@0.39.0",
    needs: "a token for more than its list",
    env: { SENTRY_ACCESS_TOKEN: "none" },
    call: { name: "whoami", arguments: {} },
  },
  {
    name: "kubernetes",
    run: "npx -y mcp-server-kubernetes@4.1.7",
    needs: "a cluster for more than its list",
    call: { name: "ping", arguments: {} },
  },
  {
    name: "shadcn",
    run: "npx -y shadcn@4.23.1 mcp",
    needs: "nothing",
    call: { name: "get_project_registries", arguments: {} },
  },
  {
    name: "excalidraw",
    run: "npx -y excalidraw-mcp@1.0.0",
    needs: "nothing",
    call: { name: "query_elements", arguments: {} },
  },
  {
    name: "desktop-commander",
    run: "npx -y @wonderwhy-er/desktop-commander@0.2.52",
    needs: "nothing",
    call: { name: "get_config", arguments: {} },
  },
  {
    name: "supabase",
    run: "npx -y @supabase/mcp-server-supabase@0.13.0",
    needs: "a token; without a network its list fails, but it is up",
    env: { SUPABASE_ACCESS_TOKEN: "none" },
    call: { name: "list_projects", arguments: {} },
  },
  {
    name: "time",
    run: "uvx mcp-server-time@2026.10.19",
    needs: "nothing",
    call: { name: "get_current_time", arguments: { timezone: "UTC" } },
  },
  {
    name: "fetch",
    run: "uvx mcp-server-fetch@2026.10.24",
    needs: "nothing",
    call: { name: "fetch", arguments: { url: "https://example.org" } },
  },
  {
    name: "git",
    run: "uvx mcp-server-git@2026.10.19",
    needs: "a repository for more than its list",
    call: { name: "git_status", arguments: { repo_path: "." } },
  },
  {
    name: "duckduckgo",
    run: "uvx duckduckgo-mcp-server@0.7.0",
    needs: "nothing",
    call: { name: "search", arguments: { query: "mcp" } },
  },
  {
    name: "markitdown",
    run: "uvx markitdown-mcp@0.0.1a8",
    needs: "nothing",
    call: { name: "convert_to_markdown", arguments: { uri: "data:text/plain,hello" } },
  },
];
