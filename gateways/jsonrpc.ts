/**
 * Reads and writes the JSON-RPC envelope without parsing its content.
 *
 * What a message carries (`params`, `result`, `error`) passes through the gateway unchanged, as a string with one character
 * per byte (latin1). JSON's structure is ASCII, so it can be found and cut out in this form, nothing is decoded twice, and
 * ids, numbers and text arrive byte for byte as they were sent. The envelope around it is written by the gateway.
 */
import { rememberingLast } from "./remembered.ts";
import { Names } from "./json/names.ts";
import { CLOSE_BRACE, eachElement, eachMember, memberOf, OPEN_BRACE, QUOTE, skipSpace, stringAt } from "./json/scan.ts";

/** The envelope of a message. Offsets are into `text`. */
export interface Message {
  /** The whole message, one character a byte, without a line break. */
  readonly text: string;
  readonly kind: "request" | "notification" | "response";
  /** The id exactly as written (`"a"`, `7`, `9007199254740993`); undefined in a notification. */
  readonly id: string | undefined;
  /** The method, decoded, or "" in a response. */
  readonly method: string;
  /** Where `params` begins, or -1. */
  readonly params: number;
  /** Where `result` begins, or -1. */
  readonly result: number;
  /** Where `error` begins, or -1. */
  readonly error: number;
  /** Where the one of these three ends that is there, or -1. */
  readonly end: number;
  /** A member of the envelope that says nothing and is not sent on, if there is one. */
  readonly dropped: string | undefined;
  /** Where `params._meta` is, and the progress token, noted when that is known anyway; null = there is none. */
  meta?: Span | null;
  token?: Span | null;
}

/** The place of a value in a text. */
export interface Span {
  readonly start: number;
  readonly end: number;
}

/**
 * Reads the envelope of a server's message, or of one of the gateway's own. What does not belong there is ignored.
 * @returns undefined when the text is not a JSON-RPC 2.0 message (JSON-RPC 2.0, sections 4 and 5; MCP forbids `id: null`)
 */
export function readMessage(text: string): Message | undefined {
  const message = readEnvelope(text);
  return typeof message === "object" ? message : undefined;
}

/** Reads the envelope of a message. @returns what is wrong with it, in words, when it is none */
export function readEnvelope(text: string): Message | string {
  const envelope = new Envelope(text);
  const end = eachMember(text, 0, (key, start, valueEnd) => envelope.take(key, start, valueEnd));
  return end < 0 || skipSpace(text, end) < text.length ? "it is no object" : envelope.message();
}

/** The members of an envelope (JSON-RPC 2.0, sections 4 and 5). */
export const ENVELOPE = new Names("jsonrpc id method params result error");

/** The members of one envelope, as they come. One that comes twice is refused: parsers disagree on which one counts. */
class Envelope {
  readonly #text: string;
  #id: string | undefined;
  #version: string | undefined;
  /** Null when it is there and null, as with the other members: some write all that they know. */
  #method: string | null | undefined;
  readonly #params = new Part();
  readonly #result = new Part();
  readonly #error = new Part();
  #flaw: string | undefined;
  #dropped: string | undefined;

  constructor(text: string) {
    this.#text = text;
  }

  take(key: string, start: number, end: number): void {
    let isSecond = false;
    switch (key) {
      case "id":
        isSecond = this.#id !== undefined;
        this.#id = this.#text.slice(start, end);
        break;
      case "method":
        isSecond = this.#method !== undefined;
        this.#method = isNull(this.#text, start) ? null : stringAt(this.#text, start, end);
        break;
      case "jsonrpc":
        isSecond = this.#version !== undefined;
        this.#version = this.#text.slice(start, end);
        break;
      case "params":
        isSecond = this.#params.set(start, end);
        break;
      case "result":
        isSecond = this.#result.set(start, end);
        break;
      case "error":
        isSecond = this.#error.set(start, end);
        break;
      default:
        this.#dropped ??= key;
        this.#flaw ??= ENVELOPE.confusion(key);
    }
    if (isSecond) this.#flaw ??= `the key "${key}" comes twice`;
  }

