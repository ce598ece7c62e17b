/** Takes a WebSocket through to another gateway of the service, frame by frame unread. */
import { request, type IncomingMessage, type OutgoingHttpHeaders } from "node:http";
import type { Socket } from "node:net";
import type { Exchange } from "./exchange.ts";
import { FORWARDED, MISDIRECTED, passedHeaders } from "./forwarded.ts";
import { SUBPROTOCOL } from "./subprotocols.ts";

/** Milliseconds that the other gateway may take to answer the handshake. */
const HANDSHAKE_TIME = 5_000;

/**
 * Opens the same WebSocket at another gateway and connects the two.
 * @param owner `host:port`, with a path on a hub
 * @param signature the value of the header that carries the checks' result, signed
 * @returns true when the connection has ended, or the client has been answered; false when the other gateway is gone or
 *   refuses: nothing has run
 */
export function tunnel(exchange: Exchange, owner: string, signature: string): Promise<boolean> {
  const sending = request(`http://${owner}${exchange.path}`, {
    headers: handshakeOf(exchange, signature),
    agent: false,
    timeout: HANDSHAKE_TIME,
  });
  return new Promise((resolve) => {
    let isOpen = false;
    sending.once("upgrade", (answer: IncomingMessage, socket: Socket, head: Buffer) => {
      isOpen = true;
      if (exchange.gone) return void socket.destroy();
      sending.setTimeout(0);
      socket.once("close", () => resolve(true));
      connect(exchange, answer, socket, head);
    });
    sending.once("response", (answer) => {
      if (answer.statusCode === MISDIRECTED) sending.destroy();
      else passOn(exchange, answer);
    });
    sending.once("timeout", () => sending.destroy());
    sending.once("error", () => resolve(false));
    sending.once("close", () => isOpen || resolve(exchange.res.headersSent)); // which comes with the upgrade, too
    exchange.onceGone(() => {
      sending.destroy();
      resolve(true);
    });
    sending.end();
  });
}

/** The token, if it was a subprotocol, stays here. */
function handshakeOf({ req, session }: Exchange, signature: string): OutgoingHttpHeaders {
  const { headers } = req;
  return {
    ...Object.fromEntries(passedHeaders(headers, session)),
    connection: "upgrade",
    upgrade: "websocket",
    "sec-websocket-key": headers["sec-websocket-key"],
    "sec-websocket-version": headers["sec-websocket-version"],
    ...(headers["sec-websocket-protocol"] !== undefined && { "sec-websocket-protocol": SUBPROTOCOL }),
    [FORWARDED]: signature,
  };
}

function connect(exchange: Exchange, { rawHeaders }: IncomingMessage, other: Socket, head: Buffer): void {
  const client = exchange.req.socket;
  exchange.endsBy(() => client.destroy()); // nobody here knows where a frame ends
  const fields = rawHeaders.flatMap((name, at, all) => (at % 2 === 0 ? `${name}: ${all[at + 1]}\r\n` : []));
  client.write(`HTTP/1.1 101 Switching Protocols\r\n${fields.join("")}\r\n`, "latin1");
  client.write(head);
  for (const [from, to] of [
    [client, other],
    [other, client],
  ] as const) {
    from.on("error", () => {}); // `close` follows
    from.once("close", () => to.destroy());
    from.pipe(to);
  }
}

function passOn({ res }: Exchange, answer: IncomingMessage): void {
  res.writeHead(answer.statusCode ?? 502, { "content-type": answer.headers["content-type"] });
  answer.pipe(res);
}
