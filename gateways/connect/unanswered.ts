/** The requests of the client that have no answer yet. Each gets exactly one. */
import type { GatewayError } from "../errors.ts";
import { errorAnswer, idKey, withId, type Message } from "../jsonrpc.ts";

/** Whoever has started us. */
export interface Client {
  /** Sends it one message. */
  send(text: string): void;
  /** Tells the person who reads its log. */
  tell(text: string): void;
}

export class Unanswered {
  readonly #client: Client;
  readonly #requests = new Map<string | number, Message>();
  readonly #codeOf: (error: GatewayError) => number;

  /** @param codeOf the code of an error in the client's era */
  constructor(client: Client, codeOf: (error: GatewayError) => number) {
    this.#client = client;
    this.#codeOf = codeOf;
  }

  get all(): readonly Message[] {
    return [...this.#requests.values()];
  }

  add(request: Message): void {
    this.#requests.set(idKey(request.id as string), request);
  }

  /** @param id as written, by either side */
  get(id: string): Message | undefined {
    return this.#requests.get(idKey(id));
  }

  /** The client waits for it no more. */
  drop(id: string): void {
    this.#requests.delete(idKey(id));
  }

  /** Passes an answer on, with the id as the client wrote it. */
  answer(request: Message, answer: Message): void {
    this.drop(request.id as string);
    this.#client.send(answer.id === request.id ? answer.text : withId(answer, request.id));
  }

  fail(request: Message, error: GatewayError): void {
    this.drop(request.id as string);
    this.#client.tell(`${request.method}: ${error.operator ?? error.message}`);
    this.#client.send(
      errorAnswer(request.id, this.#codeOf(error), error.message, { error: error.name, ...error.data }),
    );
  }
}
