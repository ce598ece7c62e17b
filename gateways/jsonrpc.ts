/**
 * Reads and writes the JSON-RPC envelope without parsing its content.
 *
 * A message passes through the gateway unchanged, as a string with one character per byte (latin1). JSON's structure is
 * ASCII, so the envelope can be read and rewritten in this form, nothing is decoded twice, and ids, numbers and text
 * arrive byte for byte as they were sent.
 */

/** The envelope of a message. Offsets are into `text`. */
export interface Message {
  /** The whole message, one character a byte, without a line break. */
  readonly text: string;
  readonly kind: "request" | "notification" | "response";
  /** The id exactly as written (`"a"`, `7`, `9007199254740993`); undefined in a notification. */
  readonly id: string | undefined;
  readonly idStart: number;
  /** The method, or "" in a response. */
  readonly method: string;
  /** Where `params` begins, or -1. */
  readonly params: number;
  /** Where `result` begins, or -1. */
  readonly result: number;
}

/** The place of a value in a text. */
export interface Span {
  readonly start: number;
  readonly end: number;
}

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const COMMA = 0x2c;
const COLON = 0x3a;
const OPEN_BRACE = 0x7b;
const CLOSE_BRACE = 0x7d;
const OPEN_BRACKET = 0x5b;
const CLOSE_BRACKET = 0x5d;

/**
 * Reads the envelope of one message.
 * @returns undefined when the text is not a JSON-RPC 2.0 message (JSON-RPC 2.0, sections 4 and 5; MCP forbids `id: null`)
 */
export function readMessage(text: string): Message | undefined {
  let id: string | undefined;
  let idStart = -1;
  let method = "";
  let params = -1;
  let result = -1;
  let error = -1;
  let version = "";
  let ambiguous = false;
  const end = eachMember(text, 0, (key, start, valueEnd) => {
    if (key === "id") {
      ambiguous ||= id !== undefined;
      id = text.slice(start, valueEnd);
      idStart = start;
    } else if (key === "method") {
      ambiguous ||= method !== "";
      method = stringAt(text, start, valueEnd);
    } else if (key === "params") {
      ambiguous ||= params >= 0;
      params = start;
    } else if (key === "jsonrpc") version = text.slice(start, valueEnd);
    else if (key === "result") result = start;
    else if (key === "error") error = start;
    else ambiguous ||= ENVELOPE.has(key.toLowerCase());
  });
  if (end < 0 || skipSpace(text, end) < text.length || ambiguous) return undefined;
  const answered = result >= 0 || error >= 0;
  if (version !== '"2.0"' || (id !== undefined && !isId(id)) || answered === (method !== "")) return undefined;
  const kind = answered ? "response" : id === undefined ? "notification" : "request";
  if (kind === "response" && id === undefined) return undefined;
  return { text, kind, id, idStart, method, params, result };
}

/**
 * The envelope's own keys. A key that comes twice, or in other letters (`ID`), is refused: another parser could read it as
 * another message, and a server could be made to answer in the name of another call.
 */
const ENVELOPE: ReadonlySet<string> = new Set(["jsonrpc", "id", "method", "params", "result", "error"]);

/** The span of a value deep in a text: `find(text, params, "_meta", "progressToken")`. Undefined when it is not there. */
export function find(text: string, object: number, ...path: string[]): Span | undefined {
  let span: Span | undefined = { start: object, end: text.length };
  for (const step of path) {
    if (span.start < 0) return undefined;
    let next: Span | undefined;
    eachMember(text, span.start, (key, start, end) => {
      if (key === step) next = { start, end };
    });
    if (next === undefined) return undefined;
    span = next;
  }
  return span;
}

/** A value deep in a text exactly as written, which is how ids are compared. Undefined when it is not there. */
export function written(text: string, object: number, ...path: string[]): string | undefined {
  const span = find(text, object, ...path);
  return span && text.slice(span.start, span.end);
}

/** A string deep in a text, decoded: one URI can be written in several ways. Undefined when there is no string. */
export function stringIn(text: string, object: number, ...path: string[]): string | undefined {
  const span = find(text, object, ...path);
  const value = span && decode(text, span);
  return typeof value === "string" ? value : undefined;
}

/** The text with one span replaced. */
export function replace(text: string, { start, end }: Span, by: string): string {
  return text.slice(0, start) + by + text.slice(end);
}

/** The text with more members at the beginning of the object at `object`; unchanged when there is no object. */
export function withMembers(text: string, object: number, ...members: readonly string[]): string {
  const start = skipSpace(text, object) + 1;
  if (members.length === 0 || text.charCodeAt(start - 1) !== OPEN_BRACE) return text;
  const separator = text.charCodeAt(skipSpace(text, start)) === CLOSE_BRACE ? "" : ",";
  return text.slice(0, start) + members.join(",") + separator + text.slice(start);
}

/** The text without some members of the object at `object`. */
export function withoutMembers(text: string, object: number, keys: ReadonlySet<string>): string {
  const kept: string[] = [];
  let dropped = false;
  const end = eachMember(text, object, (key, _, valueEnd, keyStart) => {
    if (keys.has(key)) dropped = true;
    else kept.push(text.slice(keyStart, valueEnd));
  });
  return dropped ? replace(text, { start: object, end }, `{${kept.join(",")}}`) : text;
}

/** The text of one member of an object. @param value JSON, one character a byte */
export const member = (key: string, value: string): string => `${encode(key)}:${value}`;

/** The message with another id. */
export function withId(message: Message, id: string): string {
  const { text, idStart } = message;
  return text.slice(0, idStart) + id + text.slice(idStart + (message.id as string).length);
}

