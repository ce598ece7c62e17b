/**
 * `/mcp`: POST of both eras, and the sessions of the legacy one with their GET and DELETE (MCP 2025-11-25, Transports,
 * "Streamable HTTP"). What is of the modern era goes to stateless-http.ts.
 */
import { LATEST_LEGACY, LEGACY_VERSIONS, LISTEN } from "../bridge/versions.ts";
import { GatewayError } from "../errors.ts";
import { encode, find, readMessage, type Message } from "../jsonrpc.ts";
import type { Principal, Session } from "../sessions/session.ts";
import type { Service } from "../sessions/service.ts";
import { readEventId } from "../sessions/stream.ts";
import { isModern } from "./request-metadata.ts";
import { answerModern } from "./modern-http.ts";
import { readBody, readMessages, type Body } from "./body.ts";
import type { Exchange } from "./exchange.ts";
import type { Heartbeat } from "./heartbeat.ts";
import { BatchReply, Reply } from "./reply.ts";
import { checkBody } from "./forwarded.ts";
import type { Replicas } from "./replicas.ts";
import { SseResponse } from "./sse-response.ts";

export interface StreamableHttpParts {
  readonly heartbeat: Heartbeat;
  /** The other gateways of the service. */
  readonly replicas: Replicas;
  /** Bytes of a request body at most. */
  readonly maxBody: number;
  /** Called before a session is opened. @throws GatewayError when the caller may open no more for now */
  readonly admitSession: (exchange: Exchange) => void;
  /** Called for the messages of a batch after the first, which was admitted as the request. @throws GatewayError */
  readonly admitMessages: (exchange: Exchange, principal: Principal, messages: number) => void;
}

const ALLOWED = "POST, GET, DELETE, HEAD";

/** Revisions in which a body may hold several messages (JSON-RPC batches came and went with MCP 2025-03-26). */
const BATCH_VERSIONS: readonly string[] = ["2024-11-05", "2025-03-26"];

/** Answers `/mcp` for one service. */
export class StreamableHttp {
  readonly #parts: StreamableHttpParts;

  constructor(parts: StreamableHttpParts) {
    this.#parts = parts;
  }

  /** Answers one request on `/mcp`. */
  async handle(exchange: Exchange, service: Service, principal: Principal): Promise<void> {
    if (exchange.method === "POST") return this.#post(exchange, service, principal);
    if (exchange.modern && exchange.method !== "HEAD") {
      throw new GatewayError("method-not-allowed", { method: exchange.method, allow: "POST" });
    }
    const { sessions } = service; // a service that lacks something has none, and says so
    switch (exchange.method) {
      case "GET":
        return this.#get(exchange, service, principal);
      case "DELETE": {
        const session = await this.#sessionOf(exchange, service, principal);
        if (!session) return;
        await sessions.close(session);
        return exchange.empty(200);
      }
      case "HEAD":
        return exchange.empty(200);
      default:
        throw new GatewayError("method-not-allowed", { method: exchange.method, allow: ALLOWED });
    }
  }

  async #post(exchange: Exchange, service: Service, principal: Principal): Promise<void> {
    const { replicas } = this.#parts;
    requireJson(exchange);
    const bytes = await readBody(exchange.req, this.#parts.maxBody);
    if (exchange.forwarded) checkBody(exchange.forwarded, bytes);
    const body = readMessages(bytes);
    const [first] = body.messages as [Message];
    if (!body.batch) exchange.requestId = first.id;
    const modern = body.batch ? exchange.modern : isModern(first, exchange);
    if (!modern && !exchange.forwarded) this.#admit(exchange, principal, body);
    const incoming = { exchange, service, principal, body: bytes, listens: first.method === LISTEN };
    if (isExecutedElsewhere(service) && !(await replicas.executes(incoming))) return;
    if (modern) return this.#answerModern(exchange, service, principal, body);
    if (!body.batch && first.method === "initialize") return this.#open(exchange, service, principal, first);
    const here = sessionHere(exchange, service, principal); // nearly always
    const session = here ?? (await replicas.sessionOf(incoming));
    if (!session) return;
    requireVersion(exchange, session);
    if (body.batch) return this.#batch(exchange, session, body);
    if (first.kind === "request") return session.call(first, new Reply(exchange, session, this.#parts.heartbeat));
    session.tell(first);
    exchange.empty(202);
  }

  /** What counts beside the request itself: a new session, and the messages of a batch after the first. */
  #admit(exchange: Exchange, principal: Principal, { batch, messages }: Body): void {
    if (batch) this.#parts.admitMessages(exchange, principal, messages.length - 1);
    else if (messages[0]?.method === "initialize") this.#parts.admitSession(exchange);
  }

  async #answerModern(exchange: Exchange, service: Service, principal: Principal, body: Body): Promise<void> {
    const detail = "A body holds one message in protocol version 2026-07-28.";
    if (body.batch) throw new GatewayError("batch-not-supported", { detail });
    return answerModern(body.messages[0] as Message, exchange, service, principal, this.#parts.heartbeat);
  }

  async #open(exchange: Exchange, service: Service, principal: Principal, message: Message): Promise<void> {
    if (message.kind !== "request") throw new GatewayError("invalid-request", { detail: "initialize needs an id" });
    await service.settled();
    const { session, answer } = await service.sessions.open(withDefaults(message), principal, exchange.address);
    if (session && exchange.gone) return service.sessions.close(session); // nobody knows its id
    if (session) exchange.headers["mcp-session-id"] = session.id;
    if (exchange.acceptsJson || !session) return exchange.json(200, answer);
    const stream = session.openStream();
    new SseResponse(exchange, this.#parts.heartbeat).carry(stream);
    stream.send(answer);
    session.closeStream(stream);
  }

  #batch(exchange: Exchange, session: Session, { messages }: Body): void {
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
    for (const message of requests) session.call(message, reply.caller(message.id as string));
  }

