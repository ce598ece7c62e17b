/** HTTP to one gateway as a careless client does it: connections are reused, left in the middle, and read slowly. */
import { Agent, type IncomingMessage, request } from "node:http";
import { connect } from "node:net";
import { Wrong } from "./answers.ts";

/** Milliseconds after which a gateway that still owes an answer is taken to hang. */
const PATIENCE = 60_000;

export interface Sending {
  readonly method?: string;
  readonly path?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
  /** The visitor leaves. */
  readonly signal?: AbortSignal | undefined;
}

export class Http {
  readonly port: number;
  readonly #agent = new Agent({ keepAlive: true });

  constructor(port: number) {
    this.port = port;
  }

  /** Resolves with the head of the answer; its body has not been read. */
  send({ method = "POST", path = "/mcp", headers = {}, body, signal }: Sending): Promise<IncomingMessage> {
    return new Promise((resolve, reject) => {
      const to = { host: "127.0.0.1", port: this.port, agent: this.#agent, method, path };
      const sent = request({ ...to, headers: withLength(headers, body), ...(signal && { signal }) }, resolve);
      const late = setTimeout(() => sent.destroy(new Wrong(`nothing for ${PATIENCE / 1_000} s`)), PATIENCE);
      sent.once("close", () => clearTimeout(late)).on("error", reject);
      sent.end(body);
    });
  }

  /** Sends bytes that need not be HTTP. @returns what came until the other side closed, or we left */
  raw(bytes: string, leaveAfter: number): Promise<string> {
    return new Promise((resolve) => {
      let text = "";
      const socket = connect(this.port, "127.0.0.1", () => socket.write(bytes));
      const leave = setTimeout(() => socket.destroy(), leaveAfter);
      socket.setEncoding("latin1").on("data", (chunk: string) => (text += chunk));
      socket.on("error", () => {}).once("close", () => (clearTimeout(leave), resolve(text)));
    });
  }

  /** Cuts every connection, whatever it carries. */
  close(): void {
    this.#agent.destroy();
  }
}

const withLength = (headers: Sending["headers"], body: string | undefined) =>
  body === undefined ? { ...headers } : { ...headers, "content-length": String(Buffer.byteLength(body)) };
