/** Who of a shared server's sessions has subscribed to what, and whom a change concerns. */
import { ancestorsOf } from "./resource-uris.ts";

/** Holds subscriptions. */
export interface Subscriber {
  readonly principalId: string;
}

/** The subscriptions of all sessions, by uri. */
export class Subscribers<S extends Subscriber> {
  readonly #byUri = new Map<string, Set<S>>();

  add(uri: string, subscriber: S): void {
    const known = this.#byUri.get(uri);
    if (known) known.add(subscriber);
    else this.#byUri.set(uri, new Set([subscriber]));
  }

  delete(uri: string, subscriber: S): void {
    const known = this.#byUri.get(uri);
    if (known?.delete(subscriber) && known.size === 0) this.#byUri.delete(uri);
  }

  /** Whether anybody but this one has subscribed to exactly this uri. */
  hasOthers(uri: string, subscriber: S): boolean {
    const known = this.#byUri.get(uri);
    return known !== undefined && (known.size > 1 || !known.has(subscriber));
  }

  /**
   * Whom a change of a resource concerns: who has subscribed to it, and who has subscribed to a resource above it (MCP
   * 2025-11-25, schema, "ResourceUpdatedNotification"). But when another principal has subscribed to something closer to the
   * changed resource, it may be only because of that one that the server tells of it, and nobody above hears what others
   * have asked for.
   */
  concernedBy(uri: string): Set<S> {
    const concerned = new Set<S>();
    let closest: ReadonlySet<string> | undefined;
    for (const level of [uri, ...ancestorsOf(uri)]) {
      const subscribers = this.#byUri.get(level);
      if (!subscribers) continue;
      closest ??= new Set([...subscribers].map(({ principalId }) => principalId));
      for (const one of subscribers) if (closest.has(one.principalId)) concerned.add(one);
    }
    return concerned;
  }
}
