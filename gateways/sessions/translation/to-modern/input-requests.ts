/** Puts the requests of a modern server, which cannot send any itself, to a session's client. */
import { deferred } from "../../../deferred.ts";
import type { Caller, ConnectionOptions } from "../../../bridge/connection.ts";
import { GatewayError } from "../../../errors.ts";
import { decode, find, readMessage, type Message } from "../../../jsonrpc.ts";
import { ClientRequests } from "../../servers/client-requests.ts";
import type { LaneClient } from "../../servers/contract.ts";

interface Pending {
  readonly method: string;
  readonly resolve: (result: string) => void;
  readonly reject: (reason: GatewayError) => void;
}

/** The call that a request belongs to. */
interface About {
  readonly caller: Caller;
  /** Aborted when nobody waits for the answer any longer. */
  readonly signal: AbortSignal;
}

/** What a modern server may request (MCP 2026-07-28, Multi Round-Trip Requests, "InputRequests"). */
const ALLOWED: readonly string[] = ["elicitation/create", "sampling/createMessage", "roots/list"];

/** The open input requests to one client. */
export class InputRequests {
  readonly #client: LaneClient;
  readonly #options: ConnectionOptions;
  readonly #open: ClientRequests<Pending>;

  constructor(client: LaneClient, options: ConnectionOptions) {
    this.#client = client;
    this.#options = options;
    this.#open = new ClientRequests(client);
  }

  /**
   * Sends a request to the client.
   * @param params JSON, as the server wrote it
   * @returns the result, as it stands in the client's answer
   * @throws GatewayError `bad-answer` for a method that a server may not request, `too-many-client-requests`,
   *   `client-request-refused`, `client-request-unanswered`, `cancelled`
   */
  async send(method: string, params: string, { caller, signal }: About): Promise<string> {
    if (!ALLOWED.includes(method)) throw new GatewayError("bad-answer", { service: this.#options.service });
    const { promise, resolve, reject } = deferred<string>();
    const id = this.#open.register({ method, resolve, reject });
    const seconds = this.#options.requestTimeout / 1_000;
    const late = () => this.#withdraw(id, new GatewayError("client-request-unanswered", { method, seconds }));
    const timer = setTimeout(late, this.#options.requestTimeout);
    signal.addEventListener("abort", () => this.#withdraw(id, new GatewayError("cancelled")));
    const text = `{"jsonrpc":"2.0","id":${id},"method":"${method}","params":${params}}`;
    if (caller.streams) caller.message(text);
    else this.#client.fromServer(readMessage(text) as Message);
    return promise.finally(() => clearTimeout(timer));
  }

  /** The client has answered. */
  answered(message: Message): void {
    const pending = this.#open.answered(message);
    if (!pending) return; // it was withdrawn, or never sent
    const { text } = message;
    const result = find(text, 0, "result");
    if (result) return pending.resolve(text.slice(result.start, result.end));
    const reason = find(text, 0, "error", "message");
    const { method, reject } = pending;
    reject(new GatewayError("client-request-refused", { method, reason: String(reason && decode(text, reason)) }));
  }

  #withdraw(id: string, reason: GatewayError): void {
    this.#open.withdraw(id)?.reject(reason);
  }
}
