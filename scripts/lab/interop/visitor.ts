// A visitor of a running service: opens a session and calls tools, over plain HTTP.
import { Visit } from "../../kit/mcp/client.ts";
import { textOf } from "./clients.ts";

/** Opens a session at a service's `/mcp`. */
export async function openVisit(url: string, token?: string): Promise<Visit> {
  const visit = new Visit(url, token);
  const { status, headers, json } = await visit.post("initialize", {});
  if (status !== 200) throw new Error(`initialize is ${status}: ${JSON.stringify(json)}`);
  visit.session = headers.get("mcp-session-id") ?? undefined;
  await visit.post("notifications/initialized");
  return visit;
}

/** The text that a tool answers. @throws Error with the text of an answer that is an error */
export async function callTool(visit: Visit, name: string, args: Record<string, unknown> = {}): Promise<string> {
  const { json } = await visit.post("tools/call", { name, arguments: args });
  if (!json?.["result"]) throw new Error(`${name} has no result: ${JSON.stringify(json)}`);
  return textOf(json["result"]);
}
