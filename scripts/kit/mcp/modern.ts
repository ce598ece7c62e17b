/** A client of MCP 2026-07-28: no session, every request says by itself what it is. */
import type { IncomingMessage } from "node:http";
import { type Heard, type Id, isStream, resultFor, textOf } from "./answers.ts";
import type { Http } from "./http.ts";
import { ACCEPT, textIn } from "../../lab/soak/session.ts";

export const MODERN = "2026-07-28";
const PREFIX = "io.modelcontextprotocol";
export const SUBSCRIPTION = `${PREFIX}/subscriptionId`;

export interface ModernOptions {
  readonly id?: Id;
  readonly progressToken?: Id;
  readonly signal?: AbortSignal;
  /** Other headers than those that belong to the request, or without one (""). */
  readonly headers?: Readonly<Record<string, string>>;
  readonly version?: string;
  readonly heard?: Heard;
}

export class ModernClient {
  readonly #http: Http;
  #lastId = 0;

  constructor(http: Http) {
    this.#http = http;
  }

  async request(method: string, params: object, options: ModernOptions = {}): Promise<Record<string, unknown>> {
    const id = options.id ?? ++this.#lastId;
    const reply = await this.post(method, params, { ...options, id });
    return resultFor(reply, id, options.heard ?? (() => {}));
  }

  async tool(name: string, args: object, options: ModernOptions = {}): Promise<string> {
    return textIn(await this.request("tools/call", { name, arguments: args }, options));
  }

  post(method: string, params: object, options: ModernOptions = {}): Promise<IncomingMessage> {
    const { id = ++this.#lastId, progressToken, signal, headers = {}, version = MODERN } = options;
    const meta = {
      [`${PREFIX}/protocolVersion`]: version,
      [`${PREFIX}/clientInfo`]: { name: "soak", version: "1.0.0" },
      [`${PREFIX}/clientCapabilities`]: {},
      ...(progressToken !== undefined && { progressToken }),
    };
    const body = JSON.stringify({ jsonrpc: "2.0", id, method, params: { ...params, _meta: meta } });
    const all = { ...headersOf(method, params, version), ...headers };
    const sent = Object.fromEntries(Object.entries(all).filter(([, value]) => value !== ""));
    return this.#http.send({ headers: sent, body, signal });
  }
}

function headersOf(method: string, params: { name?: string; uri?: string }, version: string): Record<string, string> {
  return {
    "content-type": "application/json",
    accept: ACCEPT,
    "mcp-protocol-version": version,
    "mcp-method": method,
    "mcp-name": params.name ?? params.uri ?? "",
  };
}

/** Whether a gateway speaks the revision: then it answers `server/discover`. */
export async function speaksModern(http: Http): Promise<boolean> {
  const reply = await new ModernClient(http).post("server/discover", {}, { id: 1 });
  if (reply.statusCode === 200 && !isStream(reply)) return (await textOf(reply)).includes(`"${MODERN}"`);
  reply.resume();
  return false;
}
