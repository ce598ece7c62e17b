/** Paths of the hub's own: a service with such a name could not be reached there. */
export const OF_HUB: readonly string[] = ["mcp", "sse", "messages", "ws", "health", "ready"];
