/**
 * `/mcp`: POST in both eras, and the sessions of the legacy one with their GET and DELETE (MCP 2025-11-25, Transports,
 * "Streamable HTTP"). Modern messages are answered in modern-http.ts.
 */
import { LEGACY_VERSIONS, LISTEN } from "../bridge/versions.ts";
import { GatewayError } from "../errors.ts";
import type { Message } from "../jsonrpc.ts";
import type { Session } from "../sessions/session.ts";
import { readEventId } from "../sessions/stream.ts";
import { readMessages, requireJson, withBody, type Body } from "./body.ts";
import type { CallAudit } from "./call-audit.ts";
import type { AdmittedExchange, Exchange } from "./exchange.ts";
import { checkBody } from "./forward-signature.ts";
import { answerModern } from "./modern-http.ts";
import { BatchReply, Reply } from "./reply.ts";
import type { Incoming } from "./other-replicas.ts";
import { openSession } from "./initialize.ts";
import { isModern } from "./request-metadata.ts";
import { SseResponse } from "./sse-response.ts";
import type { MessageTransportParts, Transport } from "./transport.ts";

const ALLOWED = "POST, GET, DELETE, HEAD";

/** Revisions in which a body may hold several messages (JSON-RPC batches came and went with MCP 2025-03-26). */
const BATCH_VERSIONS: readonly string[] = ["2024-11-05", "2025-03-26"];

/** Answers `/mcp` for one service. */
export class StreamableHttp implements Transport {
  readonly paths = ["/mcp"];
  readonly #parts: MessageTransportParts;

  constructor(parts: MessageTransportParts) {
    this.#parts = parts;
  }

  /** A POST, which nearly every request is, is answered without a promise more than its body needs. */
  handle(exchange: AdmittedExchange): Promise<void> {
    return exchange.method === "POST" ? this.#post(exchange) : this.#withoutBody(exchange);
  }

