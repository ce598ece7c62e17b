/** HTTP to one server, close enough to the wire that a caller can leave in the middle, read slowly, or send garbage. */
import { Agent, type ClientRequest, type IncomingMessage, request } from "node:http";
import { Agent as TlsAgent, request as tlsRequest } from "node:https";
import { connect } from "node:net";
import { Wrong } from "./answers.ts";

/** One request. */
export interface Sending {
  /** @default "POST" */
  readonly method?: string | undefined;
  /** Below the server's address. @default - the endpoint's */
  readonly path?: string | undefined;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | undefined;
  /** Aborted when the caller leaves. */
  readonly signal?: AbortSignal | undefined;
}

/** A server's address, and the connections to it. */
export class Http {
  readonly #base: URL;
  readonly #agent: Agent;
  readonly #timeout: number;
  readonly #endpoint: string;

  /**
   * @param base such as "http://127.0.0.1:3000", with or without a path
   * @param timeout after so many milliseconds, a server that still owes part of an answer is taken to hang
   * @param endpoint the path of requests that name none
   */
  constructor(base: string, timeout = 60_000, endpoint = "/mcp") {
    this.#base = new URL(base);
    this.#agent = this.#isTls ? new TlsAgent({ keepAlive: true }) : new Agent({ keepAlive: true });
    this.#timeout = timeout;
    this.#endpoint = endpoint;
  }

  /** The server's port. */
  get port(): number {
    return Number(this.#base.port || (this.#isTls ? 443 : 80));
  }

  /** Resolves with the head of the answer; its body has not been read. */
  send({ body, headers = {}, ...sending }: Sending): Promise<IncomingMessage> {
    return new Promise((resolve, reject) => {
      const sent = this.request({ ...sending, headers: withLength(headers, body) });
      sent.once("response", resolve).on("error", reject);
      sent.end(body);
    });
  }

  /** A request whose body is still to be sent. */
  request({ method = "POST", path = this.#endpoint, headers = {}, signal }: Omit<Sending, "body">): ClientRequest {
    const url = new URL(this.#base.pathname.replace(/\/$/, "") + path, this.#base);
    const options = { method, agent: this.#agent, headers: { ...NAME, ...headers }, ...(signal && { signal }) };
    const sent = this.#isTls ? tlsRequest(url, options) : request(url, options);
    const timeout = new Wrong(`nothing for ${this.#timeout / 1_000} s`);
    const late = setTimeout(() => sent.destroy(timeout), this.#timeout);
    return sent.once("close", () => clearTimeout(late));
  }

  /** Sends bytes that need not be HTTP. @returns what came until the other side closed, or we left */
  raw(bytes: string, leaveAfter: number): Promise<string> {
    return new Promise((resolve) => {
      let text = "";
      const socket = connect(this.port, this.#base.hostname, () => socket.write(bytes));
      const leave = setTimeout(() => socket.destroy(), leaveAfter);
      socket.setEncoding("latin1").on("data", (chunk: string) => (text += chunk));
      socket.on("error", () => {}).once("close", () => (clearTimeout(leave), resolve(text)));
    });
  }

  /** Cuts every connection, whatever it carries. */
  close(): void {
    this.#agent.destroy();
  }

  get #isTls(): boolean {
    return this.#base.protocol === "https:";
  }
}

/** A firewall on the way may refuse a client without a name. */
const NAME = { "user-agent": "gangway" };

const withLength = (headers: Readonly<Record<string, string>>, body: string | undefined) =>
  body === undefined ? headers : { ...headers, "content-length": String(Buffer.byteLength(body)) };
