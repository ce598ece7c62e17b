/** sse(): a server elsewhere that speaks the older HTTP+SSE transport. */
import type { UpstreamKind } from "./kind.ts";
import { url as urlRule } from "./rules.ts";

interface SseServer {
  readonly kind: "sse";
  readonly url: string;
}

/** A server that speaks the older HTTP+SSE transport: the gateway is its client. */
export const sse = (url: string): SseServer => ({ kind: "sse", url });

export const sseKind: UpstreamKind<SseServer> = {
  kind: "sse",
  role: "upstream",
  fields: { url: urlRule },
  url: (server) => server.url,
  type: "sse",
};
