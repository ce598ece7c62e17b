// An MCP session (2025-11-25) as the bench uses it: every reply's id and text is checked.
import type { Connection } from "./client.ts";
import type { Reply } from "./http-reply.ts";

const protocolVersion = "2025-11-25";
const clientInfo = { name: "gangway-bench", version: "1.0.0" };

interface Message {
  readonly id?: number;
  readonly result?: { readonly protocolVersion?: string; readonly content?: readonly { readonly text?: string }[] };
  readonly error?: { readonly message?: string };
}

export class Session {
  readonly #id: string;
  readonly #postHead: string;

  private constructor(id: string, port: number) {
    this.#id = id;
    this.#postHead = head("POST", port, `Mcp-Session-Id: ${id}\r\nMcp-Protocol-Version: ${protocolVersion}\r\n`);
  }

  /** Opens a session: `initialize`, and no more. Call `ready` before the first tool call. */
  static async open(connection: Connection): Promise<Session> {
    const params = { protocolVersion, capabilities: {}, clientInfo };
    const body = `{"jsonrpc":"2.0","id":0,"method":"initialize","params":${JSON.stringify(params)}}`;
    const reply = await connection.send(head("POST", connection.port), body);
    const version = messageWithId(reply, 0).result?.protocolVersion;
    if (version !== protocolVersion) throw new Error(`initialize answered protocol ${version}`);
    const id = /\r\nmcp-session-id: *([^\r]+)/i.exec(reply.head)?.[1];
    if (id === undefined) throw new Error("initialize answered without a session id");
    return new Session(id, connection.port);
  }

  async ready(connection: Connection): Promise<void> {
    const reply = await connection.send(this.#postHead, '{"jsonrpc":"2.0","method":"notifications/initialized"}');
    if (reply.status !== 202) throw new Error(`notifications/initialized answered ${reply.status}`);
  }

  /** Calls a tool; throws unless the reply with this id has this text. */
  async call(connection: Connection, id: number, tool: string, args: string, expected: string): Promise<void> {
    const body = `{"jsonrpc":"2.0","id":${id},"method":"tools/call","params":{"name":"${tool}","arguments":${args}}}`;
    const text = messageWithId(await connection.send(this.#postHead, body), id).result?.content?.[0]?.text;
    if (text !== expected) throw new Error(`call ${id} answered ${text?.slice(0, 40)} (${text?.length} characters)`);
  }

  async close(connection: Connection): Promise<void> {
    const reply = await connection.send(head("DELETE", connection.port, `Mcp-Session-Id: ${this.#id}\r\n`));
    if (reply.status >= 300) throw new Error(`DELETE answered ${reply.status}`);
  }
}

const head = (method: string, port: number, more = "") =>
  `${method} /mcp HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\nContent-Type: application/json\r\n` +
  `Accept: application/json, text/event-stream\r\n${more}`;

function messageWithId(reply: Reply, id: number): Message {
  const text = reply.body.toString();
  if (reply.status !== 200) throw new Error(`HTTP ${reply.status}: ${text.slice(0, 120)}`);
  const isStream = /\r\ncontent-type: *text\/event-stream/i.test(reply.head);
  const messages = isStream ? messagesOfStream(text) : [JSON.parse(text) as Message];
  const found = messages.find((message) => message.id === id);
  if (found === undefined) throw new Error(`no reply with id ${id}: ${text.slice(0, 120)}`);
  if (found.error !== undefined) throw new Error(`call ${id} failed: ${found.error.message}`);
  return found;
}

const messagesOfStream = (text: string): Message[] =>
  text
    .split("\n")
    .filter((line) => line.startsWith("data:") && line.trim() !== "data:") // a priming event carries no data
    .map((line) => JSON.parse(line.slice(5)) as Message);
