/** The subscriptions that the gateway holds at a modern server for its legacy sessions. */
import { deferred } from "../../../deferred.ts";
import { OWN_META } from "../../../bridge/modern-handshake.ts";
import { legacyNotification } from "../messages.ts";
import type { Caller } from "../../../bridge/connection.ts";
import { LISTEN } from "../../../bridge/versions.ts";
import { GatewayError } from "../../../errors.ts";
import { decode, find, readMessage, request, type Message } from "../../../jsonrpc.ts";
import type { Supervisor } from "../../servers/supervisor.ts";

/** Who is told of changes. */
export interface Subscriber {
  tellClient(notification: Message): void;
}

/** Subscribes to every list that can change. */
const LISTS = { toolsListChanged: true, promptsListChanged: true, resourcesListChanged: true };

/** Milliseconds that a server may take to acknowledge a subscription. */
const ACKNOWLEDGE_TIMEOUT = 10_000;
/** Milliseconds after which a subscription that the server ended, or that could not be opened, is opened again. */
const REOPEN_DELAY = 5_000;

interface Subscription extends Caller {
  readonly subscribers: Set<Subscriber>;
  /** Whether the server has agreed to tell of changes of the resource. */
  readonly agreed: Promise<boolean>;
}

/** One subscription for the lists, and one for each resource that a session has subscribed to, or is about to. */
export class ModernSubscriptions {
  readonly #supervisor: Supervisor<unknown>;
  readonly #lists: Caller;
  #listening = false;
  /** By uri. */
  readonly #resources = new Map<string, Subscription>();
  /** Those that are open. */
  #opened = new WeakSet<Caller>();

  /** @param all who is told of changed lists */
  constructor(supervisor: Supervisor<unknown>, all: ReadonlySet<Subscriber>) {
    this.#supervisor = supervisor;
    const again = () => this.#openLater(this.#lists, () => this.#open(LISTS, this.#lists));
    this.#lists = { answer: again, fail: again, message: (text) => tell(all, text) };
  }

  subscribeToLists(): void {
    if (this.#listening) return;
    this.#listening = true;
    this.#open(LISTS, this.#lists);
  }

  /**
   * Subscribes to a resource.
   * @returns whether the server agrees. One that is told that it does not must unsubscribe
   */
  subscribe(uri: string, subscriber: Subscriber): Promise<boolean> {
    const known = this.#resources.get(uri);
    const subscription = known ?? this.#newSubscription(uri);
    subscription.subscribers.add(subscriber);
    if (known) return known.agreed;
    this.#resources.set(uri, subscription);
    this.#open({ resourceSubscriptions: [uri] }, subscription);
    return subscription.agreed;
  }

  unsubscribe(uri: string, subscriber: Subscriber): void {
    const subscription = this.#resources.get(uri);
    subscription?.subscribers.delete(subscriber);
    if (!subscription || subscription.subscribers.size > 0) return;
    this.#resources.delete(uri);
    this.#supervisor.running?.connection.cancel(subscription, UNSUBSCRIBED);
  }

  /** Subscribes again at a new server. */
  renew(): void {
    this.#opened = new WeakSet();
    if (this.#listening) this.#open(LISTS, this.#lists);
    for (const [uri, subscription] of this.#resources) this.#open({ resourceSubscriptions: [uri] }, subscription);
  }

  /** A server that ends a subscription by itself is asked again after a while, unless a new one has been by then. */
  #openLater(subscription: Caller, open: () => void): void {
    this.#opened.delete(subscription);
    setTimeout(open, REOPEN_DELAY).unref();
  }

  /** Without a running server there is nothing to open yet: a new one renews all. */
  #open(notifications: object, subscription: Caller): void {
    const { running } = this.#supervisor;
    if (!running || this.#opened.has(subscription)) return;
    this.#opened.add(subscription);
    const listen = readMessage(request(0, LISTEN, { _meta: OWN_META, notifications })) as Message;
    running.connection.call(listen, subscription);
  }

  #newSubscription(uri: string): Subscription {
    const { promise: agreed, resolve } = deferred<boolean>();
    const subscribers = new Set<Subscriber>();
    const refused = () => resolve(false); // has no effect after the acknowledgement
    setTimeout(refused, ACKNOWLEDGE_TIMEOUT).unref();
    const over = () => {
      refused();
      this.#openLater(subscription, () => {
        if (this.#resources.get(uri) === subscription) this.#open({ resourceSubscriptions: [uri] }, subscription);
      });
    };
    const subscription: Subscription = {
      subscribers,
      agreed,
      fail: over,
      answer: over,
      message: (text) => {
        const acknowledged = acknowledgedBy(text);
        if (acknowledged) resolve(acknowledged.includes(uri));
        else tell(subscribers, text);
      },
    };
    return subscription;
  }
}

const UNSUBSCRIBED = new GatewayError("cancelled");
const ACKNOWLEDGED = "notifications/subscriptions/acknowledged";

function tell(subscribers: ReadonlySet<Subscriber>, text: string): void {
  const message = readMessage(text) as Message;
  if (message.method === ACKNOWLEDGED) return;
  const notification = legacyNotification(message);
  for (const subscriber of subscribers) subscriber.tellClient(notification);
}

/** The resources whose changes a server has agreed to tell; undefined when the message is another. */
function acknowledgedBy(text: string): readonly unknown[] | undefined {
  const message = readMessage(text) as Message;
  if (message.method !== ACKNOWLEDGED) return undefined;
  const resources = find(text, message.params, "notifications", "resourceSubscriptions");
  const uris = resources && decode(text, resources);
  return Array.isArray(uris) ? uris : [];
}
