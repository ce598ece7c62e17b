/** The protocol's revisions, in the words of MCP 2026-07-28, "Versioning": legacy have `initialize`, modern have not. */

/** The newest legacy revision. */
export const LATEST_LEGACY = "2025-11-25";

/** The legacy revisions that are spoken on /mcp. */
export const LEGACY_VERSIONS: readonly string[] = ["2024-11-05", "2025-03-26", "2025-06-18", LATEST_LEGACY];

/** The newest modern revision. */
export const LATEST_MODERN = "2026-07-28";

/** The modern revisions that are spoken on /mcp. */
export const MODERN_VERSIONS: readonly string[] = [LATEST_MODERN];

/** What a modern request says of itself in `params._meta` (MCP 2026-07-28, Overview, "_meta"). */
export const META = {
  version: "io.modelcontextprotocol/protocolVersion",
  capabilities: "io.modelcontextprotocol/clientCapabilities",
  client: "io.modelcontextprotocol/clientInfo",
  logLevel: "io.modelcontextprotocol/logLevel",
  /** In a notification: the id of the `subscriptions/listen` request that it belongs to. */
  subscription: "io.modelcontextprotocol/subscriptionId",
  /** In a result. */
  server: "io.modelcontextprotocol/serverInfo",
} as const;

/** RFC 5424, section 6.2.1: from the least to the most severe. */
export const LOG_LEVELS: readonly string[] = [
  "debug",
  "info",
  "notice",
  "warning",
  "error",
  "critical",
  "alert",
  "emergency",
];

/** The request whose answer is a long stream of news (MCP 2026-07-28, "Subscriptions"). */
export const LISTEN = "subscriptions/listen";
