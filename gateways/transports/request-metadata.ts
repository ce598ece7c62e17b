/**
 * What a modern request says of itself, in its headers and in its body, which have to agree (MCP 2026-07-28, Streamable
 * HTTP, "Request Metadata"). Pure functions.
 */
import { isUtf8 } from "node:buffer";
import { NAMED } from "../bridge/modern-headers.ts";
import { LEGACY_VERSIONS, LOG_LEVELS, META, MODERN_VERSIONS } from "../bridge/versions.ts";
import { GatewayError } from "../errors.ts";
import type { HeaderParameter } from "../bridge/tools.ts";
import { Names, quoted, short } from "../json/names.ts";
import { decode, find, metaOf, stringIn, type Message, type Span } from "../jsonrpc.ts";
import { remembered } from "../remembered.ts";
import { clientName } from "../sessions/client-name.ts";

/** How many characters of a header or a parameter are repeated in a refusal. */
const LONGEST_QUOTE = 80;

/** Where a request's headers are, by their names in lower case. */
export interface Headers {
  header(name: string): string | undefined;
  /** As often as it was sent. */
  values(name: string): readonly string[];
}

/** Those of a message that has none, as on a WebSocket. */
export const NO_HEADERS: Headers = { header: () => undefined, values: () => [] };

/** The value of a header that may come once. @throws GatewayError `header-mismatch` */
function single(headers: Headers, shown: string): string | undefined {
  const name = shown.toLowerCase();
  const value = headers.header(name);
  // Several are joined by commas (RFC 9110, section 5.3), and could pass for one that has a comma in it.
  if (value?.includes(",") && headers.values(name).length > 1) throw mismatch(shown, "was sent several times");
  return value;
}

/**
 * Whether a message is of the modern era: it says so, or its header does. `initialize` opens the legacy one (MCP 2026-07-28,
 * Versioning, "Backward Compatibility").
 */
export function isModern(message: Message, headers: Headers): boolean {
  const { text, method } = message;
  const meta = metaOf(message);
  if (meta && find(text, meta.start, META.version)) return true;
  if (method === "initialize") return false;
  const version = headers.header("mcp-protocol-version");
  if (version === undefined || LEGACY_VERSIONS.includes(version)) return false;
  return MODERN_VERSIONS.includes(version) || headers.header("mcp-session-id") === undefined;
}

/** What the gateway needs to know of a request's metadata. */
export interface Metadata {
  readonly logLevel: string | undefined;
  /** The revision. */
  readonly version: string;
  /** What the client says that it is; undefined = nothing. */
  readonly client: string | undefined;
}

/**
 * Checks a modern request's metadata.
 * @param headers which have to agree with it; undefined where a message has none
 * @throws GatewayError `invalid-params` (-32602), `header-mismatch` (-32020), `unknown-version` (-32022)
 */
export function checkMetadata(message: Message, headers: Headers | undefined): Metadata {
  const { method } = message;
  const meta = readMeta(message);
  const version = meta[META.version];
  if (typeof version !== "string") throw missing(META.version, "a string");
  if (headers) compare("MCP-Protocol-Version", single(headers, "MCP-Protocol-Version"), version);
  if (!MODERN_VERSIONS.includes(version)) throw unknownVersion(version);
  if (!isObject(meta[META.capabilities])) throw missing(META.capabilities, "an object");
  if (headers) compare("Mcp-Method", single(headers, "Mcp-Method"), method);
  const named = NAMED.get(method);
  if (headers && named !== undefined) checkName(message, headers, named);
  return { logLevel: logLevelOf(meta[META.logLevel]), version, client: clientName(meta[META.client]) };
}

/** Read at once: it is small, and several of its members are looked at. */
function readMeta(message: Message): Readonly<Record<string, unknown>> {
  const span = metaOf(message);
  if (!span) return {};
  // With a token it is another text each time.
  return message.token === null ? knownMeta(message.text.slice(span.start, span.end)) : parseMeta(message.text, span);
}

function parseMeta(text: string, span: Span): Readonly<Record<string, unknown>> {
  const meta = decode(text, span);
  return isObject(meta) ? (meta as Readonly<Record<string, unknown>>) : {};
}

/** Clients describe themselves in the same words with every request. */
const knownMeta = remembered((text) => parseMeta(text, { start: 0, end: text.length }), 1_024);

