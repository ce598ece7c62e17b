/** What can be set about the authorization server. It is configured by its environment alone. */
import { readFileSync } from "node:fs";
import { delay, list, oneOf, port, text, ValueError } from "../gateways/config/units.ts";
import { logLevels, type LogLevel } from "../gateways/log-levels.ts";
import { TrustedProxies } from "../gateways/limits/trusted-proxies.ts";
import { readRedisUrl } from "./store/redis/redis-url.ts";

export interface AuthConfig {
  /** Its public URL, without a slash at the end: `https://auth.example.org`. */
  readonly issuer: string;
  readonly host: string;
  readonly port: number;
  readonly state: State;
  /** The JSON file with the services that tokens are for. */
  readonly resourcesFile: string;
  /** What signs cookies. @default - made and kept in the database */
  readonly cookieSecret: string | undefined;
  readonly trustedProxies: readonly string[];
  /** Another server's login. @default - accounts of its own */
  readonly upstream: Upstream | undefined;
  /** Whether there are accounts of its own. */
  readonly localAccounts: boolean;
  /** Milliseconds for which it goes on serving when it is told to stop: until a proxy has found the next release. */
  readonly drainDelay: number;
  readonly logLevel: LogLevel;
}

/** Where everything is kept: in SQLite in a folder, or in Redis. */
export type State =
  | { readonly redis: undefined; readonly dataDir: string }
  | { readonly redis: RedisSettings; readonly dataDir: undefined };

/** A Redis that several servers may share. */
export interface RedisSettings {
  /** As redis-url.ts reads it: `redis://host:6379`, `rediss://user@host/2`. Never with a password. */
  readonly url: string;
  /** @default - it asks for none */
  readonly password: string | undefined;
  /** What the names of all keys begin with. */
  readonly prefix: string;
}

/** A login at another OpenID provider, or at GitHub. */
export interface Upstream {
  /** The provider's issuer, or `github`. */
  readonly issuer: string;
  readonly clientId: string;
  readonly clientSecret: string;
  /** Who may log in: e-mail addresses, and domains such as `@example.org`. */
  readonly allow: readonly string[];
}

/** Mistakes in the settings, all at once: shown to whoever started the server, without a stack. */
export class ConfigError extends Error {}

export type Environment = Readonly<Record<string, string | undefined>>;

/** Every variable, in the order in which the README lists them. */
export const variables = {
  ISSUER: "its public URL, such as https://auth.example.org; http on this machine alone",
  HOST: "the address to listen on (default 127.0.0.1)",
  PORT: "the port to listen on (default 8078)",
  DATA_DIR: "the folder of its database, which it makes for this user alone (not used with STATE_URL)",
  STATE_URL:
    "keep everything in Redis instead, which several servers share: redis://host:6379, rediss:// with TLS, redis+sentinel://",
  STATE_PASSWORD_FILE: "a file with the password of that Redis",
  STATE_PASSWORD: "the same as a value, which whoever sees the environment sees",
  STATE_PREFIX: "what its keys begin with (default gangway:auth:)",
  RESOURCES_FILE: "a JSON file with the services that tokens are for",
  COOKIE_SECRET_FILE: "a file with the secret that signs cookies (default: one in the database)",
  TRUSTED_PROXIES: "proxies that are believed about their clients: addresses, ranges, host names",
  UPSTREAM_ISSUER: "log in at this OpenID provider, or at github (default: accounts of its own)",
  UPSTREAM_CLIENT_ID: "who this server is at that provider",
  UPSTREAM_CLIENT_SECRET_FILE: "a file with its secret there",
  UPSTREAM_ALLOW: "who may log in: e-mail addresses, and domains such as @example.org",
  LOCAL_ACCOUNTS: "on or off: whether there are accounts of its own beside that login (default on)",
  DRAIN_DELAY: "on SIGTERM, serve as usual for this long first (default 0s)",
  LOG_LEVEL: `how much is logged: ${logLevels.join(", ")} (default info)`,
} as const;

/** The least characters of the secret that signs cookies. */
const COOKIE_SECRET = 32;

/** @throws ConfigError that names every mistake */
export function readConfig(env: Environment): AuthConfig {
  const from = new Reader(env);
  const issuer = from.read("ISSUER", issuerUrl);
  const config = {
    issuer,
    host: from.read("HOST", text, "127.0.0.1"),
    port: from.read("PORT", port, "8078"),
    state: from.state(),
    resourcesFile: from.read("RESOURCES_FILE", text),
    cookieSecret: from.secret("COOKIE_SECRET_FILE", COOKIE_SECRET),
    trustedProxies: from.read("TRUSTED_PROXIES", proxies, ""),
    upstream: from.upstream(),
    localAccounts: from.read("LOCAL_ACCOUNTS", oneOf("on", "off"), "on") === "on",
    drainDelay: from.read("DRAIN_DELAY", delay, "0s"),
    logLevel: from.read("LOG_LEVEL", oneOf(...logLevels), "info"),
  };
  from.done();
  return config;
}

/** What the commands need, which work on the store alone. @throws ConfigError */
export function readState(env: Environment): State {
  const from = new Reader(env);
  const state = from.state();
  from.done();
  return state;
}

/** The public URL, which links are made of. @throws ConfigError */
export function readIssuer(env: Environment): string {
  const from = new Reader(env);
  const issuer = from.read("ISSUER", issuerUrl);
  from.done();
  return issuer;
}

