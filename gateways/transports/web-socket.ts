/**
 * `/ws`: one JSON-RPC message a text frame, in both eras, on one connection for everything (RFC 6455). No revision of MCP has
 * it; its subprotocol is the reference SDK's. The session ends with the connection.
 */
import type { ServerOptions, WebSocketServer } from "ws";
import { GatewayError } from "../errors.ts";
import type { Handshake } from "../upgrades.ts";
import { asksToDrain } from "./drain-request.ts";
import type { AdmittedExchange } from "./exchange.ts";
import { OpenStreams } from "./open-streams.ts";
import { offeredProtocols, SUBPROTOCOL } from "./subprotocols.ts";
import type { MessageTransportParts, Transport } from "./transport.ts";
import { WebSocketClient } from "./web-socket-client.ts";

/** The only version that there is outside of drafts (RFC 6455, section 4.4). */
const VERSION = "13";

/** Milliseconds that a client may take to answer the end of its connection, before that is cut. */
const GOODBYE = 5_000;

/** Answers `/ws` for one service. */
export class WebSockets implements Transport {
  readonly paths = ["/ws"];
  readonly upgrades = true;
  readonly #parts: MessageTransportParts;
  readonly #clients = new OpenStreams();
  #server: WebSocketServer | undefined;

  constructor(parts: MessageTransportParts) {
    this.#parts = parts;
  }

  async handle(exchange: AdmittedExchange): Promise<void> {
    if (asksToDrain(exchange)) return this.#clients.drainForwarded(exchange);
    const { head } = handshakeOf(exchange);
    const { service, replicas } = this.#parts;
    const { sessions } = service; // throws when the service cannot run
    if (replicas.lacksLock && !(await replicas.isExecutedHere({ exchange, listens: true, carriesCalls: true }))) return;
    const server = (this.#server ??= await serverFor(this.#parts.maxBody));
    const { req } = exchange;
    if (exchange.gone) return;
    server.handleUpgrade(req, req.socket, head, (socket) => {
      this.#clients.add(new WebSocketClient(socket, { ...this.#parts, exchange, id: sessions.newId() }), exchange);
    });
  }

  drain(): void {
    this.#clients.drain();
  }
}

/** @throws GatewayError `upgrade-required`, `websocket-handshake` */
function handshakeOf(exchange: AdmittedExchange): Handshake {
  const { handshake } = exchange;
  if (!handshake) {
    exchange.addHeaders({ upgrade: "websocket" });
    throw new GatewayError("upgrade-required", { method: `${exchange.method} ${exchange.path}` });
  }
  if (exchange.header("sec-websocket-version") !== VERSION) {
    exchange.addHeaders({ "sec-websocket-version": VERSION });
    throw new GatewayError("websocket-handshake", { detail: `Sec-WebSocket-Version must be ${VERSION}` });
  }
  const offered = offeredProtocols(exchange.req.headers);
  // A browser breaks off when none of those that it offers is chosen, and a token must not be repeated.
  if (offered.length > 0 && !offered.includes(SUBPROTOCOL))
    throw new GatewayError("websocket-handshake", { detail: `the subprotocols do not include ${SUBPROTOCOL}` });
  return handshake;
}

/** Loaded for the first client: most gateways never have one. */
async function serverFor(maxPayload: number): Promise<WebSocketServer> {
  const { WebSocketServer } = await import("ws");
  const options: ServerOptions & { closeTimeout: number } = {
    noServer: true,
    clientTracking: false,
    perMessageDeflate: false,
    maxPayload,
    closeTimeout: GOODBYE, // which its types do not know yet
    handleProtocols: () => SUBPROTOCOL,
  };
  return new WebSocketServer(options);
}
