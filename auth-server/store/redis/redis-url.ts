/** Where a Redis server is: `redis://host:6379/0`, `rediss://` with TLS, `redis+sentinel://host:26379,host:26379/<master>/0`. */

/** A server, or the Sentinels that know which one it is now. */
export interface RedisPlace {
  readonly isTls: boolean;
  /** The servers, of which there is one without Sentinel. */
  readonly hosts: readonly { readonly host: string; readonly port: number }[];
  /** The name by which the Sentinels know the servers. @default - no Sentinel: the host is the server */
  readonly master: string | undefined;
  /** A user of its access control lists. @default - the default user */
  readonly user: string | undefined;
  /** The number of the database. */
  readonly database: number;
}

/** The text is no URL of a Redis server. The message says what is wrong with it. */
export class RedisUrlError extends Error {}

const SERVER_PORT = 6_379;
const SENTINEL_PORT = 26_379;

/** How a URL is written, for messages. */
const EXPECTED = "redis://host:6379, rediss://host:6379 with TLS, or redis+sentinel://host:26379,host:26379/<master>";

/** A URL has one host, but there are several Sentinels, so this is read by hand. */
const URL_PARTS =
  /^redis(?<tls>s?)(?<sentinel>\+sentinel)?:\/\/(?:(?<user>[^:@/?#]*)(?<password>:[^@]*)?@)?(?<hosts>[^/?#@]+)(?<path>\/[^?#]*)?$/i;

const HOST = /^(?<host>\[[\da-f:.]+\]|[\w.-]+)(?::(?<port>\d{1,5}))?$/i;

/** @throws RedisUrlError that does not repeat the text, which may hold a password */
export function readRedisUrl(written: string): RedisPlace {
  const parts = URL_PARTS.exec(written)?.groups;
  if (!parts) throw new RedisUrlError(`expected ${EXPECTED}`);
  if (parts["password"] !== undefined)
    throw new RedisUrlError("there is a password in the URL, which anybody who sees the settings can read");
  const isSentinel = parts["sentinel"] !== undefined;
  const hosts = parts["hosts"]!.split(",").map((host) => hostIn(host, isSentinel ? SENTINEL_PORT : SERVER_PORT));
  if (hosts.length > 1 && !isSentinel) throw new RedisUrlError("several hosts are for redis+sentinel:// alone");
  const { master, database } = pathIn(parts["path"] ?? "", isSentinel);
  const user = parts["user"] ? decodeURIComponent(parts["user"]) : undefined;
  return { isTls: parts["tls"] !== "", hosts, master, user, database };
}

/** The place for messages: without the user. */
export function placeName({ isTls, hosts, master, database }: RedisPlace): string {
  const scheme = `redis${isTls ? "s" : ""}${master === undefined ? "" : "+sentinel"}`;
  const places = hosts.map(({ host, port }) => `${host.includes(":") ? `[${host}]` : host}:${port}`).join(",");
  return `${scheme}://${places}${master === undefined ? "" : `/${master}`}${database === 0 ? "" : `/${database}`}`;
}

function hostIn(written: string, defaultPort: number): { host: string; port: number } {
  const found = HOST.exec(written)?.groups;
  const port = Number(found?.["port"] ?? defaultPort);
  if (!found || port < 1 || port > 65_535) throw new RedisUrlError(`${written} is no host, expected ${EXPECTED}`);
  return { host: found["host"]!.replaceAll(/[[\]]/g, ""), port };
}

/** `/<master>/<database>` with Sentinel, else `/<database>`. */
function pathIn(path: string, isSentinel: boolean): { master: string | undefined; database: number } {
  const names = path.split("/").filter((name) => name !== "");
  const master = isSentinel ? names.shift() : undefined;
  if (isSentinel && master === undefined)
    throw new RedisUrlError("redis+sentinel:// needs the name of the master: redis+sentinel://host:26379/<master>");
  const [number = "0", ...more] = names;
  if (!/^\d{1,5}$/.test(number) || more.length > 0)
    throw new RedisUrlError(`/${[number, ...more].join("/")} is no number of a database`);
  return { master: master && decodeURIComponent(master), database: Number(number) };
}
