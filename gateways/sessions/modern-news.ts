/** The streams of news that the gateway itself has opened at a modern server, for its legacy sessions. */
import { OWN_META } from "../bridge/discover.ts";
import type { Caller } from "../bridge/peer.ts";
import { LISTEN } from "../bridge/versions.ts";
import { GatewayError } from "../errors.ts";
import { decode, find, readMessage, request, type Message } from "../jsonrpc.ts";
import type { LastingServer } from "./lasting-server.ts";

/** News of every list that can change. */
const LISTS = { toolsListChanged: true, promptsListChanged: true, resourcesListChanged: true };

/** How long a server may take to say what it will tell of, in milliseconds. */
const PATIENCE = 10_000;

interface Feed extends Caller {
  /** Whether the server tells of the resource that the feed is about. */
  readonly agreed: Promise<boolean>;
}

/** One stream for the lists, and one for each resource that a session has subscribed to. */
export class ModernNews {
  readonly #server: LastingServer<unknown>;
  readonly #tell: (message: Message) => void;
  readonly #lists: Caller;
  #listening = false;
  /** By uri. */
  readonly #resources = new Map<string, Feed>();

  /** @param tell called with news as the server sent them */
  constructor(server: LastingServer<unknown>, tell: (message: Message) => void) {
    this.#server = server;
    this.#tell = tell;
    this.#lists = { answer: () => {}, fail: () => {}, message: (text) => this.#pass(text) };
  }

  /** Hears of changed lists from now on. */
  hearLists(): void {
    if (this.#listening) return;
    this.#listening = true;
    this.#open(LISTS, this.#lists);
  }

  /** Hears of a resource. @returns whether the server tells of it */
  hear(uri: string): Promise<boolean> {
    const known = this.#resources.get(uri);
    if (known) return known.agreed;
    const feed = this.#feed(uri);
    this.#resources.set(uri, feed);
    this.#open({ resourceSubscriptions: [uri] }, feed);
    return feed.agreed; // false: whoever asked has it forgotten
  }

  /** Hears of a resource no more. */
  forget(uri: string): void {
    const feed = this.#resources.get(uri);
    this.#resources.delete(uri);
    if (feed) this.#server.running?.peer.cancel(feed, FORGOTTEN);
  }

  /** The server is a new one, which knows nothing of the streams. */
  renew(): void {
    if (this.#listening) this.#open(LISTS, this.#lists);
    for (const [uri, feed] of this.#resources) this.#open({ resourceSubscriptions: [uri] }, feed);
  }

  /** Without a running server there is nothing to be opened yet: a new one renews all. */
  #open(notifications: object, feed: Caller): void {
    const listen = readMessage(request(0, LISTEN, { _meta: OWN_META, notifications })) as Message;
    this.#server.running?.peer.call(listen, feed);
  }

  #feed(uri: string): Feed {
    const { promise: agreed, resolve } = Promise.withResolvers<boolean>();
    const refused = () => resolve(false); // after the acknowledgement it says nothing new
    setTimeout(refused, PATIENCE).unref();
    return {
      agreed,
      answer: refused,
      fail: refused,
      message: (text) => {
        const acknowledged = acknowledgedBy(text);
        if (acknowledged) resolve(acknowledged.includes(uri));
        else this.#pass(text);
      },
    };
  }

  #pass(text: string): void {
    const message = readMessage(text) as Message;
    if (message.method !== ACKNOWLEDGED) this.#tell(message);
  }
}

const FORGOTTEN = new GatewayError("cancelled");
const ACKNOWLEDGED = "notifications/subscriptions/acknowledged";

/** The resources that a server has agreed to tell of; undefined when the message is another. */
function acknowledgedBy(text: string): readonly unknown[] | undefined {
  const message = readMessage(text) as Message;
  if (message.method !== ACKNOWLEDGED) return undefined;
  const resources = find(text, message.params, "notifications", "resourceSubscriptions");
  const uris = resources && decode(text, resources);
  return Array.isArray(uris) ? uris : [];
}
