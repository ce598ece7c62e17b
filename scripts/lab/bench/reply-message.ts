// The JSON-RPC answer in an HTTP answer, be it plain JSON or an event stream, of either era.
import type { Reply } from "./http-reply.ts";

export interface Message {
  readonly id?: number;
  readonly result?: {
    readonly protocolVersion?: string;
    readonly supportedVersions?: readonly string[];
    readonly resultType?: string;
    readonly content?: readonly { readonly text?: string }[];
  };
  readonly error?: { readonly message?: string };
}

/** The answer with this id. @throws Error when there is none, or when it is an error */
export function messageWithId(reply: Reply, id: number): Message {
  const text = reply.body.toString();
  if (reply.status !== 200) throw new Error(`HTTP ${reply.status}: ${text.slice(0, 120)}`);
  const isStream = /\r\ncontent-type: *text\/event-stream/i.test(reply.head);
  const messages = isStream ? messagesOfStream(text) : [JSON.parse(text) as Message];
  const found = messages.find((message) => message.id === id);
  if (found === undefined) throw new Error(`no reply with id ${id}: ${text.slice(0, 120)}`);
  if (found.error !== undefined) throw new Error(`call ${id} failed: ${found.error.message}`);
  return found;
}

/** The same, of a tool call. @throws Error unless its text is the expected one */
export function checkText(reply: Reply, id: number, expected: string): Message {
  const message = messageWithId(reply, id);
  const text = message.result?.content?.[0]?.text;
  if (text === expected) return message;
  throw new Error(`call ${id} answered ${text?.slice(0, 40)} (${text?.length} characters)`);
}

const messagesOfStream = (text: string): Message[] =>
  text
    .split("\n")
    .filter((line) => line.startsWith("data:") && line.trim() !== "data:") // a priming event carries no data
    .map((line) => JSON.parse(line.slice(5)) as Message);
