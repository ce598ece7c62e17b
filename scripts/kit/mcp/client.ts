/** A client of one MCP endpoint: it adds the token, the session and the revision to each request, and counts the ids. */
import type { IncomingMessage } from "node:http";
import { text } from "node:stream/consumers";
import { createParser } from "eventsource-parser";
import { isStream, type OnMessage, resultFor, textIn, unexpected, Wrong } from "./answers.ts";
import { Http } from "./http.ts";
import { ACCEPT, type Id, type initializeParams } from "./messages.ts";

/** What came back, whatever it is. */
export interface Answer {
  readonly status: number;
  readonly headers: IncomingMessage["headers"];
  /** The JSON of the body, or of the last event in it; undefined when there is none. */
  readonly json: Record<string, unknown> | undefined;
}

/** How a request is sent. */
export interface RequestOptions {
  /** @default - the next number */
  readonly id?: Id | undefined;
  /** @default - JSON and streams */
  readonly accept?: string | undefined;
  readonly signal?: AbortSignal | undefined;
  /** Receives what comes before the answer. @default - the client's own */
  readonly onMessage?: OnMessage;
}

type Headers = Readonly<Record<string, string>>;

export class McpClient {
  readonly http: Http;
  readonly #token: string | undefined;
  session: string | undefined;
  /** The revision that each request names; undefined: none is named. */
  version: string | undefined;
  #lastId = 0;

  /** @param server an address without `/mcp`, or an Http to share connections */
  constructor(server: string | Http, token?: string) {
    this.http = typeof server === "string" ? new Http(server.replace(/\/mcp$/, ""), 30_000) : server;
    this.#token = token;
  }

  get hasToken(): boolean {
    return this.#token !== undefined;
  }

  /** What every request to `/mcp` carries. */
  get headers(): Headers {
    return {
      ...(this.#token !== undefined && { authorization: `Bearer ${this.#token}` }),
      ...(this.session !== undefined && { "mcp-session-id": this.session }),
      ...(this.version !== undefined && { "mcp-protocol-version": this.version }),
    };
  }

  nextId(): Id {
    return ++this.#lastId;
  }

  /** Any path of the server, without token. */
  async get(path: string): Promise<Answer> {
    return read(await this.http.send({ method: "GET", path, headers: anything }));
  }

  /** One message as a person would send it with curl, and whatever comes back; `headers` win over the client's own. */
  async post(method: string, params?: object, headers: Headers = {}): Promise<Answer> {
    const id = method.startsWith("notifications/") ? {} : { id: this.nextId() };
    const body = JSON.stringify({ jsonrpc: "2.0", ...id, method, ...(params && { params }) });
    const all = { ...anything, ...json, ...this.headers, ...headers };
    return read(await this.http.send({ headers: all, body }));
  }

  /**
   * Opens a session.
   * @param params `{}` for a client that says nothing of itself
   * @returns what the server says of itself
   * @throws Refusal or Wrong
   */
  async initialize(
    params: Partial<ReturnType<typeof initializeParams>>,
    signal?: AbortSignal,
  ): Promise<Record<string, unknown>> {
    const reply = await this.send({ jsonrpc: "2.0", id: 0, method: "initialize", params }, { signal });
    const result = await resultFor(reply, 0, () => {});
    const { protocolVersion } = result;
    const session = reply.headers["mcp-session-id"];
    if (typeof session !== "string" || protocolVersion !== (params.protocolVersion ?? protocolVersion))
      throw new Wrong(`initialize: session "${String(session)}", revision ${String(protocolVersion)}`);
    this.session = session;
    this.version = protocolVersion as string;
    await this.tell("notifications/initialized");
    return result;
  }

  /** A request and its result. @throws Refusal or Wrong */
  async request(method: string, params: object, options: RequestOptions = {}): Promise<Record<string, unknown>> {
    const id = options.id ?? this.nextId();
    const reply = await this.send({ jsonrpc: "2.0", id, method, params }, options);
    return resultFor(reply, id, options.onMessage ?? this.onMessage);
  }

  /** Calls a tool and gives the text of its result. @throws Refusal or Wrong */
  async tool(name: string, args: object = {}, options: RequestOptions = {}): Promise<string> {
    return textIn(await this.request("tools/call", { name, arguments: args }, options));
  }

  /** A notification, or the answer to a request of the server's. */
  async tell(method: string | undefined, more: object = {}): Promise<void> {
    const reply = await this.send({ ...(method && { method }), ...more, jsonrpc: "2.0" });
    if (reply.statusCode !== 202) throw await unexpected(method ?? "an answer", reply);
    reply.resume();
  }

  /** A POST of anything; its reply has not been read. */
  send(body: unknown, { accept = ACCEPT, signal }: RequestOptions = {}): Promise<IncomingMessage> {
    return this.http.send({ headers: { ...this.headers, ...json, accept }, body: JSON.stringify(body), signal });
  }

  /** GET: the stream that belongs to no call, or one to resume. */
  async listen(lastEventId?: string): Promise<IncomingMessage> {
    const resume = lastEventId === undefined ? {} : { "last-event-id": lastEventId };
    const headers = { ...this.headers, accept: "text/event-stream", ...resume };
    const reply = await this.http.send({ method: "GET", headers });
    if (reply.statusCode !== 200) throw await unexpected("GET", reply);
    return reply;
  }

  /** DELETE, and whatever comes back. */
  async delete(): Promise<Answer> {
    return read(await this.http.send({ method: "DELETE", headers: this.headers }));
  }

  /** Receives the messages that come before an answer. */
  protected readonly onMessage: OnMessage = () => {};
}

const json = { "content-type": "application/json" };
const anything = { accept: "*/*" };

/** Reads a reply to its end. */
export async function read(reply: IncomingMessage): Promise<Answer> {
  const body = await text(reply);
  return {
    status: reply.statusCode ?? 0,
    headers: reply.headers,
    json: parse(isStream(reply) ? lastEvent(body) : body),
  };
}

/** A call's answer is the last event of its stream. */
function lastEvent(body: string): string {
  let last = "";
  createParser({ onEvent: ({ data }) => (last = data || last) }).feed(body);
  return last;
}

function parse(body: string): Record<string, unknown> | undefined {
  try {
    return JSON.parse(body) as Record<string, unknown>;
  } catch {
    return undefined;
  }
}