  /** The message, or what is wrong with it. */
  message(): Message | string {
    if (this.#flaw !== undefined) return this.#flaw;
    if (this.#version !== '"2.0"') return '"jsonrpc" must be "2.0"';
    if (this.#id !== undefined && !isId(this.#id)) return '"id" must be a string or a number';
    const isCall = typeof this.#method === "string";
    if (isCall || this.#result.start >= 0) this.#dropNull("error", this.#error);
    if (isCall || this.#error.start >= 0) this.#dropNull("result", this.#result);
    const hasResult = this.#result.start >= 0;
    const hasError = this.#error.start >= 0;
    if (isCall && (hasResult || hasError)) return '"method" and "result" or "error" exclude each other';
    if (hasResult && hasError) return '"result" and "error" exclude each other';
    return hasResult || hasError ? this.#answer(hasResult ? this.#result : this.#error) : this.#call();
  }

  #answer(part: Part): Message | string {
    if (this.#id === undefined) return "an answer needs the id of its request";
    if (this.#method !== undefined) this.#dropped ??= "method";
    if (this.#params.start >= 0) this.#dropped ??= "params";
    return {
      text: this.#text,
      kind: "response",
      id: this.#id,
      method: "",
      params: -1,
      result: this.#result.start,
      error: this.#error.start,
      end: part.end,
      dropped: this.#dropped,
    };
  }

  #call(): Message | string {
    if (!this.#method) return '"method" must be a string';
    return {
      text: this.#text,
      kind: this.#id === undefined ? "notification" : "request",
      id: this.#id,
      method: this.#method,
      params: this.#params.start,
      result: -1,
      error: -1,
      end: this.#params.end,
      dropped: this.#dropped,
    };
  }

  #dropNull(key: string, part: Part): void {
    if (part.start < 0 || !isNull(this.#text, part.start)) return;
    part.start = -1;
    this.#dropped ??= key;
  }
}

/** Where a member's value begins and ends; -1 when it is not there. */
class Part {
  start = -1;
  end = -1;

  /** @returns whether it was there already */
  set(start: number, end: number): boolean {
    const isSecond = this.start >= 0;
    this.start = start;
    this.end = end;
    return isSecond;
  }
}

const isNull = (text: string, at: number) => text.startsWith("null", at);

const isId = (id: string) => {
  const first = id.charCodeAt(0);
  return first === QUOTE || first === 0x2d || (first >= 0x30 && first <= 0x39);
};

/**
 * The message as it is sent on: the gateway writes the envelope, with its own members alone and in this order, so no other
 * parser finds anything in it that the gateway has not read. What it carries is passed on byte for byte.
 * @param id in place of its own
 * @param carried in place of what it carries
 */
export function withId(message: Message, id = message.id, carried = carriedBy(message)): string {
  const { kind, method, params } = message;
  if (kind === "response") return `${answerHead(message, id)}${carried}}`;
  const head = kind === "request" ? `{"jsonrpc":"2.0","id":${id},"method":` : '{"jsonrpc":"2.0","method":';
  return params < 0 ? `${head}${methodText(method)}}` : `${head}${methodText(method)},"params":${carried}}`;
}

/** The params, result or error of a message, exactly as written; "" when it has none. */
export function carriedBy({ text, params, result, error, end }: Message): string {
  return end < 0 ? "" : text.slice(Math.max(params, result, error), end);
}

/** A text in pieces: to put a long one together, V8 would copy it. */
export type Pieces = readonly (string | Buffer)[];

/** An answer `withId`, in pieces. @param bytes those of its text */
export function piecesWithId(message: Message, id: string, bytes: Buffer): Pieces {
  const { result, error, end } = message;
  return [answerHead(message, id), bytes.subarray(Math.max(result, error), end), "}"];
}

const answerHead = ({ result }: Message, id: string | undefined) =>
  `{"jsonrpc":"2.0","id":${id},"${result >= 0 ? "result" : "error"}":`;

const PLAIN_METHOD = /^[\w/.-]+$/;
/** Nearly every call has the method of the one before. */
const methodText = rememberingLast((method) => (PLAIN_METHOD.test(method) ? `"${method}"` : encode(method)));

/**
 * What an id of the gateway's own comes back as: servers return `7` also as `7.0` or as `"7"`, and both reference clients
 * compare by value.
 * @returns NaN when it can be no such id
 */
export function idNumber(id: string | undefined): number {
  if (id === undefined) return Number.NaN;
  if (id.charCodeAt(0) !== QUOTE) return Number(id);
  const value = stringAt(id, 0, id.length);
  return /^[1-9]\d{0,9}$/.test(value) ? Number(value) : Number.NaN;
}

/** One key for an id, however it is sent back. */
export function idKey(id: string): string | number {
  const number = idNumber(id);
  return Number.isNaN(number) ? id : number;
}

/** Where a request's progress token is. */
export function tokenOf(message: Message): Span | undefined {
  const { text, token } = message;
  if (token !== undefined) return token ?? undefined;
  const meta = metaOf(message);
  return meta && find(text, meta.start, "progressToken");
}

/** Where a message's metadata is. */
export function metaOf({ text, params, meta }: Message): Span | undefined {
  return meta === undefined ? find(text, params, "_meta") : (meta ?? undefined);
}

/** The span of a value deep in a text: `find(text, params, "_meta", "progressToken")`. Undefined when it is not there. */
export function find(text: string, object: number, ...path: string[]): Span | undefined {
  let span: Span | undefined = { start: object, end: text.length };
  for (const step of path) {
    span = span.start < 0 ? undefined : memberOf(text, span.start, step);
    if (span === undefined) return undefined;
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

/** JSON in ASCII, with everything else escaped, so that one character is one byte. */
export function encode(value: unknown): string {
  return JSON.stringify(value).replace(
    /[\u007f-\uffff]/g,
    (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
}

/** The decoded value of a span of a message. */
export function decode(text: string, { start, end }: Span): unknown {
  const part = text.slice(start, end);
  return JSON.parse(BEYOND_ASCII.test(part) ? Buffer.from(part, "latin1").toString("utf8") : part);
}

const BEYOND_ASCII = /[\x80-\xff]/;

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
  eachElement(text, 0, (start, end) => void found.push(text.slice(start, end)));
  return found;
}
