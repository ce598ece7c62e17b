/** The messages of a modern client, each complete by itself (MCP 2026-07-28, Overview, "Statelessness"). */
import type { Link, LinkEvents } from "../bridge/link.ts";
import { GatewayError, toGatewayError } from "../errors.ts";
import type { Message } from "../jsonrpc.ts";
import { isSound, readServerMessage } from "./server-message.ts";
import { Unanswered, type Client } from "./unanswered.ts";

export class ModernCalls {
  readonly #service: string;
  readonly #client: Client;
  readonly #link: Link;
  readonly #unanswered: Unanswered;

  constructor(service: string, open: (events: LinkEvents) => Link, client: Client) {
    this.#service = service;
    this.#client = client;
    this.#unanswered = new Unanswered(client, ({ modernCode }) => modernCode);
    this.#link = open({
      message: (text) => this.#received(text),
      failed: (id, error) => this.#failed(id, error),
      closed: () => {}, // there is no session that could end
    });
  }

  /** The client's requests that have no answer yet. */
  get unanswered(): readonly Message[] {
    return this.#unanswered.all;
  }

  send(message: Message): void {
    if (message.kind === "request") this.#unanswered.add(message);
    try {
      this.#link.send(message.text);
    } catch (error) {
      if (message.kind === "request") this.#unanswered.fail(message, toGatewayError(error));
    }
  }

  /** Passes a cancellation on. @param id of the request, as written @returns whether the request is one of these */
  cancel(id: string, cancellation: Message): boolean {
    if (this.#unanswered.get(id) === undefined) return false;
    this.#unanswered.drop(id);
    this.#link.send(cancellation.text);
    return true;
  }

  close(): Promise<void> {
    return this.#link.close();
  }

  #received(text: string): void {
    const message = readServerMessage(text);
    if (message === undefined) return;
    const request = message.kind === "response" ? this.#unanswered.get(message.id as string) : undefined;
    if (request && isSound(message)) this.#unanswered.answer(request, message);
    else if (request) this.#unanswered.fail(request, new GatewayError("bad-answer", { service: this.#service }));
    else if (message.kind === "notification" && isSound(message)) this.#client.send(message.text);
  }

  #failed(id: string, error: GatewayError): void {
    const request = this.#unanswered.get(id);
    if (request) this.#unanswered.fail(request, error);
  }
}
