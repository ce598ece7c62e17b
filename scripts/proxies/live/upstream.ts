/** What stands behind a proxy to see what it passes on. */
import { once } from "node:events";
import {
  createServer,
  type IncomingHttpHeaders,
  type IncomingMessage,
  type Server,
  type ServerResponse,
} from "node:http";
import type { AddressInfo } from "node:net";

/** What arrived. */
export interface Seen {
  readonly method: string;
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
}

/** As the gateway and the authorization server send their pages. */
const PAGE = { "referrer-policy": "same-origin", "x-frame-options": "DENY", "x-content-type-options": "nosniff" };

/**
 * A server that answers with the name it was given. `/held` is answered only by `release`, `/cut` never: its connection is cut
 * when the request has arrived. `/page` has the headers of a page with a form.
 */
export class Upstream {
  readonly port: number;
  readonly seen: Seen[] = [];
  readonly #server: Server;
  readonly #held: ServerResponse[] = [];

  private constructor(server: Server) {
    this.#server = server;
    this.port = (server.address() as AddressInfo).port;
  }

  static async start(name: string): Promise<Upstream> {
    const server = createServer({ keepAliveTimeout: 60_000 }).listen(0, "127.0.0.1");
    await once(server, "listening");
    const upstream = new Upstream(server);
    server.on("request", (request, response) => upstream.#answer(request, response, name));
    return upstream;
  }

  #answer(request: IncomingMessage, response: ServerResponse, name: string): void {
    this.seen.push({ method: request.method!, path: request.url!, headers: request.headers });
    request.resume().on("error", () => {}); // cut off
    request.once("end", () => {
      if (request.url === "/cut") request.socket.destroy();
      else if (request.url === "/held") this.#held.push(response);
      else if (request.url === "/page") response.writeHead(200, PAGE).end(name);
      else response.end(name);
    });
  }

  release(): void {
    for (const response of this.#held.splice(0)) response.end("released");
  }

  async stop(): Promise<void> {
    if (!this.#server.listening) return;
    this.#server.close();
    this.#server.closeAllConnections();
    await once(this.#server, "close");
  }
}
