/** The services that tokens are for, as RESOURCES_FILE lists them. */
import { readFileSync, statSync } from "node:fs";
import { hash, timingSafeEqual } from "node:crypto";
import { toolScopeOf } from "../gateways/auth/introspection.ts";
import { ConfigError } from "./config.ts";

/** A service that tokens are for: a line of RESOURCES_FILE. */
export interface Resource {
  readonly service: string;
  /** What a client may name it by; the first one is the audience of its tokens. */
  readonly urls: readonly string[];
  /** SHA-256, in hex, of the secrets with which its gateway asks about tokens: one for each master, during a rotation. */
  readonly secretDigests: readonly string[];
  /** The groups that it is a member of: its gateway gets their tokens, too. */
  readonly groups: readonly string[];
  /** Patterns of tools that clients may ask for one by one. */
  readonly tools: readonly string[];
}

/** All services. The file is read again when it has changed. */
export class Resources {
  readonly #file: string;
  readonly #onMistake: (problem: string) => void;
  #read = "";
  #list: readonly Resource[] = [];

  /**
   * @param onMistake what is told of a file that has become wrong: what was read before stays in force
   * @throws ConfigError when it cannot be read now
   */
  constructor(file: string, onMistake: (problem: string) => void) {
    this.#file = file;
    this.#onMistake = onMistake;
    this.#list = readResources(file);
    this.#read = stateOf(file);
  }

  get all(): readonly Resource[] {
    const state = stateOf(this.#file);
    if (state === this.#read) return this.#list;
    this.#read = state;
    try {
      this.#list = readResources(this.#file);
    } catch (error) {
      this.#onMistake((error as Error).message);
    }
    return this.#list;
  }

  /** The service that a client means by a URL; undefined when there is none. */
  at(url: string): Resource | undefined {
    const written = comparable(url);
    return this.all.find(({ urls }) => urls.some((own) => comparable(own) === written));
  }

  /** The service whose gateway shows a secret. Every digest is compared, so that the time tells nothing. */
  ofSecret(secret: string): Resource | undefined {
    const digest = Buffer.from(hash("sha256", secret), "hex");
    const fits = (own: string) => timingSafeEqual(Buffer.from(own, "hex"), digest);
    return this.all.filter(({ secretDigests }) => secretDigests.filter(fits).length > 0)[0];
  }

  /** Whether the gateway of a service may know what is in tokens for an audience. */
  mayKnow({ service, groups }: Resource, audience: string): boolean {
    const of = this.at(audience)?.service;
    return of !== undefined && (of === service || groups.includes(of));
  }
}

/** The audience of a service's tokens. */
export const audienceOf = ({ urls }: Resource): string => urls[0]!;

/** The pattern in a scope for some tools of a service; undefined for any other scope. Scopes only add: none excludes a tool. */
export function toolPatternIn(scope: string, service: string): string | undefined {
  const start = toolScopeOf(service, "");
  const pattern = scope.startsWith(start) ? scope.slice(start.length) : "";
  return pattern === "" || pattern.startsWith("!") ? undefined : pattern;
}

/** The scopes in a parameter. */
export const wordsOf = (scope: unknown): string[] =>
  typeof scope === "string" ? scope.split(" ").filter((word) => word !== "") : [];

/** Whether a scope is one of a service's. */
export const isScopeOf = (service: string, scope: string): boolean =>
  scope === service || toolPatternIn(scope, service) !== undefined;

const LOOPBACK = new Set(["localhost", "127.0.0.1", "[::1]"]);

/** On this machine its names mean the same. */
function comparable(written: string): string {
  if (!URL.canParse(written)) return written;
  const url = new URL(written);
  if (url.protocol === "http:" && LOOPBACK.has(url.hostname)) url.hostname = "localhost";
  return url.href;
}

/** Another state is another content. */
function stateOf(file: string): string {
  try {
    const { mtimeMs, size, ino } = statSync(file);
    return `${mtimeMs} ${size} ${ino}`;
  } catch {
    return "";
  }
}

/** @throws ConfigError that names every mistake in the file */
function readResources(file: string): Resource[] {
  const read = contentOf(file);
  if (!Array.isArray(read)) throw new ConfigError(`RESOURCES_FILE: ${file} is not a list of services`);
  const problems: string[] = [];
  const found = read.map((entry: unknown, at) => resourceIn(entry, (what) => problems.push(`${file}[${at}]${what}`)));
  const twice = found.map(({ service }) => service).find((name, at, all) => all.indexOf(name) !== at);
  if (twice !== undefined) problems.push(`${file}: got ${twice} twice, expected each service once`);
  if (problems.length > 0) throw new ConfigError(problems.map((problem) => `RESOURCES_FILE: ${problem}`).join("\n"));
  return found;
}

function contentOf(file: string): unknown {
  try {
    return JSON.parse(readFileSync(file, "utf8"));
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    throw new ConfigError(`RESOURCES_FILE: cannot read ${file} (${code ?? message})`);
  }
}

function resourceIn(entry: unknown, wrong: (what: string) => void): Resource {
  const { service, urls, secretDigests, groups = [], tools = [] } = (entry ?? {}) as Record<string, unknown>;
  if (typeof service !== "string" || !/^[\w-]+$/.test(service)) wrong(".service: expected a service's name");
  if (!isTexts(urls, isUrl) || urls.length === 0) wrong(".urls: expected a list of URLs");
  if (!isTexts(secretDigests, (text) => /^[0-9a-f]{64}$/.test(text)))
    wrong(".secretDigests: expected a list of SHA-256 digests in hex");
  if (!isTexts(groups)) wrong(".groups: expected a list of names");
  if (!isTexts(tools)) wrong(".tools: expected a list of patterns");
  return { service, urls, secretDigests, groups, tools } as Resource;
}

const isUrl = (text: string) => URL.canParse(text) && /^https?:$/.test(new URL(text).protocol);

const isTexts = (value: unknown, fits: (text: string) => boolean = () => true): value is string[] =>
  Array.isArray(value) && value.every((text) => typeof text === "string" && fits(text));
