// MCP 2026-07-28 as the bench uses it: no session, each request says by itself what a session would have said.
import type { Connection } from "./client.ts";
import { LeftOut } from "./measures/measure.ts";
import { checkText, messageWithId } from "./reply-message.ts";
import { type Callee, clientInfo, head } from "./session.ts";

const protocolVersion = "2026-07-28";
const meta = JSON.stringify({
  "io.modelcontextprotocol/protocolVersion": protocolVersion,
  "io.modelcontextprotocol/clientInfo": clientInfo,
  "io.modelcontextprotocol/clientCapabilities": {},
});

/** A server of the modern era. */
class Modern implements Callee {
  // Made once a tool, as a session makes its head once: what is measured is the gateway.
  readonly #heads = new Map<string, string>();

  async call(connection: Connection, id: number, tool: string, args: string, expected: string): Promise<void> {
    const toolHead = this.#heads.get(tool) ?? modernHead(connection.port, "tools/call", tool);
    this.#heads.set(tool, toolHead);
    const params = `{"name":"${tool}","arguments":${args},"_meta":${meta}}`;
    const body = `{"jsonrpc":"2.0","id":${id},"method":"tools/call","params":${params}}`;
    const type = checkText(await connection.send(toolHead, body), id, expected).result?.resultType;
    if (type !== "complete") throw new Error(`call ${id} answered resultType ${type}`);
  }

  async close(): Promise<void> {
    // nothing was opened
  }
}

/** Asks for the revision, as a client of both eras does. @throws LeftOut when it is not spoken */
export async function openModern(connection: Connection): Promise<Callee> {
  const body = `{"jsonrpc":"2.0","id":0,"method":"server/discover","params":{"_meta":${meta}}}`;
  const reply = await connection.send(modernHead(connection.port, "server/discover"), body);
  try {
    const versions = messageWithId(reply, 0).result?.supportedVersions;
    if (versions?.includes(protocolVersion)) return new Modern();
  } catch {
    // refused: said below
  }
  throw new LeftOut(`does not speak ${protocolVersion}`);
}

/** MCP 2026-07-28, Streamable HTTP, "Request Metadata": what is in the body stands in the head too. */
const modernHead = (port: number, method: string, name?: string) =>
  head(
    "POST",
    port,
    `Mcp-Protocol-Version: ${protocolVersion}\r\nMcp-Method: ${method}\r\n${name === undefined ? "" : `Mcp-Name: ${name}\r\n`}`,
  );