/** Reads variables, and remembers what is wrong with them. */
class Reader {
  readonly #env: Environment;
  readonly #problems: string[] = [];

  constructor(env: Environment) {
    this.#env = env;
  }

  /** The value of a variable. One that is wrong gives what must not be used: `done` throws. */
  read<T>(name: keyof typeof variables, parse: (text: string) => T, fallback?: string): T {
    const written = this.#env[name] || fallback;
    if (written === undefined) return this.#wrong(`${name} is not set, expected ${variables[name]}`) as T;
    try {
      return parse(written);
    } catch (error) {
      return this.#wrong(`${name}: ${(error as Error).message}`) as T;
    }
  }

  state(): State {
    if (this.#env.STATE_URL) return { redis: this.#redis(), dataDir: undefined };
    for (const name of ["STATE_PASSWORD", "STATE_PASSWORD_FILE", "STATE_PREFIX"] as const)
      if (this.#env[name]) this.#wrong(`${name} is set without STATE_URL, and has no effect. Set both, or neither`);
    return { redis: undefined, dataDir: this.read("DATA_DIR", text) };
  }

  #redis(): RedisSettings {
    if (this.#env.STATE_PASSWORD && this.#env.STATE_PASSWORD_FILE)
      this.#wrong("STATE_PASSWORD and STATE_PASSWORD_FILE are set both. Set the file alone");
    return {
      url: this.read("STATE_URL", redisUrl),
      password: this.secret("STATE_PASSWORD_FILE") ?? (this.#env.STATE_PASSWORD || undefined),
      prefix: this.read("STATE_PREFIX", keyPrefix, "gangway:auth:"),
    };
  }

  /** What is in the file that a variable names. */
  secret(name: keyof typeof variables, least = 1): string | undefined {
    const file = this.#env[name];
    if (!file) return undefined;
    const content = this.#content(name, file);
    if (content !== undefined && content.length < least)
      this.#wrong(`${name}: ${file} has ${content.length} characters, expected at least ${least} random ones`);
    return content;
  }

  /** All of its variables, or none. */
  upstream(): Upstream | undefined {
    const names = ["UPSTREAM_ISSUER", "UPSTREAM_CLIENT_ID", "UPSTREAM_CLIENT_SECRET_FILE", "UPSTREAM_ALLOW"] as const;
    if (names.every((name) => !this.#env[name])) return undefined;
    return {
      issuer: this.read("UPSTREAM_ISSUER", upstreamIssuer),
      clientId: this.read("UPSTREAM_CLIENT_ID", text),
      clientSecret: this.#env.UPSTREAM_CLIENT_SECRET_FILE
        ? (this.secret("UPSTREAM_CLIENT_SECRET_FILE") ?? "")
        : this.read("UPSTREAM_CLIENT_SECRET_FILE", text),
      allow: this.read("UPSTREAM_ALLOW", allowed),
    };
  }

  /** @throws ConfigError when anything was wrong */
  done(): void {
    if (this.#problems.length > 0) throw new ConfigError(this.#problems.join("\n"));
  }

  #content(name: string, file: string): string | undefined {
    try {
      return readFileSync(file, "utf8").trim();
    } catch (error) {
      return this.#wrong(`${name}: cannot read ${file} (${(error as NodeJS.ErrnoException).code})`);
    }
  }

  #wrong(problem: string): undefined {
    this.#problems.push(problem);
  }
}

const LOOPBACK = new Set(["localhost", "127.0.0.1", "[::1]"]);

/** An issuer is compared character by character (RFC 8414, section 3.3), so it is written as clients get it. */
function issuerUrl(written: string): string {
  const url = URL.canParse(written) ? new URL(written) : undefined;
  const isSafe = url?.protocol === "https:" || (url?.protocol === "http:" && LOOPBACK.has(url.hostname));
  if (url && isSafe && [url.origin, `${url.origin}/`].includes(written)) return url.origin;
  throw new ValueError(
    written,
    "an https URL without a path, such as https://auth.example.org (http on 127.0.0.1 alone)",
  );
}

/** Whoever writes a password into it is told where to write it. */
function redisUrl(written: string): string {
  try {
    readRedisUrl(written);
    return written;
  } catch (error) {
    const { message } = error as Error;
    const remedy = message.includes("password")
      ? ". Take it out, and put it into a file that STATE_PASSWORD_FILE names"
      : "";
    throw new Error(message + remedy, { cause: error });
  }
}

function keyPrefix(written: string): string {
  if (/^[\w:.{}-]{1,100}$/.test(written)) return written;
  throw new ValueError(written, "letters, digits and : . _ - { }, at most 100");
}

function proxies(written: string): string[] {
  const entries = list(written);
  void new TrustedProxies(entries);
  return entries;
}

function upstreamIssuer(written: string): string {
  if (written === "github") return written;
  const url = URL.canParse(written) ? new URL(written) : undefined;
  if (url?.protocol === "https:" || (url?.protocol === "http:" && LOOPBACK.has(url.hostname))) return written;
  throw new ValueError(written, "github, or the https URL of an OpenID provider");
}

function allowed(written: string): string[] {
  const found = list(written);
  const wrong = found.find((word) => !/^[^@\s]*@[^@\s]+$/.test(word));
  if (wrong === undefined && found.length > 0) return found.map((word) => word.toLowerCase());
  throw new ValueError(wrong ?? written, "e-mail addresses and domains such as @example.org");
}
