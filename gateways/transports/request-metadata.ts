/**
 * What a modern request says of itself, in its headers and in its body, which have to agree (MCP 2026-07-28, Streamable
 * HTTP, "Request Metadata"). Pure functions.
 */
import { LEGACY_VERSIONS, LOG_LEVELS, META, MODERN_VERSIONS } from "../bridge/versions.ts";
import { GatewayError } from "../errors.ts";
import type { HeaderParameter } from "../bridge/tools.ts";
import { decode, find, type Message } from "../jsonrpc.ts";

/** A request header by its name in lower case; of one sent several times, the first. */
export type Header = (name: string) => string | undefined;

/**
 * Whether a message is of the modern era: it says so, or its header does. `initialize` opens the legacy one (MCP 2026-07-28,
 * Versioning, "Backward Compatibility").
 */
export function isModern({ text, params, method }: Message, header: Header): boolean {
  if (find(text, params, "_meta", META.version)) return true;
  if (method === "initialize") return false;
  const version = header("mcp-protocol-version");
  if (version === undefined || LEGACY_VERSIONS.includes(version)) return false;
  return MODERN_VERSIONS.includes(version) || header("mcp-session-id") === undefined;
}

/** What the gateway needs to know of a request's metadata. */
export interface Metadata {
  readonly logLevel: string | undefined;
}

/**
 * Checks a modern request's metadata.
 * @throws GatewayError `invalid-params` (-32602), `header-mismatch` (-32020), `unknown-version` (-32022)
 */
export function checkMetadata(message: Message, header: Header): Metadata {
  const { text, params, method } = message;
  const meta = find(text, params, "_meta")?.start ?? -1;
  const version = valueOf(text, meta, META.version);
  if (typeof version !== "string") throw missing(META.version, "a string");
  compare("MCP-Protocol-Version", header("mcp-protocol-version"), version);
  if (!MODERN_VERSIONS.includes(version)) throw unknownVersion(version);
  if (!isObject(valueOf(text, meta, META.capabilities))) throw missing(META.capabilities, "an object");
  compare("Mcp-Method", header("mcp-method"), method);
  const name = NAMED[method] && valueOf(text, params, NAMED[method]);
  if (typeof name === "string") compare("Mcp-Name", decodeValue("Mcp-Name", header("mcp-name")), name);
  return { logLevel: logLevelOf(valueOf(text, meta, META.logLevel)) };
}

/**
 * Checks the headers that repeat parameters of a tool's call (MCP 2026-07-28, "Server Behavior for Custom Headers").
 * @throws GatewayError `header-mismatch`
 */
export function checkParameters(call: Message, header: Header, parameters: readonly HeaderParameter[]): void {
  for (const { header: name, path } of parameters) {
    const span = find(call.text, call.params, "arguments", ...path);
    const expected = span && decode(call.text, span);
    const value = decodeValue(name, header(name));
    if (expected === undefined || expected === null) {
      if (value !== undefined) throw mismatch(name, "is there, and the body has no such parameter");
    } else if (!isSame(value, expected)) compare(name, value, written(expected));
  }
}

const written = (value: unknown) => (typeof value === "string" ? value : JSON.stringify(value));

/** Numbers are the same whose values are: 42.0 is 42. */
const isSame = (value: string | undefined, expected: unknown) =>
  typeof expected === "number" && value !== undefined && /^-?\d/.test(value) && Number(value) === expected;

/** The name of the tool that a request calls, if it calls one. */
export function calledTool({ text, params, method }: Message): string | undefined {
  const name = method === "tools/call" ? valueOf(text, params, "name") : undefined;
  return typeof name === "string" ? name : undefined;
}

/** Where the name stands that a method's Mcp-Name header repeats. */
const NAMED: Readonly<Record<string, string>> = {
  "tools/call": "name",
  "prompts/get": "name",
  "resources/read": "uri",
};

/** The value of a header that may be encoded (MCP 2026-07-28, Streamable HTTP, "Value Encoding"). @throws GatewayError */
function decodeValue(name: string, value: string | undefined): string | undefined {
  if (value === undefined) return undefined;
  if (/[^\t\x20-\x7e]/.test(value)) throw mismatch(name, "has characters that are not ASCII and not encoded");
  const encoded = /^=\?base64\?(.*)\?=$/.exec(value)?.[1];
  if (encoded === undefined) return value;
  if (!BASE64.test(encoded)) throw mismatch(name, "is not valid Base64");
  return Buffer.from(encoded, "base64").toString("utf8");
}

/** RFC 4648, section 4, with padding. */
const BASE64 = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/;

/** A header's value, decoded where it was encoded, against the body's. @throws GatewayError `header-mismatch` */
function compare(name: string, value: string | undefined, expected: string): void {
  if (value === undefined) throw mismatch(name, `is missing; the body has ${quote(expected)}`);
  if (value !== expected) throw mismatch(name, `is ${quote(value)}, the body has ${quote(expected)}`);
}

const mismatch = (header: string, problem: string): GatewayError =>
  new GatewayError("header-mismatch", { header, problem });

const missing = (key: string, type: string) =>
  new GatewayError("invalid-params", { detail: `params._meta["${key}"] must be ${type}` });

function unknownVersion(requested: string): GatewayError {
  const data = { supported: MODERN_VERSIONS, requested };
  return new GatewayError(
    "unknown-version",
    { requested: short(requested), supported: MODERN_VERSIONS.join(", ") },
    { data },
  );
}

function logLevelOf(level: unknown): string | undefined {
  if (level === undefined) return undefined;
  if (typeof level === "string" && LOG_LEVELS.includes(level)) return level;
  const detail = `params._meta["${META.logLevel}"] must be one of ${LOG_LEVELS.join(", ")}`;
  throw new GatewayError("invalid-params", { detail });
}

function valueOf(text: string, object: number, key: string): unknown {
  const span = find(text, object, key);
  return span && decode(text, span);
}

const isObject = (value: unknown) => typeof value === "object" && value !== null && !Array.isArray(value);

/** A client's own words in an answer to it, no longer than they need to be to be recognized. */
const short = (text: string) => (text.length > 80 ? `${text.slice(0, 80)}…` : text);
const quote = (text: string) => JSON.stringify(short(text));