function checkName({ text, params }: Message, headers: Headers, key: string): void {
  const name = stringIn(text, params, key);
  if (name === undefined) throw new GatewayError("invalid-params", { detail: `params.${key} must be a string` });
  compare("Mcp-Name", decodeValue("Mcp-Name", single(headers, "Mcp-Name")), name);
}

/**
 * Checks the headers that repeat parameters of a tool's call (MCP 2026-07-28, "Server Behavior for Custom Headers").
 * @throws GatewayError `header-mismatch`
 */
export function checkParameters(call: Message, headers: Headers, parameters: readonly HeaderParameter[]): void {
  for (const { header: name, path } of parameters) {
    refuseAmbiguous(call, path);
    const span = find(call.text, call.params, "arguments", ...path);
    const expected = span && decode(call.text, span);
    const value = decodeValue(name, single(headers, name));
    if (expected === undefined || expected === null) {
      if (value !== undefined) throw mismatch(name, "is there, and the body has no such parameter");
    } else if (!isSame(value, expected)) compare(name, value, written(expected));
  }
}

/**
 * A server must find the value where the header was compared with it, however its parser compares keys.
 * @throws GatewayError `invalid-params`
 */
function refuseAmbiguous({ text, params }: Message, path: readonly string[]): void {
  path.forEach((key, depth) => {
    const object = find(text, params, "arguments", ...path.slice(0, depth));
    const flaw = object && new Names(key).flawIn(text, object.start);
    if (flaw !== undefined) throw new GatewayError("invalid-params", { detail: `in the arguments ${flaw}` });
  });
}

const written = (value: unknown) => (typeof value === "string" ? value : JSON.stringify(value));

/** Numbers are the same whose values are: 42.0 is 42. Those that JavaScript cannot hold are no header parameters. */
const isSame = (value: string | undefined, expected: unknown) =>
  Number.isSafeInteger(expected) && /^-?\d{1,16}(\.0+)?$/.test(value ?? "") && Number(value) === expected;

/** The name of the tool that a request calls, if it calls one. */
export function calledTool({ text, params, method }: Message): string | undefined {
  return method === "tools/call" ? stringIn(text, params, "name") : undefined;
}

/** The value of a header that may be encoded (MCP 2026-07-28, Streamable HTTP, "Value Encoding"). @throws GatewayError */
function decodeValue(name: string, value: string | undefined): string | undefined {
  if (value === undefined) return undefined;
  if (/[^\t\x20-\x7e]/.test(value)) throw mismatch(name, "has characters that are not ASCII and not encoded");
  const encoded = /^=\?base64\?(.*)\?=$/.exec(value)?.[1];
  if (encoded === undefined) return value;
  const bytes = Buffer.from(encoded, "base64");
  // Node's decoder takes nearly anything: what is valid (RFC 4648, section 4) comes out again as it went in.
  if (bytes.toString("base64") !== encoded || !isUtf8(bytes)) throw mismatch(name, "is not valid Base64 of UTF-8");
  return bytes.toString("utf8");
}

/** A header's value, decoded where it was encoded, against the body's. @throws GatewayError `header-mismatch` */
function compare(name: string, value: string | undefined, expected: string): void {
  if (value === undefined) throw mismatch(name, `is missing; the body has ${quoted(expected, LONGEST_QUOTE)}`);
  if (value !== expected)
    throw mismatch(name, `is ${quoted(value, LONGEST_QUOTE)}, the body has ${quoted(expected, LONGEST_QUOTE)}`);
}

const mismatch = (header: string, problem: string): GatewayError =>
  new GatewayError("header-mismatch", { header, problem });

const missing = (key: string, type: string) =>
  new GatewayError("invalid-params", { detail: `params._meta["${key}"] must be ${type}` });

function unknownVersion(requested: string): GatewayError {
  const data = { supported: MODERN_VERSIONS, requested };
  return new GatewayError(
    "unknown-version",
    { requested: short(requested, LONGEST_QUOTE), supported: MODERN_VERSIONS.join(", ") },
    { data },
  );
}

function logLevelOf(level: unknown): string | undefined {
  if (level === undefined) return undefined;
  if (typeof level === "string" && LOG_LEVELS.includes(level)) return level;
  const detail = `params._meta["${META.logLevel}"] must be one of ${LOG_LEVELS.join(", ")}`;
  throw new GatewayError("invalid-params", { detail });
}

const isObject = (value: unknown) => typeof value === "object" && value !== null && !Array.isArray(value);