  /** The session of a request without a body; undefined when another gateway has answered. */
  async #sessionOf(exchange: Exchange, service: Service, principal: Principal): Promise<Session | undefined> {
    const { replicas } = this.#parts;
    const incoming = { exchange, service, principal, listens: exchange.method === "GET" };
    if (isExecutedElsewhere(service) && !(await replicas.executes(incoming))) return undefined;
    const here = sessionHere(exchange, service, principal);
    const session = here ?? (await replicas.sessionOf(incoming));
    if (session) requireVersion(exchange, session);
    return session;
  }

  /** Opens the stream that no call owns, or goes on with one that broke off. A second one takes over from the first. */
  async #get(exchange: Exchange, service: Service, principal: Principal): Promise<void> {
    if (exchange.header("mcp-session-id") === undefined) {
      // A probe: clients of other transports look with GET first, and take only 405 as "not here" (MCP, Transports).
      throw new GatewayError("method-not-allowed", { method: "GET without Mcp-Session-Id", allow: "POST" });
    }
    if (!exchange.acceptsStream) throw new GatewayError("not-acceptable", { types: "text/event-stream" });
    const session = await this.#sessionOf(exchange, service, principal);
    if (!session) return;
    const last = readEventId(exchange.header("last-event-id") ?? "");
    const response = new SseResponse(exchange, this.#parts.heartbeat);
    response.beat(); // the first bytes at once: some proxies let a stream through only after them
    if (last === undefined) return response.carry(session.standalone);
    const { stream, live } = session.resumeStream(last.stream);
    response.carry(stream, last.number);
    if (!live) stream.end();
  }
}

function requireJson(exchange: Exchange): void {
  const type = exchange.req.headers["content-type"] ?? "";
  if (!/^application\/json\s*(;|$)/i.test(type)) throw new GatewayError("content-type");
  const types = "application/json or text/event-stream";
  if (!exchange.acceptsJson && !exchange.acceptsStream) throw new GatewayError("not-acceptable", { types });
}

/** Whether the calls of a serial service are another gateway's to execute, as far as is known. */
const isExecutedElsewhere = ({ replica }: Service) => replica?.serialLock?.held === false;

/** The session of a request; undefined when it may be at another gateway. */
function sessionHere(exchange: Exchange, service: Service, principal: Principal): Session | undefined {
  const id = exchange.header("mcp-session-id");
  if (id === undefined) throw new GatewayError("session-required");
  return service.sessions.find(id, principal);
}

/** A request must speak the version that its session does, or at least one that is spoken here. */
function requireVersion(exchange: Exchange, session: Session): void {
  const version = exchange.header("mcp-protocol-version");
  if (version === undefined || version === session.version || LEGACY_VERSIONS.includes(version)) return;
  throw new GatewayError("unsupported-version", { version, supported: LEGACY_VERSIONS.join(", ") });
}

/** `initialize` with what a hand-written one leaves out: `{"method":"initialize","params":{}}` is enough. */
function withDefaults(message: Message): Message {
  const { text, params, id } = message;
  if (params >= 0 && text[params] !== "{") {
    throw new GatewayError("invalid-request", { detail: '"params" of initialize must be an object' });
  }
  const missing = Object.entries(DEFAULTS).filter(([key]) => params < 0 || !find(text, params, key));
  if (missing.length === 0) return message;
  const given = params < 0 ? "" : text.slice(params + 1, find(text, 0, "params")!.end - 1).trim();
  const members = [...missing.map(([key, value]) => `"${key}":${encode(value)}`), ...(given === "" ? [] : [given])];
  return readMessage(`{"jsonrpc":"2.0","id":${id},"method":"initialize","params":{${members.join(",")}}}`) as Message;
}

const DEFAULTS = {
  protocolVersion: LATEST_LEGACY,
  capabilities: {},
  clientInfo: { name: "unnamed", version: "0" },
};
