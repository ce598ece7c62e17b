/**
 * An MCP session (2025-11-25) as the bench uses it. Its messages are built as strings: what is measured is the gateway.
 */
import { ACCEPT, initializeParams, LATEST } from "../../kit/mcp/messages.ts";
import type { Connection } from "./client.ts";
import type { Reply } from "./http-reply.ts";
import { checkText, resultWithId } from "./reply-message.ts";

export const clientInfo = { name: "gangway-bench", version: "1.0.0" };

/** What tools are called on: a session, or a server without sessions (modern.ts). */
export interface Callee {
  /** Calls a tool. @throws Error unless the reply with this id has this text */
  call(connection: Connection, id: number, tool: string, args: string, expected: string): Promise<void>;
  close(connection: Connection): Promise<void>;
}

export class Session implements Callee {
  readonly #id: string;
  readonly #path: string;
  readonly #postHead: string;

  private constructor(id: string, port: number, path: string) {
    this.#id = id;
    this.#path = path;
    this.#postHead = head("POST", port, `Mcp-Session-Id: ${id}\r\nMcp-Protocol-Version: ${LATEST}\r\n`, path);
  }

  /** Opens a session: `initialize` alone. Call `ready` before the first tool call. */
  static async open(connection: Connection, path = "/mcp"): Promise<Session> {
    const params = JSON.stringify(initializeParams(clientInfo));
    const body = `{"jsonrpc":"2.0","id":0,"method":"initialize","params":${params}}`;
    const reply = await connection.send(head("POST", connection.port, "", path), body);
    const version = resultWithId(reply, 0)["protocolVersion"];
    if (version !== LATEST) throw new Error(`initialize answered protocol ${JSON.stringify(version)}`);
    const id = /\r\nmcp-session-id: *([^\r]+)/i.exec(reply.head)?.[1];
    if (id === undefined) throw new Error("initialize answered without a session id");
    return new Session(id, connection.port, path);
  }

  async ready(connection: Connection): Promise<void> {
    const reply = await connection.send(this.#postHead, '{"jsonrpc":"2.0","method":"notifications/initialized"}');
    if (reply.status !== 202) throw new Error(`notifications/initialized answered ${reply.status}`);
  }

  async call(connection: Connection, id: number, tool: string, args: string, expected: string): Promise<void> {
    checkText(await this.ask(connection, id, tool, args), id, expected);
  }

  /** Calls a tool and returns the reply as it came. */
  ask(connection: Connection, id: number, tool: string, args: string): Promise<Reply> {
    return this.request(connection, id, "tools/call", `{"name":"${tool}","arguments":${args}}`);
  }

  /** @param params as JSON */
  request(connection: Connection, id: number, method: string, params: string): Promise<Reply> {
    return connection.send(this.#postHead, `{"jsonrpc":"2.0","id":${id},"method":"${method}","params":${params}}`);
  }

  async close(connection: Connection): Promise<void> {
    const reply = await connection.send(head("DELETE", connection.port, `Mcp-Session-Id: ${this.#id}\r\n`, this.#path));
    if (reply.status >= 300) throw new Error(`DELETE answered ${reply.status}`);
  }
}

/** Opens a session that tools can be called in. */
export async function openSession(connection: Connection, path?: string): Promise<Session> {
  const session = await Session.open(connection, path);
  await session.ready(connection);
  return session;
}

/** The head of a request, up to Content-Length. */
export const head = (method: string, port: number, more = "", path = "/mcp"): string =>
  `${method} ${path} HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\nContent-Type: application/json\r\n` +
  `Accept: ${ACCEPT}\r\n${more}`;
