/** The JSON-RPC answer in an HTTP answer, which is JSON or an event stream, of either era. */
import { textIn } from "../../kit/mcp/answers.ts";
import type { Message } from "../../kit/mcp/messages.ts";
import type { Reply } from "./http-reply.ts";

type Result = NonNullable<Message["result"]>;

/** The result of the answer with this id. @throws Error when there is none, or when it is an error */
export function resultWithId(reply: Reply, id: number): Result {
  const text = reply.body.toString();
  if (reply.status !== 200) throw new Error(`HTTP ${reply.status}: ${text.slice(0, 120)}`);
  const isStream = /\r\ncontent-type: *text\/event-stream/i.test(reply.head);
  const messages = isStream ? messagesOfStream(text) : [JSON.parse(text) as Message];
  const found = messages.find((message) => message.id === id);
  if (found === undefined) throw new Error(`no reply with id ${id}: ${text.slice(0, 120)}`);
  if (found.result === undefined) throw new Error(`call ${id} failed: ${found.error?.message}`);
  return found.result;
}

/** The same, of a tool call. @throws Error unless its text is the expected one */
export function checkText(reply: Reply, id: number, expected: string): Result {
  const result = resultWithId(reply, id);
  const text = textIn(result);
  if (text === expected) return result;
  throw new Error(`call ${id} answered ${text.slice(0, 40)} (${text.length} characters)`);
}

// Cheaper than a parser that takes any event stream: what is measured is the gateway.
const messagesOfStream = (text: string): Message[] =>
  text
    .split("\n")
    .filter((line) => line.startsWith("data:") && line.trim() !== "data:") // a priming event carries no data
    .map((line) => JSON.parse(line.slice(5)) as Message);
