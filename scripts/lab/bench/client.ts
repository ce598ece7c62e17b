/** The load client: a keep-alive connection on a raw socket. node:http's own client costs as much as a fast gateway. */
import { connect, type Socket } from "node:net";
import { type Reply, ReplyReader } from "./http-reply.ts";

const timeoutMs = 10_000;

interface Waiting {
  resolve(reply: Reply): void;
  reject(error: Error): void;
}

/** One caller's connection to the gateway: one request at a time; it reconnects by itself. */
export class Connection {
  readonly port: number;
  readonly #reader = new ReplyReader();
  // One timer for all requests, restarted by each: creating one for each request would be measured, too.
  readonly #deadline: NodeJS.Timeout;
  #socket: Socket | undefined;
  #waiting: Waiting | undefined;

  constructor(port: number) {
    this.port = port;
    this.#deadline = setTimeout(() => this.#drop(new Error(`no answer within ${timeoutMs} ms`)), timeoutMs).unref();
  }

  /** Sends one request; `head` is everything above Content-Length. The body must be ASCII. */
  send(head: string, body = ""): Promise<Reply> {
    const socket = (this.#socket ??= this.#connect());
    this.#deadline.refresh();
    socket.write(`${head}Content-Length: ${body.length}\r\n\r\n${body}`, "latin1");
    return new Promise((resolve, reject) => (this.#waiting = { resolve, reject }));
  }

  close(): void {
    clearTimeout(this.#deadline);
    this.#drop(new Error("closed by the bench"));
  }

  #connect(): Socket {
    const socket = connect({ port: this.port, host: "127.0.0.1", noDelay: true });
    socket.on("data", (piece) => this.#read(piece));
    socket.on("error", (error) => this.#drop(error));
    socket.on("close", () => socket === this.#socket && this.#drop(new Error("the gateway closed the connection")));
    return socket;
  }

  #read(piece: Buffer): void {
    const reply = this.#reader.push(piece);
    if (reply === undefined) return;
    const waiting = this.#waiting;
    this.#waiting = undefined;
    if (/\r\nconnection: *close/i.test(reply.head)) this.#drop(new Error("unused"));
    waiting?.resolve(reply);
  }

  #drop(error: Error): void {
    const waiting = this.#waiting;
    this.#waiting = undefined;
    this.#socket?.destroy();
    this.#socket = undefined;
    this.#reader.reset();
    waiting?.reject(error);
  }
}
