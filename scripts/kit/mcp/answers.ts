/** Reads what comes back for a request, and checks that it belongs to that request. */
import type { IncomingMessage } from "node:http";
import { text } from "node:stream/consumers";
import { createParser } from "eventsource-parser";
import type { Id, Message } from "./messages.ts";

/** Something that must never come. */
export class Wrong extends Error {}

/** A well-formed error for our own request. Only the caller knows whether it was justified. */
export class Refusal extends Error {
  readonly status: number;
  readonly code: number;

  constructor(status: number, { code, message }: NonNullable<Message["error"]>) {
    super(message);
    this.status = status;
    this.code = code;
  }
}

/** Receives each message that comes before the answer; throws to refuse it, or to leave. */
export type OnMessage = (message: Message, eventId: string | undefined) => void;

/** One server-sent event; a priming event has no message. */
export interface ServerEvent {
  readonly id: string | undefined;
  readonly message: Message | undefined;
}

/** The result for a request. @throws Refusal for an error, Wrong for anything that is not for this request */
export async function resultFor(
  reply: IncomingMessage,
  id: Id,
  onMessage: OnMessage,
): Promise<Record<string, unknown>> {
  const answer = isStream(reply) ? await lastOf(reply, id, onMessage) : parsed(await text(reply));
  if (answer.id !== id) throw new Wrong(`the answer to ${id} (HTTP ${reply.statusCode}) is ${excerpt(answer)}`);
  if (answer.error) throw new Refusal(reply.statusCode ?? 0, answer.error);
  if (reply.statusCode !== 200 || !answer.result) throw new Wrong(`HTTP ${reply.statusCode}, ${excerpt(answer)}`);
  return answer.result;
}

/** The answer at the end of a stream, which ends with it. */
async function lastOf(reply: IncomingMessage, id: Id, onMessage: OnMessage): Promise<Message> {
  let answer: Message | undefined;
  for await (const { message, id: eventId } of eventsOf(reply)) {
    if (message === undefined) continue;
    if (answer) throw new Wrong(`after the answer to ${id} came ${excerpt(message)}`);
    if (message.method === undefined) answer = message;
    else onMessage(message, eventId);
  }
  if (!answer) throw new Wrong(`the stream for ${id} ended without an answer`);
  return answer;
}

/** The events of a stream as they come. */
export async function* eventsOf(reply: IncomingMessage): AsyncGenerator<ServerEvent> {
  const events: ServerEvent[] = [];
  const parser = createParser({
    onEvent: ({ id, data }) => events.push({ id, message: data === "" ? undefined : parsed(data) }),
  });
  reply.setEncoding("utf8");
  for await (const chunk of reply as AsyncIterable<string>) {
    parser.feed(chunk);
    yield* events.splice(0);
  }
}

/** The text of a tool's result. @throws Wrong when there is none */
export function textIn(result: NonNullable<Message["result"]>): string {
  const [content] = result["content"] as readonly { readonly text?: string }[];
  if (typeof content?.text === "string") return content.text;
  throw new Wrong("a result without text");
}

/** @throws Wrong when it is not JSON */
export function parsed(json: string): Message {
  try {
    return JSON.parse(json) as Message;
  } catch {
    throw new Wrong(json === "" ? "an empty answer" : `not JSON: ${json.slice(0, 200)}`);
  }
}

/** What a reply with another status than the expected one says. */
export async function unexpected(what: string, reply: IncomingMessage): Promise<Refusal | Wrong> {
  const body = await text(reply);
  const error = body.startsWith("{") ? parsed(body).error : undefined;
  return error
    ? new Refusal(reply.statusCode ?? 0, error)
    : new Wrong(`${what}: HTTP ${reply.statusCode} ${body.slice(0, 300)}`.trimEnd());
}

export const isStream = ({ headers }: IncomingMessage): boolean =>
  headers["content-type"]?.startsWith("text/event-stream") === true;

export const excerpt = (value: unknown): string => (JSON.stringify(value) ?? "nothing").slice(0, 300);
