/** What a session may receive: progress of its own calls, changes of its own resources. Anything else is another's. */
import { excerpt, Wrong } from "../../kit/mcp/answers.ts";
import type { Message } from "../../kit/mcp/messages.ts";

export class Belongings {
  /** The text that the progress of a token has to carry. */
  readonly progress = new Map<unknown, string>();
  /** Resources that it has subscribed to at any time. */
  readonly uris = new Set<unknown>();

  /** @throws Wrong for a message that is not this session's */
  readonly check = (message: Message): void => {
    if (!this.#mayCome(message)) throw new Wrong(`not for this session: ${excerpt(message)}`);
  };

  #mayCome({ id, method, params = {} }: Message): boolean {
    if (id !== undefined) return false; // a request of the server's, which this call did not ask for
    switch (method) {
      case "notifications/progress":
        return this.progress.get(params["progressToken"]) === params["message"];
      case "notifications/resources/updated":
        return this.uris.has(params["uri"]);
      case "notifications/tools/list_changed": // for everybody
      case "notifications/cancelled": // a request of the server's that needs no answer any more
        return true;
      default:
        return false;
    }
  }
}
