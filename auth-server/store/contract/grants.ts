/**
 * Grants: what a user has allowed one client once. Each login makes one of its own, so that ending one leaves the other
 * installations of the same client alone. The id of a grant is that of its flow in the log.
 */

/** A new grant. */
export interface NewGrant {
  readonly id: string;
  /** The id of the user. */
  readonly account: string;
  readonly client: string;
  readonly clientName: string | undefined;
  readonly redirectUri: string;
  /** The URL of the service. */
  readonly resource: string;
  readonly scope: string;
  /** The address of the browser in which the user has logged in; undefined for grants of the first release. */
  readonly address: string | undefined;
}

/** A grant, as the operator sees it. */
export interface Grant extends NewGrant {
  /** Seconds since 1970. */
  readonly created: number;
  /** Seconds since 1970: when a token was last issued, or a gateway last asked about one. */
  readonly used: number;
}

/** Whose grants: of a user, of a client, of both. Without either, all. */
export interface GrantsOf {
  readonly account?: string;
  readonly client?: string;
}

/** Seconds in which a grant that is used again is not written again. */
export const USED_AGAIN = 60;

/** Seconds for which a grant may be without its record of model `Grant`, which is kept right after it. */
export const GRANT_ALONE = 60;

export interface Grants {
  /** Notes a new grant, and that its client is used (`RegisteredClient.used`), if that is a registered one. */
  add(grant: NewGrant): Promise<void>;
  /** The grant; undefined when it has ended. */
  find(id: string): Promise<Grant | undefined>;
  /** Grants that are alive, the newest first; of one second by their ids. */
  list(only?: GrantsOf): Promise<Grant[]>;
  /** Notes that a grant is used now. Nothing is written, nor asked, where `used` is less than `USED_AGAIN` seconds ago. */
  touch(grant: Pick<Grant, "id" | "used">): Promise<void>;
  /**
   * Ends a grant with its record and every code and token that came of it, all in one step, and tells the revocation with whose
   * it was. Where there was nothing of it at all, nothing is told.
   * @returns what it was; undefined when it was not there
   */
  end(id: string): Promise<Grant | undefined>;
  /** Ends all of them, each as `end` does. @returns those that this call has ended */
  endAll(only: GrantsOf): Promise<Grant[]>;
}

/** A grant that has ended, or one of whose tokens has. */
export interface Revoked {
  readonly number: number;
  readonly grant: string;
  /** Whose it was, and of which client; null when that is not known any more. */
  readonly account: string | null;
  readonly client: string | null;
}

/** Seconds for which a revocation is kept: a stream that was closed for longer makes its gateway forget everything anyway. */
export const KEPT_REVOCATIONS = 3_600;

/**
 * What has ended, in the order in which it has. Numbers grow, whichever process writes: who has seen one has seen all before it.
 * Nor do they start again where a store has lost everything.
 */
export interface Revocations {
  /** The number of the latest; 0 = there was none yet. */
  last(): Promise<number>;
  /** Those after a number, in their order. */
  after(number: number): Promise<Revoked[]>;
}
