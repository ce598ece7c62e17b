/** The protocol's revisions. MCP 2026-07-28, "Versioning", calls those with `initialize` legacy, those without it modern. */

/** The newest legacy revision. */
export const LATEST_LEGACY = "2025-11-25";

/** The legacy revisions that /mcp speaks. */
export const LEGACY_VERSIONS: readonly string[] = ["2024-11-05", "2025-03-26", "2025-06-18", LATEST_LEGACY];

/** The newest modern revision. */
export const LATEST_MODERN = "2026-07-28";

/** The modern revisions that /mcp speaks. */
export const MODERN_VERSIONS: readonly string[] = [LATEST_MODERN];

/** The keys of a modern message's `_meta` (MCP 2026-07-28, Overview, "_meta"). */
export const META = {
  version: "io.modelcontextprotocol/protocolVersion",
  capabilities: "io.modelcontextprotocol/clientCapabilities",
  client: "io.modelcontextprotocol/clientInfo",
  logLevel: "io.modelcontextprotocol/logLevel",
  /** In a change notification: the id of its `subscriptions/listen` request. */
  subscription: "io.modelcontextprotocol/subscriptionId",
  /** In a result: who the server is. */
  server: "io.modelcontextprotocol/serverInfo",
  /** In a gateway's own discovery: a legacy server stands behind it, whose clients it tells apart by their sessions alone. */
  translated: "gangway/translated",
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

/** The request that opens a subscription: change notifications follow until its answer (MCP 2026-07-28, "Subscriptions"). */
export const LISTEN = "subscriptions/listen";
