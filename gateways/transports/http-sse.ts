/**
 * `/sse` and `/messages`: the transport of MCP 2024-11-05 ("HTTP with SSE"). One stream carries everything that goes to a
 * client; its first event names the URL to which the client posts. The session ends with the stream.
 */
import { GatewayError, toGatewayError } from "../errors.ts";
import type { Message } from "../jsonrpc.ts";
import { readMessages, requireJson, withBody, type Body } from "./body.ts";
import { asksToDrain } from "./drain-request.ts";
import type { AdmittedExchange } from "./exchange.ts";
import { checkBody } from "./forward-signature.ts";
import type { OtherReplicas } from "./other-replicas.ts";
import { OpenRequests } from "./open-requests.ts";
import { OpenStreams } from "./open-streams.ts";
import { isModern } from "./request-metadata.ts";
import { SseResponse } from "./sse-response.ts";
import { StreamClient } from "./stream-client.ts";
import type { SessionTransportParts, Transport } from "./transport.ts";

/** Answers `/sse` and `/messages` for one service. */
export class HttpSse implements Transport {
  readonly paths = ["/sse", "/messages"];
  readonly #parts: SessionTransportParts;
  /** Whose stream is open, by the id of the session. */
  readonly #clients = new Map<string, StreamClient>();
  readonly #streams = new OpenStreams();

  constructor(parts: SessionTransportParts) {
    this.#parts = parts;
  }

  async handle(exchange: AdmittedExchange): Promise<void> {
    // Whoever comes with another method means another transport, or has mixed up the two URLs of this one.
    const method = `${exchange.method} ${exchange.path}`;
    if (!exchange.path.startsWith("/sse")) {
      if (exchange.method !== "POST") throw new GatewayError("post-messages", { method, allow: "POST" });
      return this.#post(exchange);
    }
    if (asksToDrain(exchange)) return this.#streams.drainForwarded(exchange);
    if (exchange.method === "GET" || exchange.method === "HEAD") return this.#open(exchange);
    throw new GatewayError("get-stream", { method, allow: "GET, HEAD" });
  }

  /** Opens the stream of a client that will initialize a session. */
  async #open(exchange: AdmittedExchange): Promise<void> {
    const { service, heartbeat, replicas } = this.#parts;
    const { sessions } = service; // throws when the service cannot run
    if (!exchange.acceptsStream) throw new GatewayError("not-acceptable", { types: "text/event-stream" });
    if (exchange.method === "HEAD") return exchange.empty(200, { "content-type": "text/event-stream" });
    if (replicas.lacksLock && !(await replicas.isExecutedHere({ exchange, listens: true, carriesCalls: true }))) return;
    const id = sessions.newId();
    const stream = new SseResponse(exchange, heartbeat);
    const requests = new OpenRequests(() => stream.end());
    const { calls } = this.#parts;
    const client = new StreamClient({ id, exchange, stream, transport: "sse", service, calls, requests });
    this.#clients.set(id, client);
    exchange.onceGone(() => this.#clients.delete(id));
    // Relative, so that it is right behind any proxy and prefix. It is resolved against the URL of the stream.
    stream.endpoint(`${upFrom(exchange.req.url)}messages?sessionId=${encodeURIComponent(id)}`);
    this.#streams.add({ drain: () => requests.drain(), giveUp: (reason) => client.giveUp(reason) }, exchange);
  }

  drain(): void {
    this.#streams.drain();
  }

  async #post(exchange: AdmittedExchange): Promise<void> {
    requireJson(exchange);
    await withBody(exchange, this.#parts.maxBody, (bytes) => this.#receive(exchange, bytes));
  }

  async #receive(exchange: AdmittedExchange, bytes: Buffer): Promise<void> {
    const { replicas } = this.#parts;
    if (exchange.forwarded) checkBody(exchange.forwarded, bytes);
    const body = readMessages(bytes);
    const incoming = { exchange, body: bytes, listens: false };
    if (replicas.lacksLock && !(await replicas.isExecutedHere(incoming))) return;
    const client = this.#clientOf(exchange);
    if (!client) return this.#passOn(incoming);
    try {
      this.#admit(exchange, body);
      client.renew(exchange.principal);
      client.receive(
        body.messages.map((message) => this.#parts.calls.traced(message)),
        exchange.principal,
      );
    } catch (thrown) {
      // Some clients wait for the answer on the stream and overlook what the POST says.
      for (const message of body.messages) client.refuse(message, toGatewayError(thrown));
      throw thrown;
    }
    exchange.empty(202);
  }

  /** @returns undefined when it may be at another gateway @throws GatewayError `sse-session-required`, `sse-session-not-found` */
  #clientOf({ session: id, principal, forwarded }: AdmittedExchange): StreamClient | undefined {
    if (id === undefined) throw new GatewayError("sse-session-required");
    const client = this.#clients.get(id);
    if (client?.principal === principal.id) return client;
    if (!client && this.#parts.service.replica && !forwarded) return undefined;
    throw new GatewayError("sse-session-not-found");
  }

  /** The stream is at another gateway, or nowhere. */
  async #passOn(incoming: Parameters<OtherReplicas["sessionOf"]>[0]): Promise<void> {
    const session = await this.#parts.replicas.sessionOf(incoming);
    if (session) throw new GatewayError("sse-session-not-found"); // one of /mcp
  }

  #admit(exchange: AdmittedExchange, { batch, messages }: Body): void {
    const { limits } = this.#parts;
    const { client, principal, forwarded } = exchange;
    for (const message of messages) requireLegacy(message, exchange);
    if (forwarded) return;
    if (batch) limits.admitRequest(client, principal.id, "call", messages.length - 1);
    if (messages.some(({ method }) => method === "initialize")) limits.admitSession(client, principal.id);
  }
}

/** From the URL of a stream to the folder that it is in: every slash at its end is a level. */
function upFrom(target = ""): string {
  const [path = ""] = target.split("?", 1);
  let end = path.length;
  while (path[end - 1] === "/") end--;
  return "../".repeat(path.length - end);
}

function requireLegacy(message: Message, exchange: AdmittedExchange): void {
  if (!isModern(message, exchange)) return;
  const detail = "protocol version 2026-07-28 has no sessions, and is spoken at /mcp";
  throw new GatewayError("invalid-request", { detail });
}
