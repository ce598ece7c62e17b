/** Requests that ask for another protocol on their connection (RFC 9110, section 7.8). */
import { ServerResponse, type IncomingMessage, type RequestListener, type Server } from "node:http";
import type { Socket } from "node:net";

/** The answer to a request for a WebSocket: a plain response that closes the connection, unless that becomes a WebSocket. */
export class Handshake extends ServerResponse {
  /** What the client has sent after its request. */
  readonly head: Buffer;

  constructor(req: IncomingMessage, socket: Socket, head: Buffer) {
    super(req);
    this.head = head;
    this.shouldKeepAlive = false;
    this.assignSocket(socket);
    this.once("finish", () => socket.destroySoon());
  }
}

/**
 * Requests for a WebSocket are for the app, like any other. Every other protocol is ignored, and its request answered as HTTP.
 * Whoever asks before an earlier request has been answered is cut off: no client does.
 */
export function takeUpgrades(server: Server, app: RequestListener): void {
  server.on("upgrade", (req: IncomingMessage, socket: Socket, head: Buffer) => {
    // Node has given the connection up, and with it the turn of an answer that comes later.
    if (isAnswering(req, socket)) return void socket.destroy();
    if (!asksForWebSocket(req)) return answerAsHttp(server, req, socket, head);
    socket.on("error", () => {}); // `close` follows
    app(req, new Handshake(req, socket, head));
  });
}

/** Whether an earlier request on the connection has not been answered yet. */
function isAnswering(req: IncomingMessage, socket: Socket): boolean {
  const next = new ServerResponse(req);
  try {
    next.assignSocket(socket);
    next.detachSocket(socket);
    return false;
  } catch {
    return true;
  }
}

/** In HTTP/1.0 nobody may ask for that (RFC 9110, section 7.8). */
const asksForWebSocket = ({ method, headers, httpVersion }: IncomingMessage) =>
  method === "GET" && httpVersion === "1.1" && headers.upgrade?.toLowerCase() === "websocket";

/**
 * Gives the connection back to the server, with the request as if it had not asked: Java's client asks for HTTP/2 with the
 * first request on each connection, and sends its body as well.
 */
function answerAsHttp(server: Server, req: IncomingMessage, socket: Socket, head: Buffer): void {
  const fields = req.rawHeaders.flatMap((name, at, all) =>
    at % 2 === 0 && name.toLowerCase() !== "upgrade" ? `${name}: ${all[at + 1]}` : [],
  );
  const text = [`${req.method} ${req.url} HTTP/${req.httpVersion}`, ...fields, "", ""].join("\r\n");
  socket.unshift(Buffer.concat([Buffer.from(text, "latin1"), head]));
  server.emit("connection", socket);
}
