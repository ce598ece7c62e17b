/** What a session may hear: progress of its own calls, news of its own resources. Anything else has crossed over. */
import { excerpt, type Message, Wrong } from "../../kit/mcp/answers.ts";

export class Belongings {
  /** The text that the progress of a token has to carry. */
  readonly progress = new Map<unknown, string>();
  /** Resources that it has subscribed to at any time. */
  readonly uris = new Set<unknown>();

  /** @throws Wrong for a message that is not this session's */
  readonly heard = (message: Message): void => {
    if (!this.#mayHear(message)) throw new Wrong(`not for this session: ${excerpt(message)}`);
  };

  #mayHear({ id, method, params = {} }: Message): boolean {
    if (id !== undefined) return false; // a question that we have not asked to be asked
    switch (method) {
      case "notifications/progress":
        return this.progress.get(params["progressToken"]) === params["message"];
      case "notifications/resources/updated":
        return this.uris.has(params["uri"]);
      case "notifications/tools/list_changed": // everybody's
      case "notifications/cancelled": // a question that nobody need answer any longer
        return true;
      default:
        return false;
    }
  }
}
