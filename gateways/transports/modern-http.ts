/** `/mcp` in the modern era: every POST is a request (MCP 2026-07-28, Streamable HTTP). */
import { LISTEN } from "../bridge/versions.ts";
import { GatewayError } from "../errors.ts";
import type { Message } from "../jsonrpc.ts";
import type { AdmittedExchange } from "./exchange.ts";
import type { Heartbeat } from "./heartbeat.ts";
import { ModernReply } from "./modern-reply.ts";
import type { ModernRequests } from "./modern-requests.ts";

/** Answers a modern message that was posted. @throws GatewayError for one that is not passed on */
export async function answerModern(
  message: Message,
  exchange: AdmittedExchange,
  { requests, heartbeat }: { readonly requests: ModernRequests; readonly heartbeat: Heartbeat },
): Promise<void> {
  const request = requests.admit(message, exchange, exchange);
  if (!request) return exchange.empty(202);
  if (message.method === LISTEN && !exchange.acceptsStream) {
    throw new GatewayError("not-acceptable", { types: "text/event-stream" });
  }
  const { metadata, rewrite } = request;
  const reply = new ModernReply(exchange, heartbeat, { logLevel: metadata.logLevel, rewrite });
  const { passed, cancel } = requests.pass(message, reply, exchange);
  // A client cancels by closing the response (MCP 2026-07-28, Cancellation).
  exchange.onceGone(() => cancel());
  await passed;
}