/** JSON in ASCII, with everything else escaped, so that one character is one byte. */
export function encode(value: unknown): string {
  return JSON.stringify(value).replace(
    /[\u007f-\uffff]/g,
    (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
}

/** The decoded value of a span of a message. */
export function decode(text: string, { start, end }: Span): unknown {
  return JSON.parse(Buffer.from(text.slice(start, end), "latin1").toString("utf8"));
}

/** A request of the gateway's own. */
export function request(id: number | string, method: string, params: unknown): string {
  return `{"jsonrpc":"2.0","id":${id},"method":"${method}","params":${encode(params)}}`;
}

/** A notification of the gateway's own. */
export function notification(method: string, params?: unknown): string {
  return `{"jsonrpc":"2.0","method":"${method}"${params === undefined ? "" : `,"params":${encode(params)}`}}`;
}

/** An answer of the gateway's own. @param id the request's id, exactly as written */
export function answer(id: string, result: unknown): string {
  return `{"jsonrpc":"2.0","id":${id},"result":${encode(result)}}`;
}

/** An error answer. The id is null when that of the request could not be read (JSON-RPC 2.0, section 5). */
export function errorAnswer(id: string | undefined, code: number, message: string, data?: unknown): string {
  return `{"jsonrpc":"2.0","id":${id ?? "null"},"error":${encode({ code, message, ...(data !== undefined && { data }) })}}`;
}

/** Splits a JSON array into its elements' texts. The array must be valid JSON. */
export function elements(text: string): string[] {
  const found: string[] = [];
  let at = skipSpace(text, skipSpace(text, 0) + 1);
  while (at < text.length && text.charCodeAt(at) !== CLOSE_BRACKET) {
    const end = skipValue(text, at);
    if (end < 0) break;
    found.push(text.slice(at, end));
    at = skipSpace(text, end);
    if (text.charCodeAt(at) === COMMA) at = skipSpace(text, at + 1);
  }
  return found;
}

/**
 * Calls back with each member of the object at `at`: its key (unescaped), the span of its value, and where it begins.
 * @returns where the object ends, or -1 when it is malformed
 */
function eachMember(
  text: string,
  at: number,
  visit: (key: string, start: number, end: number, keyStart: number) => void,
): number {
  at = skipSpace(text, at);
  if (text.charCodeAt(at) !== OPEN_BRACE) return -1;
  at = skipSpace(text, at + 1);
  if (text.charCodeAt(at) === CLOSE_BRACE) return at + 1;
  for (;;) {
    if (text.charCodeAt(at) !== QUOTE) return -1;
    const keyStart = at;
    const keyEnd = skipString(text, at);
    if (keyEnd < 0) return -1;
    const key = stringAt(text, at, keyEnd);
    at = skipSpace(text, keyEnd);
    if (text.charCodeAt(at) !== COLON) return -1;
    const start = skipSpace(text, at + 1);
    const end = skipValue(text, start);
    if (end < 0) return -1;
    visit(key, start, end, keyStart);
    at = skipSpace(text, end);
    const separator = text.charCodeAt(at);
    if (separator === CLOSE_BRACE) return at + 1;
    if (separator !== COMMA) return -1;
    at = skipSpace(text, at + 1);
  }
}

/** The string at a span; "" when the value is not a string. */
function stringAt(text: string, start: number, end: number): string {
  if (text.charCodeAt(start) !== QUOTE) return "";
  const inner = text.slice(start + 1, end - 1);
  if (!inner.includes("\\")) return inner;
  try {
    return JSON.parse(text.slice(start, end)) as string;
  } catch {
    return "";
  }
}

const isId = (id: string) => {
  const first = id.charCodeAt(0);
  return first === QUOTE || first === 0x2d || (first >= 0x30 && first <= 0x39);
};

function skipSpace(text: string, at: number): number {
  for (;;) {
    const char = text.charCodeAt(at);
    if (char !== 0x20 && char !== 0x0a && char !== 0x0d && char !== 0x09) return at;
    at++;
  }
}

/** Where the value that begins at `at` ends, or -1. Long strings are skipped by native search, so a large reply is cheap. */
function skipValue(text: string, at: number): number {
  const first = text.charCodeAt(at);
  if (first === QUOTE) return skipString(text, at);
  if (first === OPEN_BRACE || first === OPEN_BRACKET) return skipNested(text, at);
  let end = at;
  for (; end < text.length; end++) {
    const char = text.charCodeAt(end);
    if (char === COMMA || char === CLOSE_BRACE || char === CLOSE_BRACKET || char <= 0x20) break;
  }
  return LITERAL.test(text.slice(at, end)) ? end : -1;
}

/** RFC 8259, sections 3 and 6. */
const LITERAL = /^(?:-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?|true|false|null)$/;

function skipNested(text: string, at: number): number {
  let depth = 0;
  while (at < text.length) {
    const char = text.charCodeAt(at);
    if (char === QUOTE) {
      at = skipString(text, at);
      if (at < 0) return -1;
      continue;
    }
    at++;
    if (char === OPEN_BRACE || char === OPEN_BRACKET) depth++;
    else if ((char === CLOSE_BRACE || char === CLOSE_BRACKET) && --depth === 0) return at;
  }
  return -1;
}

function skipString(text: string, at: number): number {
  for (;;) {
    const end = text.indexOf('"', at + 1);
    if (end < 0) return -1;
    let slash = end - 1;
    while (slash > at && text.charCodeAt(slash) === BACKSLASH) slash--;
    if ((end - slash) % 2 === 1) return end + 1;
    at = end;
  }
}
