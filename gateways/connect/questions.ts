/** The requests of a server that the client has not answered. Their ids pass as they are. */
import { detached } from "../detached.ts";
import { GatewayError } from "../errors.ts";
import { errorAnswer, idKey, notification, type Message } from "../jsonrpc.ts";

/** How many may wait for the client. */
const MOST = 1_000;

/** What one session has asked. */
export class Questions {
  /** Ids as the server wrote them. */
  readonly #open = new Map<string | number, string>();

  /** Notes a request. @returns the answer in place of the client's when too many wait; undefined = pass it on */
  ask({ id = "" }: Message): string | undefined {
    if (this.#open.size >= MOST) {
      const { code, message } = new GatewayError("too-many-client-requests", { limit: MOST });
      return errorAnswer(id, code, message);
    }
    this.#open.set(idKey(id), detached(id));
    return undefined;
  }

  /** @returns whether the client's answer is to one of them */
  take(answer: Message): boolean {
    return this.#open.delete(idKey(answer.id as string));
  }

  /** The session has ended. @returns what tells the client that it need not answer */
  withdrawn(): string[] {
    const ids = [...this.#open.values()];
    this.#open.clear();
    return ids.map((id) => notification("notifications/cancelled", { requestId: JSON.parse(id) as unknown }));
  }
}
