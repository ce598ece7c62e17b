/** MCP 2026-07-28 as the bench uses it: no session, each request carries everything that the server must know. */
import { MODERN, modernHeaders, modernMeta } from "../../kit/mcp/messages.ts";
import type { Connection } from "./client.ts";
import { LeftOut } from "./measures/measure.ts";
import { checkText, resultWithId } from "./reply-message.ts";
import { type Callee, clientInfo, head } from "./session.ts";

const meta = JSON.stringify(modernMeta(clientInfo));

/** A server of the modern era. */
class Modern implements Callee {
  // One for each tool, built once.
  readonly #heads = new Map<string, string>();

  async call(connection: Connection, id: number, tool: string, args: string, expected: string): Promise<void> {
    const toolHead = this.#heads.get(tool) ?? modernHead(connection.port, "tools/call", tool);
    this.#heads.set(tool, toolHead);
    const params = `{"name":"${tool}","arguments":${args},"_meta":${meta}}`;
    const body = `{"jsonrpc":"2.0","id":${id},"method":"tools/call","params":${params}}`;
    const type = checkText(await connection.send(toolHead, body), id, expected)["resultType"];
    if (type !== "complete") throw new Error(`call ${id} answered resultType ${JSON.stringify(type)}`);
  }

  async close(): Promise<void> {
    // nothing was opened
  }
}

/** Asks for the revision, as a client of both eras does. @throws LeftOut when the target does not speak it */
export async function openModern(connection: Connection): Promise<Callee> {
  const body = `{"jsonrpc":"2.0","id":0,"method":"server/discover","params":{"_meta":${meta}}}`;
  const reply = await connection.send(modernHead(connection.port, "server/discover"), body);
  try {
    const versions = resultWithId(reply, 0)["supportedVersions"];
    if (Array.isArray(versions) && versions.includes(MODERN)) return new Modern();
  } catch {
    // refused: reported below
  }
  throw new LeftOut(`does not speak ${MODERN}`);
}

function modernHead(port: number, method: string, name?: string): string {
  const lines = Object.entries(modernHeaders(method, name)).map(([key, value]) => `${key}: ${value}\r\n`);
  return head("POST", port, lines.join(""));
}
