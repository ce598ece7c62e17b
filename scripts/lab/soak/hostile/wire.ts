/** The attackers' side of the wire: connections from many addresses of loopback, which need not be read. */
import { connect, type Socket } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { LATEST } from "../../../kit/mcp/messages.ts";
import { TOKENS } from "./target.ts";

/** How a request is sent. */
export interface Sending {
  readonly method?: string;
  readonly path?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Buffer;
}

/** One attack's connections. They end with it. */
export class Wire {
  readonly #port: number;
  readonly #sockets = new Set<Socket>();
  #host = 0;

  constructor(port: number) {
    this.#port = port;
  }

  /** A connection from an address of its own. Nothing is read unless somebody listens. */
  connect(): Socket {
    const localAddress = `127.0.1.${1 + (this.#host++ % 250)}`;
    const socket = connect({ port: this.#port, host: "127.0.0.1", localAddress });
    socket.on("error", () => {}); // being cut is what it is here for
    socket.once("close", () => this.#sockets.delete(socket));
    this.#sockets.add(socket);
    return socket;
  }

  /** Sends a request and reads nothing. */
  send(sending: Sending): Socket {
    const socket = this.connect();
    const { body = "" } = sending;
    socket.write(headOf(sending, Buffer.byteLength(body)));
    socket.write(body);
    return socket;
  }

  /** Sends a request and reads what comes, for so many milliseconds at most. */
  ask(sending: Sending, ms = 10_000): Promise<string> {
    return new Promise((resolve) => {
      const headers = { connection: "close", ...sending.headers };
      const socket = this.send({ ...sending, headers });
      let text = "";
      const timer = setTimeout(() => socket.destroy(), ms);
      socket.setEncoding("latin1").on("data", (chunk: string) => {
        if (text.length < 10_000) text += chunk;
      });
      socket.once("close", () => (clearTimeout(timer), resolve(text)));
    });
  }

  /** Opens a session at a service. @returns the headers of its requests */
  async session(service: string): Promise<Sending> {
    const path = `/${service}/mcp`;
    const params = { protocolVersion: LATEST, capabilities: {}, clientInfo: { name: "attacker", version: "1" } };
    const text = await this.ask({ path, headers: VALID, body: request(0, "initialize", params) });
    const id = /mcp-session-id: (\S+)/i.exec(text)?.[1];
    return { path, headers: { ...VALID, ...(id !== undefined && { "mcp-session-id": id }) } };
  }

  async close(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    await sleep(10);
  }
}

/** The head of a request, with a body of so many bytes to follow. */
export function headOf({ method = "POST", path = "/attacked/mcp", headers = {} }: Sending, length: number): string {
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`);
  return `${method} ${path} HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: ${length}\r\n${lines.join("")}\r\n`;
}

/** The headers of a request that is let in. */
export const VALID: Readonly<Record<string, string>> = {
  authorization: `Bearer ${TOKENS.attacker}`,
  "content-type": "application/json",
  accept: "application/json, text/event-stream",
};

export const request = (id: number, method: string, params: object): string =>
  JSON.stringify({ jsonrpc: "2.0", id, method, params });

export const toolCall = (id: number, name: string, args: object = {}): string =>
  request(id, "tools/call", { name, arguments: args });
