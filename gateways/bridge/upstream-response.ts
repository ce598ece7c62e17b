/** Reads an upstream's HTTP responses as messages, one character a byte (see jsonrpc.ts). */
import { createParser, type EventSourceMessage } from "eventsource-parser";
import { hasBrokenString, isBalanced } from "../json/scan.ts";
import { elements, readMessage } from "../jsonrpc.ts";
import type { Share } from "../memory-budget.ts";
import { holdIfFree, holdWhenFree } from "./long-lines.ts";
import type { UpstreamResponse } from "./upstream-request.ts";

/** An upstream sent a body or event over the limit. */
export class TooLong extends Error {}

/** Limits for a body that only explains an error or should be empty: bytes, and milliseconds to read it. */
const SMALL_BODY = { maxLine: 64 * 1024, time: 2_000 };

/** What each chunk costs besides its bytes: an upstream may send every byte as a chunk of its own. */
const CHUNK_BYTES = 256;

const UTF8_MARK = "\u00ef\u00bb\u00bf";

/** Whether a response is a stream of server-sent events. */
export const isStream = ({ headers }: UpstreamResponse) =>
  /^\s*text\/event-stream\s*(;|$)/i.test(headers["content-type"] ?? "");

/** Whether a response is a page for browsers. */
export const isPage = ({ headers }: UpstreamResponse) => /^\s*text\/html\b/i.test(headers["content-type"] ?? "");

/** How much is read of one message. */
export interface ReadLimits {
  /** The longest message, in bytes. */
  readonly maxLine: number;
  /** Where a long message is counted while it is read. @default - nowhere */
  readonly memory?: Share;
}

/** The whole body. @throws TooLong when it is too long, Error when no memory is left for it */
export async function readBody({ body }: UpstreamResponse, { maxLine, memory }: ReadLimits): Promise<string> {
  const chunks: Buffer[] = [];
  const held = memory?.hold();
  let size = 0;
  try {
    for await (const chunk of body as AsyncIterable<Buffer>) {
      size += chunk.length;
      if (size > maxLine) throw new TooLong(`it sent more than ${maxLine} bytes`);
      chunks.push(chunk);
      const cost = size + chunks.length * CHUNK_BYTES;
      if (held && !holdIfFree(held, cost)) await holdWhenFree(held, cost);
    }
    return Buffer.concat(chunks).toString("latin1");
  } finally {
    held?.end();
  }
}

/** A body that is not the answer: "" when it is long or slow. Always closes it. */
export async function readSmallBody(response: UpstreamResponse): Promise<string> {
  const timer = setTimeout(() => response.body.destroy(), SMALL_BODY.time);
  try {
    return await readBody(response, SMALL_BODY);
  } catch {
    return "";
  } finally {
    clearTimeout(timer);
  }
}

/**
 * The first answer in a response, from its body or its events. Always closes it.
 * @param limits how much may be read @default as of a body that is not the answer
 * @returns undefined when there is none
 */
export async function firstAnswer(response: UpstreamResponse, limits?: ReadLimits): Promise<string | undefined> {
  if (!isStream(response)) return messagesIn(await readWhole(response, limits)).find(isAnswer);
  let answer: string | undefined;
  const onEvent = ({ data }: EventSourceMessage) => {
    answer ??= messagesIn(data).find(isAnswer);
    if (answer !== undefined) response.body.destroy();
  };
  await readEvents(response, limits ?? SMALL_BODY, { onEvent }).catch(() => {}); // destroyed, or broken off
  response.body.destroy();
  return answer;
}

const readWhole = (response: UpstreamResponse, limits: ReadLimits | undefined) =>
  limits ? readBody(response, limits).catch(() => "") : readSmallBody(response);

const isAnswer = (text: string) => readMessage(text)?.kind === "response";

/** What is reported about a stream of events. */
export interface EventReader {
  readonly onEvent: (event: EventSourceMessage) => void;
  /** Milliseconds that the upstream asks to wait before reopening the stream. */
  readonly onRetry?: (milliseconds: number) => void;
}

/** Calls back with each event of a stream, and resolves at its end. @throws TooLong, Error when no memory is left for it */
export async function readEvents({ body }: UpstreamResponse, limits: ReadLimits, reader: EventReader): Promise<void> {
  const { maxLine, memory } = limits;
  const held = memory?.hold();
  let pending = 0;
  let tooLong: TooLong | undefined;
  const parser = createParser({
    ...reader,
    maxBufferSize: maxLine,
    onError: ({ type }) => {
      if (type === "max-buffer-size-exceeded") tooLong = new TooLong(`it sent an event of more than ${maxLine} bytes`);
    },
  });
  let last = 0;
  try {
    for await (const chunk of body as AsyncIterable<Buffer>) {
      pending = endsEvent(chunk) ? 0 : pending + chunk.length + CHUNK_BYTES;
      parser.feed(chunk.toString("latin1"));
      if (tooLong) throw tooLong;
      last = chunk.at(-1) ?? last;
      if (held && !holdIfFree(held, pending)) await holdWhenFree(held, pending);
    }
  } finally {
    held?.end();
  }
  if (last === 0x0d) parser.feed("\n"); // the parser waits whether a line feed follows the carriage return
}

/** Whether a chunk ends with an empty line: nothing is half said then. */
const endsEvent = (chunk: Buffer) => /\n\r?\n$/.test(chunk.toString("latin1", Math.max(0, chunk.length - 3)));

/** The messages in a body or an event, each on one line: several in a batch (MCP 2025-03-26), none if it is not JSON. */
export function messagesIn(text: string): string[] {
  const json = (text.startsWith(UTF8_MARK) ? text.slice(UTF8_MARK.length) : text).trim();
  if (json.startsWith("{")) return isOnOneLine(json) || isJson(json) ? [onOneLine(json)] : [];
  return json.startsWith("[") && isJson(json) ? elements(json).map(onOneLine) : [];
}

const isOnOneLine = (text: string) => !/[\r\n]/.test(text);

/** JSON allows line breaks only between values, so a space can replace them. In the gateway a line break ends a message. */
const onOneLine = (text: string) => (isOnOneLine(text) ? text : text.replace(/[\r\n]/g, " "));

/** As far as it matters for taking it apart; nothing is built of it, however much it lists or nests. */
const isJson = (text: string) => isBalanced(text) && (isOnOneLine(text) || !hasBrokenString(text));
