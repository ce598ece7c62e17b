/** Clients: those that have registered themselves (RFC 7591), and the metadata documents of the others. */

/** What a client has told of itself. */
export type ClientMetadata = Readonly<Record<string, unknown>> & { readonly redirect_uris: readonly string[] };

/** A client that registers itself. */
export interface NewClient {
  readonly id: string;
  /** The same for clients that tell the same of themselves. */
  readonly fingerprint: string;
  readonly metadata: ClientMetadata;
}

/** A registered client, as the operator sees it. */
export interface RegisteredClient {
  readonly id: string;
  readonly metadata: ClientMetadata;
  /** Seconds since 1970. */
  readonly created: number;
  /** Seconds since 1970: when somebody last logged in with it. @default - never */
  readonly used: number | undefined;
}

/** Seconds after which `sweep` forgets a client with which nobody has logged in, and one with which nobody does any more. */
export const UNUSED_CLIENT = 7 * 86_400;
export const IDLE_CLIENT = 180 * 86_400;
/** How many clients `sweep` leaves with which nobody has logged in: the newest. */
export const MOST_UNUSED_CLIENTS = 5_000;

/** Of a client with a grant that is alive, `sweep` forgets nothing. */
export interface Clients {
  find(id: string): Promise<RegisteredClient | undefined>;
  /** The client that has told the same of itself before. */
  ofFingerprint(fingerprint: string): Promise<RegisteredClient | undefined>;
  /** Adds a client. Of two that tell the same at once there is one. @returns that one, which may have another id */
  add(client: NewClient): Promise<RegisteredClient>;
  remove(id: string): Promise<void>;
  /** Every registered client, the newest first; of one second by their ids. */
  list(): Promise<RegisteredClient[]>;
}

/** A metadata document that is kept. */
export interface KeptDocument {
  readonly url: string;
  /** What the client calls itself: `client_name` in the document. */
  readonly name: string | null;
  /** Seconds since 1970. */
  readonly fetched: number;
}

/** Seconds for which a metadata document is kept that nobody could fetch again. */
export const KEPT_DOCUMENT = 30 * 86_400;
/** How many documents `sweep` leaves of clients without a grant that is alive, the latest: whoever has a domain can write any number. */
export const MOST_UNUSED_DOCUMENTS = 2_000;

export interface Documents {
  /** The document, which is JSON; undefined when none was ever read. */
  find(url: string): Promise<string | undefined>;
  /** Keeps what was read now, in the place of what was before. */
  keep(url: string, body: string): Promise<void>;
  /** All, the latest first; of one second by their URLs. */
  list(): Promise<KeptDocument[]>;
}
