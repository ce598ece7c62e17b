/**
 * The one rule about memory: everything that waits for somebody else (a client that reads, a server that reads, a turn) is
 * counted before it is kept, against the share of whoever causes it and against the whole process. What does not fit is
 * refused, so the sum of all limits is itself limited.
 */
import { totalmem } from "node:os";
import { getHeapStatistics } from "node:v8";
import { GatewayError, type ErrorName } from "./errors.ts";

const MiB = 1024 * 1024;

/** A budget that nobody has set is never larger. */
const MOST = 1024 * MiB;

/** How much of the whole one principal, or one service's server, may use. */
const PRINCIPAL = 1 / 2;
/** How much of a principal's share one address may use: many people may have the same token. */
const ADDRESS = 3 / 4;
/** No share is smaller, as far as the whole allows it: one reply of 32 MB must fit. */
const LEAST_SHARE = 40 * MiB;

/** Shares that hold nothing are kept up to this number, of a principal's addresses too: most of them are used again at once. */
const MAX_IDLE_SHARES = 1_000;

/** What a request costs while it is open, besides its body and its answer: its objects, and its place at the server. */
const REQUEST_BYTES = 8 * 1024;

/**
 * The budget for a process that nobody has set one for: a quarter of the memory that it may use, and at most half of V8's
 * heap. The rest is for the program, for messages on their way through, and for garbage. In a container both follow from its
 * memory: 128 MiB of 512.
 */
export function defaultBudget(): number {
  const limit = process.constrainedMemory();
  const memory = limit > 0 ? Math.min(limit, totalmem()) : totalmem();
  return Math.floor(Math.min(memory / 4, getHeapStatistics().heap_size_limit / 2, MOST));
}

/** How much may be held. */
interface Most {
  readonly bytes: number;
  readonly requests: number;
}

/** A part of the budget: the whole, a principal's, or that of a principal at one address. What it holds, its parent holds too. */
export class Share {
  readonly #name: string;
  readonly most: Most;
  /** It and those that it is a part of, the whole last. */
  readonly #chain: readonly Share[];
  #bytes = 0;
  #requests = 0;

  /** @param name what the caller is told is full: "this token's share" */
  constructor(name: string, most: Most, parent?: Share) {
    this.#name = name;
    this.most = most;
    this.#chain = [this, ...(parent ? parent.#chain : [])];
  }

  /** Bytes that are held at the moment. */
  get bytes(): number {
    return this.#bytes;
  }

  /** Requests that are open at the moment. */
  get requests(): number {
    return this.#requests;
  }

  /** Counts bytes. @throws GatewayError `memory-exhausted` when they do not fit; nothing is counted then */
  take(bytes: number): void {
    if (!this.tryTake(bytes)) throw this.refusal("memory-exhausted", bytes);
  }

