/** A client of MCP 2026-07-28: no session, each request carries everything that the server must know. */
import type { IncomingMessage } from "node:http";
import { text } from "node:stream/consumers";
import { isStream, type OnMessage, resultFor, textIn } from "./answers.ts";
import type { Http } from "./http.ts";
import { ACCEPT, type ClientInfo, type Id, MODERN, modernHeaders, modernMeta } from "./messages.ts";

export interface ModernOptions {
  /** @default - the next number */
  readonly id?: Id;
  readonly progressToken?: Id;
  readonly signal?: AbortSignal;
  /** Instead of the headers that belong to the request; "" leaves one out. */
  readonly headers?: Readonly<Record<string, string>>;
  /** @default MODERN */
  readonly version?: string;
  /** Receives what comes before the answer. */
  readonly onMessage?: OnMessage;
}

export class ModernClient {
  readonly #http: Http;
  readonly #info: ClientInfo;
  #lastId = 0;

  constructor(http: Http, info: ClientInfo) {
    this.#http = http;
    this.#info = info;
  }

  /** A request and its result. @throws Refusal or Wrong */
  async request(method: string, params: object, options: ModernOptions = {}): Promise<Record<string, unknown>> {
    const id = options.id ?? ++this.#lastId;
    const reply = await this.post(method, params, { ...options, id });
    return resultFor(reply, id, options.onMessage ?? (() => {}));
  }

  /** Calls a tool and gives the text of its result. @throws Refusal or Wrong */
  async tool(name: string, args: object, options: ModernOptions = {}): Promise<string> {
    return textIn(await this.request("tools/call", { name, arguments: args }, options));
  }

  /** A request; its reply has not been read. */
  post(method: string, params: object, options: ModernOptions = {}): Promise<IncomingMessage> {
    const { id = ++this.#lastId, progressToken, signal, headers = {}, version = MODERN } = options;
    const meta = { ...modernMeta(this.#info, version), ...(progressToken !== undefined && { progressToken }) };
    const body = JSON.stringify({ jsonrpc: "2.0", id, method, params: { ...params, _meta: meta } });
    const { name, uri } = params as { name?: string; uri?: string };
    const usual = { "content-type": "application/json", accept: ACCEPT };
    const all = { ...usual, ...modernHeaders(method, name ?? uri, version), ...headers };
    const sent = Object.fromEntries(Object.entries(all).filter(([, value]) => value !== ""));
    return this.#http.send({ headers: sent, body, signal });
  }

  /** Whether the server speaks the revision: then it answers `server/discover`. */
  async isSpoken(): Promise<boolean> {
    const reply = await this.post("server/discover", {}, { id: 1 });
    if (reply.statusCode === 200 && !isStream(reply)) return (await text(reply)).includes(`"${MODERN}"`);
    reply.resume();
    return false;
  }
}
