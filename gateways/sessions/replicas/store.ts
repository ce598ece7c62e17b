/**
 * What all gateways of one service know of its sessions: enough for another gateway to continue one. Written when a session
 * begins, changes or ends, never for a call.
 */

/** A session as it was opened. Requests are texts, one character a byte. */
export interface NewSession {
  readonly id: string;
  /** The address of the gateway that has it; `NOBODY` = none. */
  readonly owner: string;
  /** The id of the principal that it belongs to. */
  readonly principal: string;
  /** The address of the client that opened it. */
  readonly address: string;
  /** The protocol version that initialize agreed on. */
  readonly version: string;
  readonly initialize: string;
}

/** A resource that a session has subscribed to, and the request that did so. */
export interface StoredSubscription {
  readonly uri: string;
  readonly request: string;
}

/** A session as it is kept. */
export interface StoredSession extends NewSession {
  /** The last logging/setLevel request. */
  readonly logLevel: string | undefined;
  readonly subscriptions: readonly StoredSubscription[];
}

/** The owner of a session that no gateway has: the first one that is asked for it may claim it. */
export const NOBODY = "";

/**
 * The sessions of a service, for all of its gateways. Calls take effect in the order in which they were made, whether or not
 * their caller waits. Every method rejects when the store cannot be reached.
 */
export interface SessionStore {
  /** Keeps a session that has just been opened: it has no log level yet and no subscriptions. */
  add(session: NewSession): Promise<void>;
  /** @param request the logging/setLevel request */
  setLogLevel(id: string, request: string): Promise<void>;
  /** @param request the resources/subscribe request */
  subscribe(id: string, uri: string, request: string): Promise<void>;
  unsubscribe(id: string, uri: string): Promise<void>;
  find(id: string): Promise<StoredSession | undefined>;
  /** Takes a session over. @returns false when `from` does not own it any more: another gateway was quicker */
  claim(id: string, from: string, to: string): Promise<boolean>;
  /** Leaves all sessions of an owner to the gateways that are asked for them. */
  release(owner: string): Promise<void>;
  remove(id: string): Promise<void>;
  /** Removes all sessions of an owner. */
  removeAll(owner: string): Promise<void>;
  /** Notes that sessions have been used. */
  touch(ids: readonly string[]): Promise<void>;
  /** Removes sessions that have not been used for this many milliseconds, such as those of a gateway that was killed. */
  removeUnused(age: number): Promise<void>;
  /** The address of the gateway that last took the serial lock; it may be gone. Undefined = none yet. */
  lockHolder(): Promise<string | undefined>;
  setLockHolder(address: string): Promise<void>;
  close(): Promise<void>;
}
