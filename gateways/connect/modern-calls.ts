/** The messages of a modern client, each complete by itself (MCP 2026-07-28, Overview, "Statelessness"). */
import type { Link, LinkEvents } from "../bridge/link.ts";
import { LISTEN } from "../bridge/versions.ts";
import { GatewayError, toGatewayError } from "../errors.ts";
import { written, type Message } from "../jsonrpc.ts";
import { Renewals } from "./renewals.ts";
import { isSound, readServerMessage } from "./server-message.ts";
import { ToolLists } from "./tool-lists.ts";
import { Unanswered, type Client } from "./unanswered.ts";

/** The error of a call whose headers do not repeat what they should (MCP 2026-07-28, Overview, "Error Codes"). */
const HEADER_MISMATCH = "-32020";

export class ModernCalls {
  readonly #service: string;
  readonly #client: Client;
  readonly #link: Link;
  readonly #unanswered: Unanswered;
  readonly #renewals: Renewals;
  readonly #lists: ToolLists;

  constructor(service: string, open: (events: LinkEvents) => Link, client: Client) {
    this.#service = service;
    this.#client = client;
    this.#unanswered = new Unanswered(client, ({ modernCode }) => modernCode);
    this.#link = open({
      message: (text) => this.#received(text),
      failed: (id, error) => this.#failed(id, error),
      closed: () => {}, // there is no session that could end
    });
    const isOpen = (request: Message) => this.#unanswered.get(request.id as string) === request;
    this.#renewals = new Renewals((request) => isOpen(request) && this.#link.send(request.text));
    this.#lists = new ToolLists(
      (text) => this.#link.send(text),
      (call) => isOpen(call) && this.#link.send(call.text),
    );
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
    this.#renewals.close();
    return this.#link.close();
  }

  #received(text: string): void {
    const message = readServerMessage(text);
    if (message?.kind === "response") this.#answered(message);
    else if (message?.kind === "notification" && isSound(message) && !this.#isRepeated(message))
      this.#client.send(message.text);
  }

  #isRepeated(message: Message): boolean {
    return this.#renewals.isRepeated(message, (id) => this.#unanswered.get(id) !== undefined);
  }

  #answered(answer: Message): void {
    if (this.#lists.take(answer)) return;
    const request = this.#unanswered.get(answer.id as string);
    if (request === undefined) return;
    if (!isSound(answer))
      return this.#unanswered.fail(request, new GatewayError("bad-answer", { service: this.#service }));
    const isRefused = answer.error >= 0 && written(answer.text, answer.error, "code") === HEADER_MISMATCH;
    if (isRefused && this.#lists.listFor(request)) return;
    this.#unanswered.answer(request, answer);
  }

  #failed(id: string, error: GatewayError): void {
    if (this.#lists.failed(id)) return;
    const request = this.#unanswered.get(id);
    if (request === undefined) return;
    if (request.method === LISTEN && this.#renewals.renew(request, error)) return;
    this.#unanswered.fail(request, error);
  }
}
