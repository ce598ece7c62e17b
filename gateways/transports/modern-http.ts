/** `/mcp` of the modern era: every POST stands for itself, there are no sessions (MCP 2026-07-28, Streamable HTTP). */
import { LISTEN, MODERN_VERSIONS } from "../bridge/versions.ts";
import { GatewayError, toGatewayError } from "../errors.ts";
import { decode, encode, find, replace, type Message } from "../jsonrpc.ts";
import type { Service } from "../sessions/service.ts";
import type { Principal } from "../sessions/session.ts";
import type { ModernEndpoint } from "../sessions/servers/modern-contract.ts";
import type { Exchange } from "./exchange.ts";
import type { Heartbeat } from "./heartbeat.ts";
import { calledTool, checkMetadata, checkParameters } from "./request-metadata.ts";
import { ModernReply } from "./modern-reply.ts";

/** Legacy methods that the modern era has no more (MCP 2026-07-28, Key Changes). */
const REMOVED: ReadonlySet<string> = new Set([
  "initialize",
  "ping",
  "logging/setLevel",
  "resources/subscribe",
  "resources/unsubscribe",
]);

/** Answers a modern message of a client's. */
export async function answerModern(
  message: Message,
  exchange: Exchange,
  service: Service,
  principal: Principal,
  heartbeat: Heartbeat,
): Promise<void> {
  exchange.modern = true;
  if (message.kind === "response")
    throw new GatewayError("invalid-request", { detail: "a client answers no requests" });
  if (message.kind === "notification") return exchange.empty(202); // the revision has none that would mean anything here
  if (REMOVED.has(message.method)) throw new GatewayError("method-not-found", { method: message.method });
  const { logLevel } = checkMetadata(message, exchange);
  if (message.method === LISTEN && !exchange.acceptsStream) {
    throw new GatewayError("not-acceptable", { types: "text/event-stream" });
  }
  const rewrite = rewriterOf(message, service);
  const reply = new ModernReply(exchange, heartbeat, { principal, logLevel, rewrite });
  await pass(message, exchange, service, reply).catch((error: unknown) => reply.fail(toGatewayError(error)));
}

/** Gives a request to whoever answers for the service, which may have to be found out first. */
async function pass(message: Message, exchange: Exchange, service: Service, reply: ModernReply): Promise<void> {
  let server: ModernEndpoint | undefined;
  // Closing the response is how a client cancels (MCP 2026-07-28, Cancellation).
  exchange.res.once("close", () => {
    if (!reply.over) server?.cancel(reply, new GatewayError("cancelled"));
  });
  server = await service.stateless();
  if (exchange.gone) return reply.fail(new GatewayError("cancelled"));
  const { modernTools } = service;
  const tool = modernTools?.marked ? calledTool(message) : undefined;
  if (tool !== undefined) checkParameters(message, exchange, modernTools!.headersOf(tool));
  server.call(message, reply);
}

/** What is done to an answer before its client has it; to most of them nothing. */
function rewriterOf({ method }: Message, service: Service): ((answer: string) => string) | undefined {
  if (method === "tools/list") return (answer) => learnTools(answer, service);
  return method === "server/discover" ? versionsInCommon : undefined;
}

/** What a client has had listed is what it goes by when it calls. */
function learnTools(answer: string, { modernTools }: Service): string {
  const tools = modernTools?.concerns(answer) ? find(answer, 0, "result", "tools") : undefined;
  const page = tools && decode(answer, tools);
  if (Array.isArray(page)) modernTools?.learn(page);
  return answer;
}

/** Leaves of the revisions that the server speaks those that the gateway can pass on. */
function versionsInCommon(answer: string): string {
  const versions = find(answer, 0, "result", "supportedVersions");
  const theirs = versions && decode(answer, versions);
  if (!Array.isArray(theirs)) return answer;
  return replace(answer, versions!, encode(MODERN_VERSIONS.filter((version) => theirs.includes(version))));
}
