/** A visitor of a running service: opens a session and calls tools, over plain HTTP. */
import { McpClient } from "../../kit/mcp/client.ts";
import { textOf } from "./clients.ts";

/** Opens a session at a service's `/mcp`, as a person does with curl: without a word about the client. */
export async function openVisit(url: string, token?: string): Promise<McpClient> {
  const client = new McpClient(url, token);
  await client.initialize({});
  return client;
}

/** The text that a tool answers. @throws Error with the text of an answer that is an error */
export async function callTool(client: McpClient, name: string, args: Record<string, unknown> = {}): Promise<string> {
  return textOf(await client.request("tools/call", { name, arguments: args }));
}
