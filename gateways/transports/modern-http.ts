/** `/mcp` in the modern era: every POST is complete by itself, there are no sessions (MCP 2026-07-28, Streamable HTTP). */
import { LISTEN, MODERN_VERSIONS } from "../bridge/versions.ts";
import { GatewayError, toGatewayError } from "../errors.ts";
import { decode, encode, find, replace, type Message } from "../jsonrpc.ts";
import type { ModernEndpoint } from "../sessions/servers/contract.ts";
import type { Service } from "../sessions/service.ts";
import type { ClientAudit } from "./client-audit.ts";
import type { AdmittedExchange } from "./exchange.ts";
import type { Heartbeat } from "./heartbeat.ts";
import { ModernReply } from "./modern-reply.ts";
import { calledTool, checkMetadata, checkParameters } from "./request-metadata.ts";

/** Legacy methods that the modern era has removed (MCP 2026-07-28, Key Changes). */
const REMOVED: ReadonlySet<string> = new Set([
  "initialize",
  "ping",
  "logging/setLevel",
  "resources/subscribe",
  "resources/unsubscribe",
]);

/** Answers the modern messages of one service's clients. */
export class ModernHttp {
  readonly #service: Service;
  readonly #heartbeat: Heartbeat;
  readonly #clients: ClientAudit;

  constructor(service: Service, heartbeat: Heartbeat, clients: ClientAudit) {
    this.#service = service;
    this.#heartbeat = heartbeat;
    this.#clients = clients;
  }

  /** @throws GatewayError for a message that is not passed on */
  async answer(message: Message, exchange: AdmittedExchange): Promise<void> {
    if (message.kind === "response")
      throw new GatewayError("invalid-request", { detail: "a client answers no requests" });
    if (message.kind === "notification") return exchange.empty(202); // the revision has none that would mean anything here
    if (REMOVED.has(message.method)) throw new GatewayError("method-not-found", { method: message.method });
    const { logLevel, client, version } = checkMetadata(message, exchange);
    const { principal, address } = exchange;
    const userAgent = exchange.header("user-agent");
    const { socket } = exchange.req;
    this.#clients.see({ principal: principal.id, address, client, protocol: version, userAgent }, socket);
    if (message.method === LISTEN && !exchange.acceptsStream) {
      throw new GatewayError("not-acceptable", { types: "text/event-stream" });
    }
    const reply = new ModernReply(exchange, this.#heartbeat, { logLevel, rewrite: this.#rewriterOf(message) });
    await this.#pass(message, exchange, reply).catch((error: unknown) => reply.fail(toGatewayError(error)));
  }

  /** Passes a request to whatever answers for the service, which may have to be found out first. */
  async #pass(message: Message, exchange: AdmittedExchange, reply: ModernReply): Promise<void> {
    let server: ModernEndpoint | undefined;
    // A client cancels by closing the response (MCP 2026-07-28, Cancellation).
    exchange.res.once("close", () => {
      if (!reply.over) server?.cancel(reply, new GatewayError("cancelled"));
    });
    server = await this.#service.modern();
    if (exchange.gone) return reply.fail(new GatewayError("cancelled"));
    const { modernTools } = this.#service;
    const tool = modernTools?.marked ? calledTool(message) : undefined;
    if (tool !== undefined) checkParameters(message, exchange, modernTools!.headersOf(tool));
    server.call(message, reply);
  }

  /** Rewrites an answer before its client gets it; most need none. */
  #rewriterOf({ method }: Message): ((answer: string) => string) | undefined {
    if (method === "tools/list") return (answer) => this.#learnTools(answer);
    return method === "server/discover" ? commonVersions : undefined;
  }

  /** Clients call tools as they were listed last, so the headers of calls are checked against that list. */
  #learnTools(answer: string): string {
    const { modernTools } = this.#service;
    const tools = modernTools?.concerns(answer) ? find(answer, 0, "result", "tools") : undefined;
    const page = tools && decode(answer, tools);
    if (Array.isArray(page)) modernTools?.learn(page);
    return answer;
  }
}

/** Keeps of the server's revisions those that the gateway can pass on. */
function commonVersions(answer: string): string {
  const versions = find(answer, 0, "result", "supportedVersions");
  const theirs = versions && decode(answer, versions);
  if (!Array.isArray(theirs)) return answer;
  return replace(answer, versions!, encode(MODERN_VERSIONS.filter((version) => theirs.includes(version))));
}