  async #withoutBody(exchange: AdmittedExchange): Promise<void> {
    if (exchange.modern && exchange.method !== "HEAD") {
      throw new GatewayError("method-not-allowed", { method: exchange.method, allow: "POST" });
    }
    const { sessions } = this.#parts.service; // throws when the service cannot run
    switch (exchange.method) {
      case "GET":
        return this.#get(exchange);
      case "DELETE": {
        const session = await this.#sessionOf({ exchange, listens: false });
        if (!session) return;
        // A stubborn server takes seconds to end, which its client need not wait for.
        void sessions.close(session);
        return exchange.empty(200);
      }
      case "HEAD":
        return exchange.empty(200);
      default:
        throw new GatewayError("method-not-allowed", { method: exchange.method, allow: ALLOWED });
    }
  }

  #post(exchange: AdmittedExchange): Promise<void> {
    requireJson(exchange);
    requireAccepting(exchange);
    return withBody(exchange, this.#parts.maxBody, (bytes) => this.#answerBody(exchange, bytes));
  }

  async #answerBody(exchange: AdmittedExchange, bytes: Buffer): Promise<void> {
    const { heartbeat, replicas, calls } = this.#parts;
    if (exchange.forwarded) checkBody(exchange.forwarded, bytes);
    const read = readMessages(bytes);
    const body = calls.traces ? tracedBody(read, exchange, calls) : read;
    const [first] = body.messages as [Message];
    const modern = body.batch ? exchange.modern : isModern(first, exchange);
    if (!body.batch) exchange.answersTo(first.id, modern, calls.begin(first, exchange));
    if (!modern && !exchange.forwarded) this.#admit(exchange, body);
    const incoming = { exchange, body: bytes, listens: first.method === LISTEN };
    if (replicas.lacksLock && !(await replicas.isExecutedHere(incoming))) return;
    if (modern) return this.#answerModern(exchange, body);
    if (!body.batch && first.method === "initialize") return this.#open(exchange, first);
    const session = this.#sessionHere(exchange) ?? (await replicas.sessionOf(incoming));
    if (!session) return;
    exchange.addHeaders({ "mcp-session-id": session.id }); // the reference SDKs send it with every answer
    requireVersion(exchange, session);
    if (body.batch) return this.#batch(exchange, session, body);
    if (first.kind === "request") return session.call(first, new Reply(exchange, session, heartbeat));
    session.tell(first);
    exchange.empty(202);
  }

  #admit({ client, principal }: AdmittedExchange, { batch, messages }: Body): void {
    const { limits } = this.#parts;
    if (batch) limits.admitRequest(client, principal.id, "call", messages.length - 1);
    else if (messages[0]?.method === "initialize") limits.admitSession(client, principal.id);
  }

  async #answerModern(exchange: AdmittedExchange, { batch, messages }: Body): Promise<void> {
    const detail = "A body holds one message in protocol version 2026-07-28.";
    if (batch) throw new GatewayError("batch-not-supported", { detail });
    const { modern, heartbeat } = this.#parts;
    return answerModern(messages[0] as Message, exchange, { requests: modern, heartbeat });
  }

  async #open(exchange: AdmittedExchange, message: Message): Promise<void> {
    const { service, heartbeat } = this.#parts;
    const opened = await openSession(service, message, exchange, { transport: "http" });
    if (opened === undefined) return;
    const { session, answer } = opened;
    exchange.call?.answered(answer);
    if (session) exchange.addHeaders({ "mcp-session-id": session.id });
    if (exchange.acceptsJson || !session) return exchange.json(200, answer);
    const stream = session.openStream();
    new SseResponse(exchange, heartbeat).carry(stream);
    stream.send(answer);
    session.closeStream(stream);
  }

  #batch(exchange: AdmittedExchange, session: Session, { messages }: Body): void {
    if (!BATCH_VERSIONS.includes(session.version)) {
      const detail = `Batches do not exist in protocol version ${session.version}.`;
      throw new GatewayError("batch-not-supported", { detail });
    }
    if (messages.some((message) => message.method === "initialize")) {
      throw new GatewayError("batch-not-supported", { detail: "initialize cannot be part of a batch." });
    }
    const requests = messages.filter((message) => message.kind === "request");
    for (const message of messages) if (message.kind !== "request") session.tell(message);
    if (requests.length === 0) return exchange.empty(202);
    const reply = new BatchReply(exchange, session, this.#parts.heartbeat, requests.length);
    const { calls } = this.#parts;
    for (const message of requests)
      session.call(message, reply.caller(message.id as string, calls.begin(message, exchange)));
  }

  /** The session of a request without a body; undefined when another gateway has answered. */
  async #sessionOf(incoming: Incoming): Promise<Session | undefined> {
    const { replicas } = this.#parts;
    if (replicas.lacksLock && !(await replicas.isExecutedHere(incoming))) return undefined;
    const session = this.#sessionHere(incoming.exchange) ?? (await replicas.sessionOf(incoming));
    if (session) requireVersion(incoming.exchange, session);
    return session;
  }

  /** The session of a request, nearly always; undefined when it may be at another gateway. */
  #sessionHere(exchange: AdmittedExchange): Session | undefined {
    const id = exchange.header("mcp-session-id");
    if (id === undefined) throw new GatewayError("session-required");
    return this.#parts.service.sessions.find(id, exchange.principal);
  }

  /** Opens the stream that no call owns, or resumes one that broke off. A second one takes over from the first. */
  async #get(exchange: AdmittedExchange): Promise<void> {
    if (exchange.header("mcp-session-id") === undefined) {
      // Clients of other transports probe with GET first, and take only 405 as "not here" (MCP, Transports).
      throw new GatewayError("method-not-allowed", { method: "GET without Mcp-Session-Id", allow: "POST" });
    }
    if (!exchange.acceptsStream) throw new GatewayError("not-acceptable", { types: "text/event-stream" });
    const session = await this.#sessionOf({ exchange, listens: true });
    if (!session) return;
    exchange.addHeaders({ "mcp-session-id": session.id });
    const last = readEventId(exchange.header("last-event-id") ?? "");
    const response = new SseResponse(exchange, this.#parts.heartbeat);
    response.beat(); // some proxies pass a stream on only after its first bytes
    if (last === undefined) return response.carry(session.standalone);
    const { stream, live } = session.resumeStream(last.stream);
    response.carry(stream, last.number);
    if (!live) stream.end();
  }
}

/** A header is about the only message of its request. */
function tracedBody(body: Body, exchange: Exchange, calls: CallAudit): Body {
  const header = body.batch ? undefined : exchange.header("traceparent");
  return { ...body, messages: body.messages.map((message) => calls.traced(message, header)) };
}

function requireAccepting(exchange: Exchange): void {
  const types = "application/json or text/event-stream";
  if (!exchange.acceptsJson && !exchange.acceptsStream) throw new GatewayError("not-acceptable", { types });
}

/** A request must use the version of its session, or at least one that is supported here. */
function requireVersion(exchange: Exchange, session: Session): void {
  const version = exchange.header("mcp-protocol-version");
  if (version === undefined || version === session.version || LEGACY_VERSIONS.includes(version)) return;
  throw new GatewayError("unsupported-version", {
    version: version.slice(0, 80),
    supported: LEGACY_VERSIONS.join(", "),
  });
}
