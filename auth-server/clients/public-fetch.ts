/** Fetches what a stranger has named, from public addresses alone: a name may lead into our own network. */
import { lookup as lookUp } from "node:dns";
import { request } from "node:https";
import { BlockList, isIP, type LookupFunction } from "node:net";

/** Milliseconds until the whole answer must be there. */
const TIMEOUT = 5_000;
/** Bytes of the largest answer. */
export const LARGEST = 10_240;

/** Addresses that are nobody's in public (IANA's registries of special-purpose addresses, and multicast). */
const special = new BlockList();
for (const range of [
  "0.0.0.0/8 10.0.0.0/8 100.64.0.0/10 127.0.0.0/8 169.254.0.0/16 172.16.0.0/12 192.0.0.0/24 192.0.2.0/24 192.88.99.0/24",
  "192.168.0.0/16 198.18.0.0/15 198.51.100.0/24 203.0.113.0/24 224.0.0.0/4 240.0.0.0/4",
].flatMap((line) => line.split(" ")))
  special.addSubnet(range.split("/")[0]!, Number(range.split("/")[1]), "ipv4");
// Teredo and others, documentation, 6to4: they contain, or stand for, addresses of IPv4.
for (const range of ["2001::/23", "2001:db8::/32", "2002::/16", "3fff::/20"])
  special.addSubnet(range.split("/")[0]!, Number(range.split("/")[1]), "ipv6");

/** All that is given out of IPv6. */
const global6 = new BlockList();
global6.addSubnet("2000::", 3, "ipv6");

/** Whether an address is somebody's in public. */
export function isPublic(address: string): boolean {
  const family = isIP(address);
  if (family === 4) return !special.check(address, "ipv4");
  return family === 6 && global6.check(address, "ipv6") && !special.check(address, "ipv6");
}

/** Which addresses are reached. Tests have their servers on this machine, with certificates of their own. */
export interface Reach {
  readonly isAllowed: (address: string) => boolean;
  /** Whom to believe about certificates. @default - whom Node believes */
  readonly ca?: string;
}

export const PUBLIC: Reach = { isAllowed: isPublic };

/** An address that is not reached, or an answer that is not taken. */
export class FetchError extends Error {
  /** Whether the same request may succeed later. */
  readonly isTemporary: boolean;

  constructor(message: string, isTemporary: boolean) {
    super(message);
    this.isTemporary = isTemporary;
  }
}

/** What was fetched. */
export interface Loaded {
  readonly text: string;
  /** The header; empty = none. */
  readonly cacheControl: string;
}

/**
 * Gets JSON of at most 10 KiB by https, within five seconds and without following redirects. The name is looked up once, and
 * only what was found then is reached.
 * @throws FetchError
 */
export function fetchPublic(url: string, reach: Reach = PUBLIC): Promise<Loaded> {
  const { protocol, hostname } = new URL(url);
  const literal = hostname.replace(/^\[|\]$/g, "");
  if (protocol !== "https:") throw new FetchError("it is not an https URL", false);
  if (isIP(literal) !== 0 && !reach.isAllowed(literal)) throw new FetchError(NOT_PUBLIC, false);
  return new Promise((resolve, reject) => {
    const signal = AbortSignal.timeout(TIMEOUT);
    const headers = { accept: "application/json", "user-agent": "gangway-auth" };
    const asked = request(url, { headers, signal, agent: false, lookup: allowedLookup(reach), ca: reach.ca });
    asked.on("error", (error) => reject(toFetchError(error, signal)));
    asked.on("response", (answer) => {
      const { statusCode = 0, headers } = answer;
      const refused = refusalOf(statusCode, headers["content-type"] ?? "");
      if (refused) return void asked.destroy(refused);
      readText(answer).then(
        (text) => resolve({ text, cacheControl: headers["cache-control"] ?? "" }),
        (error: Error) => reject(toFetchError(error, signal)),
      );
    });
    asked.end();
  });
}

const NOT_PUBLIC = "its address is not a public one";

/** Refuses a name with any address that is not allowed: which of them is taken must not matter. */
const allowedLookup =
  ({ isAllowed }: Reach): LookupFunction =>
  (hostname, options, done) =>
    lookUp(hostname, { ...options, all: true }, (error, found) => {
      if (error) done(error, [], 0);
      else if (!found.every(({ address }) => isAllowed(address))) done(new FetchError(NOT_PUBLIC, false), [], 0);
      else if (options.all) done(null, found);
      else done(null, found[0]!.address, found[0]!.family);
    });

function refusalOf(status: number, type: string): FetchError | undefined {
  if (status >= 300 && status < 400) return new FetchError("it redirects, which is not followed", false);
  if (status !== 200) return new FetchError(`it answers with status ${status}`, status >= 500 || status === 429);
  const isJson = /^application\/([\w.-]+\+)?json\s*(;|$)/i.test(type);
  return isJson ? undefined : new FetchError("it is not JSON", false);
}

async function readText(answer: AsyncIterable<Buffer>): Promise<string> {
  const parts: Buffer[] = [];
  let length = 0;
  for await (const part of answer) {
    length += part.length;
    if (length > LARGEST) throw new FetchError(`it has more than ${LARGEST} bytes`, false);
    parts.push(part);
  }
  return Buffer.concat(parts).toString("utf8");
}

function toFetchError(error: Error, signal: AbortSignal): FetchError {
  if (error instanceof FetchError) return error;
  if (signal.aborted) return new FetchError(`it took longer than ${TIMEOUT / 1_000} seconds`, true);
  return new FetchError((error as NodeJS.ErrnoException).code ?? error.message, true);
}
