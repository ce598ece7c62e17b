/** The streams of news that the gateway itself has opened at a modern server, for its legacy sessions. */
import { OWN_META } from "../../../bridge/modern-handshake.ts";
import { legacyNotification } from "../messages.ts";
import type { Caller } from "../../../bridge/connection.ts";
import { LISTEN } from "../../../bridge/versions.ts";
import { GatewayError } from "../../../errors.ts";
import { decode, find, readMessage, request, type Message } from "../../../jsonrpc.ts";
import type { Supervisor } from "../../servers/supervisor.ts";

/** Who is told of news. */
export interface Subscriber {
  tellClient(news: Message): void;
}

/** News of every list that can change. */
const LISTS = { toolsListChanged: true, promptsListChanged: true, resourcesListChanged: true };

/** How long a server may take to say what it will tell of, in milliseconds. */
const PATIENCE = 10_000;
/** After this many milliseconds a stream that the server ended is opened again. */
const LEISURE = 5_000;

interface Subscription extends Caller {
  readonly subscribers: Set<Subscriber>;
  /** Whether the server tells of the resource that the subscription is about. */
  readonly agreed: Promise<boolean>;
}

/** One stream for the lists, and one for each resource that a session has subscribed to, or is about to. */
export class ModernSubscriptions {
  readonly #server: Supervisor<unknown>;
  readonly #lists: Caller;
  #listening = false;
  /** By uri. */
  readonly #resources = new Map<string, Subscription>();

  /** @param all who hears of changed lists */
  constructor(server: Supervisor<unknown>, all: ReadonlySet<Subscriber>) {
    this.#server = server;
    const again = () => this.#openLater(() => this.#listening && this.#open(LISTS, this.#lists));
    this.#lists = { answer: again, fail: () => {}, message: (text) => tell(all, text) };
  }

  /** Hears of changed lists from now on. */
  subscribeToLists(): void {
    if (this.#listening) return;
    this.#listening = true;
    this.#open(LISTS, this.#lists);
  }

  /** Hears of a resource. Who is told that the server does not tell of it forgets it. @returns whether the server does */
  hear(uri: string, subscriber: Subscriber): Promise<boolean> {
    const known = this.#resources.get(uri);
    const subscription = known ?? this.#newSubscription(uri);
    subscription.subscribers.add(subscriber);
    if (known) return known.agreed;
    this.#resources.set(uri, subscription);
    this.#open({ resourceSubscriptions: [uri] }, subscription);
    return subscription.agreed;
  }

  /** One hears of a resource no more. */
  forget(uri: string, subscriber: Subscriber): void {
    const subscription = this.#resources.get(uri);
    subscription?.subscribers.delete(subscriber);
    if (!subscription || subscription.subscribers.size > 0) return;
    this.#resources.delete(uri);
    this.#server.running?.connection.cancel(subscription, FORGOTTEN);
  }

  /** The server is a new one, which knows nothing of the streams. */
  renew(): void {
    if (this.#listening) this.#open(LISTS, this.#lists);
    for (const [uri, subscription] of this.#resources) this.#open({ resourceSubscriptions: [uri] }, subscription);
  }

  /** A server that ends a stream by itself goes on without it; so it is asked again, at leisure. */
  #openLater(open: () => void): void {
    setTimeout(open, LEISURE).unref();
  }

  /** Without a running server there is nothing to be opened yet: a new one renews all. */
  #open(notifications: object, subscription: Caller): void {
    const listen = readMessage(request(0, LISTEN, { _meta: OWN_META, notifications })) as Message;
    this.#server.running?.connection.call(listen, subscription);
  }

  #newSubscription(uri: string): Subscription {
    const { promise: agreed, resolve } = Promise.withResolvers<boolean>();
    const subscribers = new Set<Subscriber>();
    const refused = () => resolve(false); // after the acknowledgement it says nothing new
    setTimeout(refused, PATIENCE).unref();
    const subscription: Subscription = {
      subscribers,
      agreed,
      fail: refused,
      answer: () => {
        refused();
        const again = () =>
          this.#resources.get(uri) === subscription && this.#open({ resourceSubscriptions: [uri] }, subscription);
        this.#openLater(again);
      },
      message: (text) => {
        const acknowledged = acknowledgedBy(text);
        if (acknowledged) resolve(acknowledged.includes(uri));
        else tell(subscribers, text);
      },
    };
    return subscription;
  }
}

const FORGOTTEN = new GatewayError("cancelled");
const ACKNOWLEDGED = "notifications/subscriptions/acknowledged";

function tell(subscribers: ReadonlySet<Subscriber>, text: string): void {
  const message = readMessage(text) as Message;
  if (message.method === ACKNOWLEDGED) return;
  const news = legacyNotification(message);
  for (const subscriber of subscribers) subscriber.tellClient(news);
}

/** The resources that a server has agreed to tell of; undefined when the message is another. */
function acknowledgedBy(text: string): readonly unknown[] | undefined {
  const message = readMessage(text) as Message;
  if (message.method !== ACKNOWLEDGED) return undefined;
  const resources = find(text, message.params, "notifications", "resourceSubscriptions");
  const uris = resources && decode(text, resources);
  return Array.isArray(uris) ? uris : [];
}
