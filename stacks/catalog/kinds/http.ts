/** http(): a server elsewhere that speaks Streamable HTTP. */
import type { UpstreamKind } from "./kind.ts";
import { url as urlRule } from "./rules.ts";

interface HttpServer {
  readonly kind: "http";
  readonly url: string;
}

/** A server that already speaks Streamable HTTP: the gateway is its client. */
export const http = (url: string): HttpServer => ({ kind: "http", url });

export const httpKind: UpstreamKind<HttpServer> = {
  kind: "http",
  role: "upstream",
  fields: { url: urlRule },
  url: (server) => server.url,
  type: "http",
};
