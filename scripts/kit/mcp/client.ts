/** One client's visit to a service: the requests that the checks send, each with the token and session it needs. */
import { request as httpRequest } from "node:http";
import { request as httpsRequest } from "node:https";
import { createParser } from "eventsource-parser";

/** What came back. */
export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  /** The JSON of the body, or of the first event in it; undefined when there is none. */
  readonly json: Record<string, unknown> | undefined;
}

const patience = 30_000;

export class Visit {
  /** The service's address, without /mcp. */
  readonly base: string;
  readonly #token: string | undefined;
  session: string | undefined;
  #id = 0;

  constructor(url: string, token: string | undefined) {
    this.base = url.replace(/\/mcp$/, "");
    this.#token = token;
  }

  get isAsked(): boolean {
    return this.#token !== undefined;
  }

  /** A request to any path of the service, without token. */
  async get(path: string): Promise<Answer> {
    return read(await fetch(this.base + path, { signal: AbortSignal.timeout(patience) }));
  }

  /** One JSON-RPC message to /mcp; `headers` win over the token and session that it has by itself. */
  async post(method: string, params?: object, headers: Record<string, string> = {}): Promise<Answer> {
    const isNotification = method.startsWith("notifications/");
    const message = { jsonrpc: "2.0", ...(!isNotification && { id: ++this.#id }), method, ...(params && { params }) };
    return this.send("POST", JSON.stringify(message), headers);
  }

  /** Any request to /mcp. */
  async send(method: string, body?: string, headers: Record<string, string> = {}): Promise<Answer> {
    return read(await this.open(method, { body, headers }));
  }

  /** Like send, with the body unread. */
  open(
    method: string,
    options: { body?: string | undefined; headers?: Record<string, string> } = {},
  ): Promise<Response> {
    const signal = AbortSignal.timeout(patience);
    const headers = { ...this.#headers(), ...options.headers };
    return fetch(`${this.base}/mcp`, {
      method,
      signal,
      headers,
      ...(options.body !== undefined && { body: options.body }),
    });
  }

  /**
   * Announces a body of so many bytes, and sends it only to a server that waits for it: one that refuses by the
   * announcement may hang up meanwhile, and its answer would be lost.
   */
  announce(bytes: number): Promise<Answer> {
    const start = this.base.startsWith("https:") ? httpsRequest : httpRequest;
    return new Promise((resolve, reject) => {
      const headers = { ...this.#headers(), "content-length": bytes };
      const request = start(`${this.base}/mcp`, { method: "POST", headers, timeout: patience });
      const sendAfterAll = setTimeout(() => request.end(Buffer.alloc(bytes, " ")), 1_000);
      request.once("close", () => clearTimeout(sendAfterAll));
      request.once("response", (response) => {
        clearTimeout(sendAfterAll);
        const answer = new Response(ReadableStream.from(response), { status: response.statusCode ?? 0 });
        resolve(read(answer).finally(() => request.destroy()));
      });
      request.once("timeout", () => request.destroy(new Error("no answer")));
      request.once("error", reject);
      request.flushHeaders();
    });
  }

  #headers(): Record<string, string> {
    return {
      "content-type": "application/json",
      ...(this.#token !== undefined && { authorization: `Bearer ${this.#token}` }),
      ...(this.session !== undefined && { "mcp-session-id": this.session }),
    };
  }
}

async function read(response: Response): Promise<Answer> {
  const text = await response.text();
  const isStream = response.headers.get("content-type")?.startsWith("text/event-stream") ?? false;
  return { status: response.status, headers: response.headers, json: parse(isStream ? lastEvent(text) : text) };
}

/** A call's answer is the last event of its stream. */
function lastEvent(text: string): string {
  let last = "";
  createParser({ onEvent: ({ data }) => (last = data || last) }).feed(text);
  return last;
}

function parse(text: string): Record<string, unknown> | undefined {
  try {
    return JSON.parse(text) as Record<string, unknown>;
  } catch {
    return undefined;
  }
}
