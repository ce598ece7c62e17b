/** What a client has set up in its session, so that the next session can be set up in the same way. */
import { decode, find, notification, stringIn, withId, type Message } from "../jsonrpc.ts";

/** What may change when a server is deployed again, and the notification that says that it has. */
const LISTS = ["tools", "prompts", "resources"] as const;

type Capabilities = Readonly<Record<string, { readonly listChanged?: unknown } | undefined>>;

export class SessionMemory {
  #initialize: Message | undefined;
  #capabilities: Capabilities | undefined;
  #level: Message | undefined;
  /** By URI. */
  readonly #subscriptions = new Map<string, Message>();

  /** Whether there has been a session. */
  get isEstablished(): boolean {
    return this.#capabilities !== undefined;
  }

  /** Notes what a request of the client has set up. */
  note(message: Message): void {
    const { method } = message;
    if (method === "initialize") this.#initialize = message;
    else if (method === "logging/setLevel") this.#level = message;
    else if (method === "resources/subscribe") this.#subscriptions.set(uriOf(message), message);
    else if (method === "resources/unsubscribe") this.#subscriptions.delete(uriOf(message));
  }

  /** Notes the answer to `initialize`: the session is open. */
  opened({ text, result }: Message): void {
    const capabilities = find(text, result, "capabilities");
    const said = capabilities && decode(text, capabilities);
    this.#capabilities = typeof said === "object" && said !== null ? (said as Capabilities) : {};
  }

  /** The messages that open the session again, `initialize` first. @param id makes an id for each request, as written */
  replay(id: () => string): string[] {
    if (this.#initialize === undefined) return [];
    const requests = [this.#level, ...this.#subscriptions.values()].filter((one) => one !== undefined);
    return [
      withId(this.#initialize, id()),
      notification("notifications/initialized"),
      ...requests.map((one) => withId(one, id())),
    ];
  }

  /** The notifications that have a client list anew, as far as the server has announced that it sends them. */
  changes(): string[] {
    const changing = LISTS.filter((list) => this.#capabilities?.[list]?.listChanged === true);
    return changing.map((list) => notification(`notifications/${list}/list_changed`));
  }
}

const uriOf = ({ text, params }: Message) => stringIn(text, params, "uri") ?? "";
