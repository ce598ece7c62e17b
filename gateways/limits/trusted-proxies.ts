/** The proxies that are believed about their clients: addresses, ranges, and names that are looked up again and again. */
import { lookup } from "node:dns";
import { BlockList, isIPv4, isIPv6 } from "node:net";
import { promisify } from "node:util";
import { deferred } from "../deferred.ts";
import { isLoopback, readAddress } from "./address.ts";

/** Milliseconds for which the addresses of a name are used before it is looked up again. */
const FRESH = 10_000;
/** The same when somebody unknown forwards: the proxy may have been replaced. */
const FRESH_ENOUGH = 1_000;
/** Milliseconds that a start waits for names: a name server that is silent must not keep the gateway from serving. */
const START_WAIT = 2_000;

/** Finds all addresses of a name. */
export type LookUp = (name: string) => Promise<readonly { readonly address: string }[]>;

const lookUpAll: LookUp = (name) => promisify(lookup)(name, { all: true });

/**
 * Who is believed. A name is for a proxy whose address is given by Docker and changes when the container is replaced: only
 * the container that has the name at the moment is believed, and nobody else on its network.
 */
export class TrustedProxies {
  readonly #ranges = new BlockList();
  readonly #names: readonly string[];
  readonly #lookUp: LookUp;
  /** The addresses of each name. */
  readonly #found = new Map<string, ReadonlySet<string>>();
  #lookedUp = -Infinity;
  #looking: Promise<void> | undefined;

  /**
   * @param entries addresses, CIDR ranges and host names
   * @throws Error that names a malformed one
   */
  constructor(entries: readonly string[], lookUp = lookUpAll) {
    this.#names = entries.filter((entry) => !this.#addRange(entry));
    this.#lookUp = lookUp;
  }

  /** Whether a name is among them, and not only addresses. */
  get hasNames(): boolean {
    return this.#names.length > 0;
  }

  /** Looks the names up for the first time. Resolves in any case, and soon. */
  async ready(): Promise<void> {
    if (!this.hasNames) return;
    const { promise, resolve } = deferred<void>();
    const timer = setTimeout(resolve, START_WAIT);
    void this.#refresh().then(resolve);
    await promise;
    clearTimeout(timer);
  }

  /** @param address as `readAddress` spells it */
  includes(address: string, now = performance.now()): boolean {
    if (this.#ranges.check(address, isIPv6(address) ? "ipv6" : "ipv4")) return true;
    if (!this.hasNames) return false;
    const known = [...this.#found.values()].some((addresses) => addresses.has(address));
    if (now - this.#lookedUp > (known ? FRESH : FRESH_ENOUGH)) void this.#refresh();
    return known;
  }

  /** One look-up at a time. */
  #refresh(): Promise<void> {
    this.#lookedUp = performance.now();
    return (this.#looking ??= this.#findAll());
  }

  async #findAll(): Promise<void> {
    await Promise.all(this.#names.map((name) => this.#find(name)));
    this.#looking = undefined;
  }

  /** A name that is gone has no addresses any more: Docker may have given them to another. Without a name server they stay. */
  async #find(name: string): Promise<void> {
    try {
      const found = await this.#lookUp(name);
      this.#found.set(name, new Set(found.flatMap(({ address }) => readAddress(address) ?? [])));
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === "ENOTFOUND") this.#found.delete(name);
    }
  }

  /** @returns whether the entry is an address or a range, and not a name */
  #addRange(entry: string): boolean {
    const [, written = "", bits] = RANGE.exec(entry.trim()) ?? [];
    const address = readAddress(written) ?? "";
    if (bits === undefined && address === "" && isName(entry)) return false;
    try {
      if (bits === undefined) this.#ranges.addAddress(address, isIPv4(address) ? "ipv4" : "ipv6");
      else this.#ranges.addSubnet(address, Number(bits), isIPv4(address) ? "ipv4" : "ipv6");
      return true;
    } catch {
      throw new Error(
        `trusted proxies: got ${entry}, expected an address, a range such as 172.16.0.0/12, or the proxy's host name`,
      );
    }
  }
}

/** Bits are plain digits: in `10.0.0.0/` they are missing, and not 0, which would be everybody. */
const RANGE = /^([^/]+)(?:\/(\d{1,3}))?$/;

/** Docker's names may have underscores. What consists of digits alone was meant as an address. */
const isName = (text: string) => /^[a-z0-9]([\w.-]{0,251}[a-z0-9])?$/i.test(text) && !/^[\d.]+$/.test(text);

/** Where a request comes from. */
export interface Client {
  /** Its address: of the connection, or what a trusted proxy says. */
  readonly address: string;
  /** Whether it is a program on this machine that called without a proxy. */
  readonly local: boolean;
}

type RequestHeaders = Readonly<Record<string, string | string[] | undefined>>;

/**
 * The client of a request: whoever is connected, unless that is a trusted proxy. Of a proxy it is the last address in
 * X-Forwarded-For that is not a trusted proxy itself, since the client may have written those before it. Without that header
 * it is CF-Connecting-IP; X-Forwarded-For comes first because other proxies pass on a CF-Connecting-IP that the client wrote.
 * @param remoteAddress the remote address of the socket
 */
export function clientOf(remoteAddress: string, headers: RequestHeaders, trusted: TrustedProxies): Client {
  const peer = readAddress(remoteAddress) ?? "unknown";
  const forwarded = headers["x-forwarded-for"] ?? headers["cf-connecting-ip"];
  if (forwarded !== undefined && trusted.includes(peer)) {
    return { address: lastUntrusted(String(forwarded), trusted) ?? peer, local: false };
  }
  return { address: peer, local: isLoopback(peer) && !cameThroughProxy(headers) };
}

/** How many proxies may stand in a row. */
const MAX_HOPS = 32;

/** Walks away from the nearest hop. It stops at anything but an address: nobody knows who wrote what comes before that. */
function lastUntrusted(hops: string, trusted: TrustedProxies): string | undefined {
  let nearest: string | undefined;
  let end = hops.length;
  for (let hop = 0; hop < MAX_HOPS && end >= 0; hop++) {
    const start = hops.lastIndexOf(",", end - 1);
    const text = hops.slice(start + 1, end).trim();
    end = start;
    if (text === "") continue;
    const address = readAddress(text);
    if (address === undefined) return nearest;
    if (!trusted.includes(address)) return address;
    nearest = address;
  }
  return nearest;
}

/** Headers that proxies add, and programs that call on their own behalf do not. */
const PROXY_HEADERS = [
  "x-forwarded-for",
  "forwarded",
  "via",
  "x-real-ip",
  "cf-connecting-ip",
  "x-forwarded-host",
  "x-forwarded-proto",
  "true-client-ip",
  "x-client-ip",
];

/** Behind a proxy on this machine everybody looks local. */
const cameThroughProxy = (headers: RequestHeaders) => PROXY_HEADERS.some((name) => headers[name] !== undefined);
