/** A server of the official SDK over HTTP, in this process. Imported at run time: the SDK may be missing. */
import { once } from "node:events";
import { createServer, type IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";

/** A running server. */
export interface SdkServer {
  readonly url: string;
  /** The MCP-Protocol-Version of each request, in the order in which they came; undefined = none. */
  readonly versions: readonly (string | undefined)[];
  close(): void;
}

/** @param legacy what becomes of requests up to 2025-11-25 @param port to come back at @default any */
export async function startSdkServer(legacy: "stateless" | "reject", port = 0): Promise<SdkServer> {
  const { McpServer, createMcpHandler, fromJsonSchema } = await import("@modelcontextprotocol/server");
  const { toNodeHandler } = await import("@modelcontextprotocol/node");
  const serve = toNodeHandler(
    createMcpHandler(
      () => {
        const server = new McpServer({ name: "sdk-server", version: "2" });
        const schema = { type: "object", properties: { text: { type: "string" } }, required: ["text"] } as const;
        const inputSchema = fromJsonSchema<{ text: string }>(schema);
        server.registerTool("echo", { inputSchema }, ({ text }) => ({ content: [{ type: "text", text }] }));
        return server;
      },
      { legacy },
    ),
  );
  const versions: (string | undefined)[] = [];
  const http = createServer((req, res) => {
    versions.push(req.headers["mcp-protocol-version"] as string | undefined);
    void serve(req as IncomingMessage & { readonly method: string; readonly url: string }, res);
  });
  await once(http.listen(port, "127.0.0.1"), "listening");
  const close = () => {
    http.close();
    http.closeAllConnections();
  };
  return { url: `http://127.0.0.1:${(http.address() as AddressInfo).port}/mcp`, versions, close };
}
