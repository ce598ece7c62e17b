/** An MCP session (2024-11-05 to 2025-11-25) of a visitor: it counts its ids from 1 as clients do, so ids collide. */
import type { IncomingMessage } from "node:http";
import { type Heard, type Id, type Message, resultFor, unexpected, Wrong } from "../../kit/mcp/answers.ts";
import { Belongings } from "./belongings.ts";
import type { Http } from "../../kit/mcp/http.ts";

export interface CallOptions {
  readonly id?: Id | undefined;
  readonly accept?: string | undefined;
  readonly signal?: AbortSignal | undefined;
  /** Instead of the check that what is heard belongs to this session. */
  readonly heard?: Heard;
}

export const LATEST = "2025-11-25";
export const ACCEPT = "application/json, text/event-stream";

export class Session {
  readonly http: Http;
  readonly version: string;
  readonly id: string;
  readonly belongings = new Belongings();
  /** The longest time between two requests, in milliseconds. */
  longestPause = 0;
  #lastUsed = Date.now();
  #lastId = 0;

  private constructor(http: Http, version: string, id: string) {
    this.http = http;
    this.version = version;
    this.id = id;
  }

  static async open(http: Http, version = LATEST, signal?: AbortSignal): Promise<Session> {
    const clientInfo = { name: "soak", version: "1.0.0" };
    const params = { protocolVersion: version, capabilities: { roots: {} }, clientInfo };
    const body = JSON.stringify({ jsonrpc: "2.0", id: 0, method: "initialize", params });
    const headers = { "content-type": "application/json", accept: ACCEPT };
    const reply = await http.send({ headers, body, signal });
    const result = await resultFor(reply, 0, () => {});
    const id = String(reply.headers["mcp-session-id"] ?? "");
    if (id === "" || result["protocolVersion"] !== version) throw new Wrong(`initialize: session "${id}"`);
    const session = new Session(http, version, id);
    await session.tell("notifications/initialized");
    return session;
  }

  nextId(): Id {
    return ++this.#lastId;
  }

  /** A request and its result. */
  async request(method: string, params: object, options: CallOptions = {}): Promise<Record<string, unknown>> {
    const id = options.id ?? this.nextId();
    const reply = await this.post({ id, method, params }, options);
    return resultFor(reply, id, options.heard ?? this.belongings.heard);
  }

  /** Calls a tool and gives the text of its result. */
  async tool(name: string, args: object = {}, options: CallOptions = {}): Promise<string> {
    return textIn(await this.request("tools/call", { name, arguments: args }, options));
  }

  /** A notification, or the answer to a question of the server's. */
  async tell(method: string | undefined, more: object = {}): Promise<void> {
    const message = method === undefined ? more : { method, ...more };
    const reply = await this.post(message);
    if (reply.statusCode !== 202) throw await unexpected(method ?? "an answer", reply);
    reply.resume();
  }

  post(message: object, { accept = ACCEPT, signal }: CallOptions = {}): Promise<IncomingMessage> {
    return this.send({ ...message, jsonrpc: "2.0" }, { accept, signal });
  }

  /** A POST of anything. */
  send(body: unknown, { accept = ACCEPT, signal }: CallOptions = {}): Promise<IncomingMessage> {
    const headers = { ...this.headers, "content-type": "application/json", accept };
    return this.http.send({ headers, body: JSON.stringify(body), signal });
  }

  /** GET: the stream that no call owns, or one to resume. */
  async listen(lastEventId?: string): Promise<IncomingMessage> {
    const resume = lastEventId === undefined ? {} : { "last-event-id": lastEventId };
    const headers = { ...this.headers, accept: "text/event-stream", ...resume };
    const reply = await this.http.send({ method: "GET", headers });
    if (reply.statusCode !== 200) throw await unexpected("GET", reply);
    return reply;
  }

  async end(): Promise<void> {
    const reply = await this.http.send({ method: "DELETE", headers: this.headers });
    if (reply.statusCode !== 200) throw await unexpected("DELETE", reply);
    reply.resume();
  }

  get headers(): Record<string, string> {
    this.longestPause = Math.max(this.longestPause, Date.now() - this.#lastUsed);
    this.#lastUsed = Date.now();
    return { "mcp-session-id": this.id, "mcp-protocol-version": this.version };
  }
}

/** The text of a tool's result. */
export function textIn(result: Message["result"] & object): string {
  const [content] = result["content"] as readonly { readonly text?: string }[];
  if (typeof content?.text === "string") return content.text;
  throw new Wrong("a result without text");
}
