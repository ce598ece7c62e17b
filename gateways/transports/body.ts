/** Reads the body of a POST and the messages in it. */
import { isUtf8 } from "node:buffer";
import type { IncomingMessage } from "node:http";
import { detached } from "../bridge/detached.ts";
import { GatewayError } from "../errors.ts";
import type { Held } from "../memory-budget.ts";
import { elements, readMessage, type Message } from "../jsonrpc.ts";

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

/**
 * The messages of a body.
 * @throws GatewayError `parse-error`, `invalid-request`
 */
export function readMessages(body: Buffer): Body {
  const written = textOf(body);
  const batch = Array.isArray(parsed(written));
  const text = onOneLine(written);
  const texts = batch ? elements(text) : [text];
  if (texts.length > MAX_BATCH) {
    throw new GatewayError("invalid-request", { detail: `a batch has at most ${MAX_BATCH} messages` });
  }
  if (texts.length === 0) throw new GatewayError("invalid-request", { detail: "the batch is empty" });
  return { batch, messages: texts.map(messageOf) };
}

function textOf(body: Buffer): string {
  if (isUtf8(body)) return body.toString("latin1");
  throw new GatewayError("parse-error", { detail: " (it is not UTF-8)" });
}

/** A line break in valid JSON stands only between values; a child would take it for the end of the message. */
const onOneLine = (text: string) => (/[\r\n]/.test(text) ? text.replace(/[\r\n]/g, " ") : text);

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new GatewayError("parse-error");
  }
}

function messageOf(text: string): Message {
  const message = readMessage(text);
  if (message) return message.id === undefined ? message : { ...message, id: detached(message.id) };
  throw new GatewayError("invalid-request", { detail: whatIsWrong(JSON.parse(text)) });
}

function whatIsWrong(value: unknown): string {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return "it is no object";
  const { jsonrpc, id, method } = value as Record<string, unknown>;
  if (jsonrpc !== "2.0") return '"jsonrpc" must be "2.0"';
  if (id !== undefined && typeof id !== "string" && typeof id !== "number") return '"id" must be a string or a number';
  if (typeof method !== "string" || method === "") return '"method" must be a string';
  if (("result" in value || "error" in value) !== "method" in value) return "a member comes twice, or in other letters";
  return '"method" and "result" or "error" exclude each other';
}
