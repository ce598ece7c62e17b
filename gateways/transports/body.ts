/** Reads the body of a POST and the messages in it. */
import { isUtf8 } from "node:buffer";
import type { IncomingMessage } from "node:http";
import type { AdmittedExchange, Exchange } from "./exchange.ts";
import { isJson } from "./media-types.ts";
import { detached, isAttached } from "../detached.ts";
import { GatewayError } from "../errors.ts";
import { readClientMessage } from "../client-message.ts";
import { eachElement, isBalanced, OPEN_BRACKET, skipSpace } from "../json/scan.ts";
import { checkJson, MAX_DEPTH } from "../json/strict.ts";
import type { Message } from "../jsonrpc.ts";
import type { Held } from "../memory-budget.ts";

/** @throws GatewayError `content-type`, `content-encoding` for a body that is not plain JSON */
export function requireJson(exchange: Exchange): void {
  if (!isJson(exchange.header("content-type"))) throw new GatewayError("content-type");
  const encoding = exchange.header("content-encoding") ?? "";
  if (encoding !== "" && encoding.toLowerCase() !== "identity") {
    throw new GatewayError("content-encoding", { encoding: encoding.slice(0, 40) });
  }
}

/** Reads a request's body and does the work on it. @param limit bytes at most @throws GatewayError as `readBody` */
export async function withBody(
  exchange: AdmittedExchange,
  limit: number,
  work: (body: Buffer) => Promise<void>,
): Promise<void> {
  // A body that is too long is refused without being asked for.
  if (Number(exchange.header("content-length") ?? 0) <= limit) exchange.askForBody();
  const body = await readBody(exchange.req, limit, exchange.memory);
  try {
    await work(body);
  } finally {
    exchange.memory.give(body.length * BODY_FACTOR); // whoever keeps a message from here on counts it
  }
}

/**
 * The whole body of a request.
 * @param limit bytes at most
 * @param memory where it is counted as it comes. When it is complete that is BODY_FACTOR times its size, to be given back
 *   by whoever reads it; when it fails, nothing
 * @throws GatewayError `body-too-large` as soon as that is known, `memory-exhausted`, `body-incomplete` when the client left
 */
export function readBody(req: IncomingMessage, limit: number, memory: Held): Promise<Buffer> {
  const tooLarge = () => new GatewayError("body-too-large", { limit });
  if (Number(req.headers["content-length"] ?? 0) > limit) return Promise.reject(tooLarge());
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let size = 0;
    let counted = 0;
    const take = (chunk: Buffer) => {
      size += chunk.length;
      if (size > limit) return stop(tooLarge());
      const bytes = chunk.length * BODY_FACTOR + CHUNK_BYTES;
      if (!memory.tryTake(bytes)) return stop(memory.refusal("memory-exhausted", bytes));
      counted += bytes;
      chunks.push(chunk);
    };
    const stop = (error: GatewayError) => {
      req.off("data", take);
      chunks.length = 0;
      memory.give(counted);
      reject(error);
    };
    const left = () => reject(new GatewayError("body-incomplete"));
    req.on("data", take).once("close", left);
    req.once("end", () => {
      req.off("data", take).off("close", left); // else the body stays as long as the request waits for its answer
      memory.give(counted - size * BODY_FACTOR);
      resolve(chunks.length === 1 ? (chunks[0] as Buffer) : Buffer.concat(chunks, size));
    });
  });
}

/** A body is there as it came, as one text, and as the message that the server gets. */
export const BODY_FACTOR = 2;

/** What each chunk costs besides its bytes: a client may send every byte as a chunk of its own. */
const CHUNK_BYTES = 256;

const MAX_BATCH = 100;

export interface Body {
  readonly batch: boolean;
  readonly messages: readonly Message[];
}

/** A byte order mark, which may be ignored (RFC 8259, section 8.1), as it is in what servers write. */
const MARK = Buffer.from("\ufeff");

/**
 * The messages of a body. Nothing is built of it but they: a body may hold millions of values.
 * @throws GatewayError `parse-error`, `too-deep`, `invalid-request`
 */
export function readMessages(sent: Buffer): Body {
  const text = readJson(sent);
  const batch = text.charCodeAt(skipSpace(text, 0)) === OPEN_BRACKET;
  return { batch, messages: batch ? batchOf(text) : [messageOf(text)] };
}

/** A body that is JSON, on one line, one character a byte. @throws GatewayError `parse-error`, `too-deep` */
export function readJson(sent: Buffer): string {
  const isMarked = sent[0] === MARK[0] && sent[1] === MARK[1] && sent[2] === MARK[2];
  const body = isMarked ? sent.subarray(MARK.length) : sent;
  const written = textOf(body);
  const batch = written.charCodeAt(skipSpace(written, 0)) === OPEN_BRACKET;
  requireValid(body, written, batch ? MAX_DEPTH + 1 : MAX_DEPTH);
  return onOneLine(written);
}

function textOf(body: Buffer): string {
  if (isUtf8(body)) return body.toString("latin1");
  throw new GatewayError("parse-error", { detail: " (it is not UTF-8)" });
}

function requireValid(body: Buffer, text: string, levels: number): void {
  const found = checkJson(body, text, levels);
  if (found === "valid") return;
  // What is nested too deeply has not been read to its end, and need not be JSON at all.
  const isTooDeep = found === "too-deep" && isBalanced(text);
  throw isTooDeep ? new GatewayError("too-deep", { limit: MAX_DEPTH }) : new GatewayError("parse-error");
}

/**
 * Without what a server could take for the end of the message. A line break in valid JSON stands only between values. The
 * line separators beyond ASCII stand only in strings, where they may be escaped: Node's readline and Python's splitlines
 * break a line at them.
 */
function onOneLine(text: string): string {
  const line = text.includes("\n") || text.includes("\r") ? text.replace(/[\r\n]/g, " ") : text;
  if (!line.includes("\u00e2\u0080") && !line.includes("\u00c2\u0085")) return line;
  return SEPARATORS.reduce((text, [bytes, escape]) => text.replace(bytes, escape), line);
}

/** In UTF-8, one character a byte, and as JSON may write them. A text may consist of them: a function for each takes seconds. */
const SEPARATORS: readonly (readonly [bytes: RegExp, escape: string])[] = [
  [/\u00e2\u0080\u00a8/g, "\\u2028"],
  [/\u00e2\u0080\u00a9/g, "\\u2029"],
  [/\u00c2\u0085/g, "\\u0085"],
];

function batchOf(text: string): Message[] {
  const messages: Message[] = [];
  eachElement(text, 0, (start, end) => {
    if (messages.length === MAX_BATCH) throw invalid(`a batch has at most ${MAX_BATCH} messages`);
    messages.push(messageOf(text.slice(start, end)));
  });
  if (messages.length === 0) throw invalid("the batch is empty");
  return messages;
}

function messageOf(text: string): Message {
  const message = readClientMessage(text);
  const { id } = message;
  return id !== undefined && isAttached(id) ? { ...message, id: detached(id) } : message;
}

const invalid = (detail: string) => new GatewayError("invalid-request", { detail });