  /** Counts bytes if they fit. @returns whether they did */
  tryTake(bytes: number): boolean {
    if (this.#fullFor(bytes)) return false;
    this.#add(bytes);
    return true;
  }

  /** Counts bytes that are worth keeping only while there is plenty: they may fill half of a share. @returns whether they fit */
  tryTakeSpare(bytes: number): boolean {
    for (const share of this.#chain) if (share.#bytes + bytes > share.most.bytes / 2) return false;
    this.#add(bytes);
    return true;
  }

  give(bytes: number): void {
    this.#add(-bytes);
  }

  /** Counts an open request. @throws GatewayError `too-many-open-requests`, `memory-exhausted` */
  openRequest(): Held {
    for (const share of this.#chain) {
      if (share.#requests >= share.most.requests) throw tooManyRequests(share.most.requests, share.#name);
    }
    this.take(REQUEST_BYTES);
    for (const share of this.#chain) share.#requests++;
    return new Held(this, REQUEST_BYTES, true);
  }

  /** An open request is over. */
  closeRequest(): void {
    for (const share of this.#chain) share.#requests--;
  }

  /** A part of the share that is given back as a whole. @throws GatewayError `memory-exhausted` */
  hold(bytes = 0): Held {
    this.take(bytes);
    return new Held(this, bytes);
  }

  fits(bytes: number): boolean {
    return this.#fullFor(bytes) === undefined;
  }

  /** Why bytes do not fit. */
  refusal(name: ErrorName, bytes: number): GatewayError {
    const full = this.#fullFor(bytes) ?? this;
    return new GatewayError(name, { share: full.#name, bytes, limit: inMiB(full.most.bytes) });
  }

  #add(bytes: number): void {
    for (const share of this.#chain) share.#bytes += bytes;
  }

  /** The smallest share that the bytes do not fit into. */
  #fullFor(bytes: number): Share | undefined {
    for (const share of this.#chain) if (share.#bytes + bytes > share.most.bytes) return share;
    return undefined;
  }
}

/** What one request, session or connection holds. Given back once, whoever ends it and however often. */
export class Held {
  readonly #share: Share;
  readonly #isRequest: boolean;
  #bytes: number;
  #ended = false;

  /** @param bytes what has been counted already @param isRequest whether an open request has been counted */
  constructor(share: Share, bytes: number, isRequest = false) {
    this.#share = share;
    this.#bytes = bytes;
    this.#isRequest = isRequest;
  }

  get bytes(): number {
    return this.#bytes;
  }

  /** Holds more. After the end nothing is held any more. @throws GatewayError `memory-exhausted` */
  take(bytes: number): void {
    if (this.#ended) return;
    this.#share.take(bytes);
    this.#bytes += bytes;
  }

  /** Holds more if it fits. @returns whether it did */
  tryTake(bytes: number): boolean {
    if (this.#ended) return true;
    if (!this.#share.tryTake(bytes)) return false;
    this.#bytes += bytes;
    return true;
  }

  /** Holds more while there is plenty. @returns whether there is */
  tryTakeSpare(bytes: number): boolean {
    if (this.#ended || !this.#share.tryTakeSpare(bytes)) return false;
    this.#bytes += bytes;
    return true;
  }

  /** Whether it could hold so much more. */
  fits(bytes: number): boolean {
    return this.#ended || this.#share.fits(bytes);
  }

  /** Why it cannot hold so much more. */
  refusal(name: ErrorName, bytes: number): GatewayError {
    return this.#share.refusal(name, bytes);
  }

  /** Gives back a part, never more than is held. */
  give(bytes: number): void {
    const given = Math.min(bytes, this.#bytes);
    this.#bytes -= given;
    this.#share.give(given);
  }

  /** Holds so much, no more and no less. @returns false when it would have to hold more than fits; it holds what it held then */
  resize(bytes: number): boolean {
    if (bytes > this.#bytes) return this.tryTake(bytes - this.#bytes);
    this.give(this.#bytes - bytes);
    return true;
  }

  /** Gives everything back. */
  end(): void {
    if (this.#ended) return;
    this.#ended = true;
    this.give(this.#bytes);
    if (this.#isRequest) this.#share.closeRequest();
  }
}

/** The memory of one process, and who has which part of it. */
export class MemoryBudget {
  readonly whole: Share;
  readonly #principals = new Map<string, PrincipalShare>();
  readonly #servers = new Map<string, Share>();

  /**
   * @param bytes how much may wait in all
   * @param requests how many requests may be open in all
   */
  constructor(bytes: number, requests: number) {
    this.whole = new Share("the memory of the gateway", { bytes, requests });
  }

  /** What a principal holds at one address. It is looked up for every request, so the two are not joined into one key. */
  of(principal: string, address: string): Share {
    const { share, addresses } = this.#principals.get(principal) ?? this.#addPrincipal(principal);
    return addresses.get(address) ?? add(addresses, address, part("this address", share, ADDRESS));
  }

  /** What the server of a service makes the gateway hold. */
  ofServer(service: string): Share {
    const known = this.#servers.get(service);
    return known ?? add(this.#servers, service, part(`the server of ${service}`, this.whole, PRINCIPAL));
  }

  #addPrincipal(name: string): PrincipalShare {
    forgetIdle(this.#principals, ({ share }) => share);
    const added = { share: part("this token", this.whole, PRINCIPAL), addresses: new Map() };
    this.#principals.set(name, added);
    return added;
  }
}

/** The share of a principal, and its parts by address. */
interface PrincipalShare {
  readonly share: Share;
  readonly addresses: Map<string, Share>;
}

function part(whose: string, parent: Share, factor: number): Share {
  const bytes = Math.max(Math.floor(parent.most.bytes * factor), Math.min(parent.most.bytes, LEAST_SHARE));
  const requests = Math.max(1, Math.floor(parent.most.requests * factor));
  return new Share(`the share of ${whose}`, { bytes, requests }, parent);
}

function add(shares: Map<string, Share>, key: string, share: Share): Share {
  forgetIdle(shares, (known) => known);
  shares.set(key, share);
  return share;
}

/** A session and an open request hold something of their share, so none that is in use is forgotten. */
function forgetIdle<T>(all: Map<string, T>, shareOf: (one: T) => Share): void {
  if (all.size < MAX_IDLE_SHARES) return;
  for (const [key, one] of all) {
    const { bytes, requests } = shareOf(one);
    if (bytes === 0 && requests === 0) all.delete(key);
  }
}

const tooManyRequests = (limit: number, share: string) =>
  new GatewayError("too-many-open-requests", { limit, share }, { retryAfter: 5 });

const inMiB = (bytes: number) => `${Math.ceil(bytes / MiB)} MiB`;
