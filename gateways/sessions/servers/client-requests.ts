/** What a session's client is asked on behalf of a modern server, which cannot ask by itself. */
import type { Caller, ConnectionOptions } from "../../bridge/connection.ts";
import { GatewayError } from "../../errors.ts";
import { decode, find, notification, readMessage, type Message } from "../../jsonrpc.ts";
import type { LaneClient } from "./contract.ts";

interface Question {
  readonly method: string;
  readonly timer: NodeJS.Timeout;
  readonly resolve: (result: string) => void;
  readonly reject: (reason: GatewayError) => void;
}

interface About {
  readonly caller: Caller;
  readonly signal: AbortSignal;
}

/** What a modern server may have asked (MCP 2026-07-28, Multi Round-Trip Requests, "InputRequests"). */
const ASKABLE: readonly string[] = ["elicitation/create", "sampling/createMessage", "roots/list"];

/** Requests of one client that may wait for an answer. */
const MAX_CLIENT_REQUESTS = 1_000;

/** The open questions to one client. */
export class Questions {
  readonly #client: LaneClient;
  /** By the id that the client knows, as it stands in the text. */
  readonly #open = new Map<string, Question>();
  readonly #options: ConnectionOptions;
  #last: number;

  constructor(client: LaneClient, options: ConnectionOptions) {
    this.#client = client;
    this.#options = options;
    this.#last = client.record.countFrom;
  }

  /**
   * Resolves with the result, as it stands in the client's answer.
   * @param params JSON, as the server wrote it
   * @param about the call that the server asks about, and the signal that nobody waits for the answer any longer
   * @throws GatewayError
   */
  async ask(method: string, params: string, { caller, signal }: About): Promise<string> {
    if (!ASKABLE.includes(method)) throw new GatewayError("bad-answer", { service: this.#options.service });
    if (this.#open.size >= MAX_CLIENT_REQUESTS)
      throw new GatewayError("too-many-client-requests", { limit: MAX_CLIENT_REQUESTS });
    const id = `"server-${++this.#last}"`;
    const { promise, resolve, reject } = Promise.withResolvers<string>();
    const timer = setTimeout(() => this.#timeOut(id), this.#options.requestTimeout);
    this.#open.set(id, { method, timer, resolve, reject });
    signal.addEventListener("abort", () => this.#withdraw(id, new GatewayError("cancelled")));
    const text = `{"jsonrpc":"2.0","id":${id},"method":"${method}","params":${params}}`;
    if (caller.streams) caller.message(text);
    else this.#client.fromServer(readMessage(text) as Message);
    return promise;
  }

  /** The client has answered. */
  answered({ id, text }: Message): void {
    const question = this.#open.get(id as string);
    if (!question) return; // it was withdrawn, or never asked
    this.#open.delete(id as string);
    clearTimeout(question.timer);
    const result = find(text, 0, "result");
    if (result) return question.resolve(text.slice(result.start, result.end));
    const reason = find(text, 0, "error", "message");
    const { method } = question;
    question.reject(
      new GatewayError("client-request-refused", { method, reason: String(reason && decode(text, reason)) }),
    );
  }

  #timeOut(id: string): void {
    const seconds = this.#options.requestTimeout / 1_000;
    const method = this.#open.get(id)?.method;
    this.#withdraw(id, new GatewayError("client-request-unanswered", { method, seconds }));
  }

  #withdraw(id: string, reason: GatewayError): void {
    const question = this.#open.get(id);
    if (!question) return;
    this.#open.delete(id);
    clearTimeout(question.timer);
    const withdrawn = notification("notifications/cancelled", { requestId: JSON.parse(id) as string });
    this.#client.fromServer(readMessage(withdrawn) as Message);
    question.reject(reason);
  }
}
