/** W3C Trace Context in a message: `params._meta.traceparent` (MCP SEP-414). */
import { randomBytes } from "node:crypto";
import { encode, find, member, metaOf, readMessage, replace, stringIn, withMembers, type Message } from "../jsonrpc.ts";

/** Where in a trace something is. */
export interface TraceContext {
  /** 32 hexadecimal digits. */
  readonly traceId: string;
  /** 16 of them. */
  readonly spanId: string;
  readonly isSampled: boolean;
}

const TRACEPARENT = /^(?!ff)[0-9a-f]{2}-(?!0{32})([0-9a-f]{32})-(?!0{16})([0-9a-f]{16})-([0-9a-f]{2})(?:$|-)/;

/** Reads a traceparent; undefined for anything else. */
export function readContext(written: string | undefined): TraceContext | undefined {
  const [, traceId, spanId, flags] = (written !== undefined && TRACEPARENT.exec(written)) || [];
  if (traceId === undefined || spanId === undefined) return undefined;
  return { traceId, spanId, isSampled: (Number.parseInt(flags!, 16) & 1) === 1 };
}

export const writeContext = ({ traceId, spanId, isSampled }: TraceContext) =>
  `00-${traceId}-${spanId}-${isSampled ? "01" : "00"}`;

/** What begins here: in the trace of its parent, or in one of its own. */
export const newContext = (parent: TraceContext | undefined): TraceContext => ({
  traceId: parent?.traceId ?? randomBytes(16).toString("hex"),
  spanId: randomBytes(8).toString("hex"),
  isSampled: true,
});

/** The context that a message has; undefined = none. */
export const contextIn = ({ text, params }: Message): TraceContext | undefined =>
  params < 0 ? undefined : readContext(stringIn(text, params, "_meta", "traceparent"));

/** The same message with another context, for the server. Anything but an object stays as it is. */
export function withContext(message: Message, context: TraceContext): Message {
  return readMessage(textWith(message, encode(writeContext(context)))) ?? message;
}

function textWith(message: Message, value: string): string {
  const { text, params } = message;
  if (params < 0) return withMembers(text, 0, `"params":{"_meta":{"traceparent":${value}}}`);
  if (text[params] !== "{") return text;
  const meta = metaOf(message);
  if (meta === undefined) return withMembers(text, params, member("_meta", `{"traceparent":${value}}`));
  if (text[meta.start] !== "{") return text;
  const known = find(text, meta.start, "traceparent");
  return known ? replace(text, known, value) : withMembers(text, meta.start, `"traceparent":${value}`);
}
