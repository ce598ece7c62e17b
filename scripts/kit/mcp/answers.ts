/** Reads what comes back for a request, and checks that it belongs to that request. */
import type { IncomingMessage } from "node:http";

export type Id = string | number;

export interface Message {
  readonly id?: Id | null;
  readonly method?: string;
  readonly params?: Readonly<Record<string, unknown>>;
  readonly result?: Readonly<Record<string, unknown>>;
  readonly error?: { readonly code: number; readonly message: string };
}

/** What must never come. */
export class Wrong extends Error {}

/** A well-formed error for our own request. Whether it was in order, the kind of traffic knows. */
export class Refusal extends Error {
  readonly status: number;
  readonly code: number;

  constructor(status: number, { code, message }: NonNullable<Message["error"]>) {
    super(message);
    this.status = status;
    this.code = code;
  }
}

/** Called with each message that comes before the answer; throws what it does not want, or to leave. */
export type Heard = (message: Message, eventId: string | undefined) => void;

/** One server-sent event; one that only primes has no message. */
export interface ServerEvent {
  readonly id: string | undefined;
  readonly message: Message | undefined;
}

/** The result for a request. @throws Refusal for an error, Wrong for what is not for this request */
export async function resultFor(reply: IncomingMessage, id: Id, heard: Heard): Promise<Record<string, unknown>> {
  const answer = isStream(reply) ? await lastOf(reply, id, heard) : parsed(await textOf(reply));
  if (answer.id !== id) throw new Wrong(`the answer to ${id} (HTTP ${reply.statusCode}) is ${excerpt(answer)}`);
  if (answer.error) throw new Refusal(reply.statusCode ?? 0, answer.error);
  if (reply.statusCode !== 200 || !answer.result) throw new Wrong(`HTTP ${reply.statusCode}, ${excerpt(answer)}`);
  return answer.result;
}

/** The answer at the end of a stream, which ends with it. */
async function lastOf(reply: IncomingMessage, id: Id, heard: Heard): Promise<Message> {
  let answer: Message | undefined;
  for await (const { message, id: eventId } of eventsOf(reply)) {
    if (message === undefined) continue;
    if (answer) throw new Wrong(`behind the answer to ${id} came ${excerpt(message)}`);
    if (message.method === undefined) answer = message;
    else heard(message, eventId);
  }
  if (!answer) throw new Wrong(`the stream for ${id} ended without an answer`);
  return answer;
}

export async function* eventsOf(reply: IncomingMessage): AsyncGenerator<ServerEvent> {
  let parts: string[] = [];
  reply.setEncoding("utf8");
  for await (const chunk of reply as AsyncIterable<string>) {
    parts.push(chunk);
    if (!chunk.includes("\n")) continue; // a large event is put together once, not with every chunk
    const blocks = parts.join("").split("\n\n");
    parts = [blocks.pop() as string];
    for (const block of blocks) if (block.includes("data:")) yield eventIn(block);
  }
}

function eventIn(block: string): ServerEvent {
  const field = (name: string) => block.split("\n").find((line) => line.startsWith(`${name}:`));
  const data = field("data")!.slice(5).trim();
  return { id: field("id")?.slice(3).trim(), message: data === "" ? undefined : parsed(data) };
}

export async function textOf(reply: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of reply as AsyncIterable<Buffer>) chunks.push(chunk);
  return Buffer.concat(chunks).toString("utf8");
}

export function parsed(text: string): Message {
  try {
    return JSON.parse(text) as Message;
  } catch {
    throw new Wrong(`not JSON: ${text.slice(0, 200)}`);
  }
}

/** What a reply says that should have been another. */
export async function unexpected(what: string, reply: IncomingMessage): Promise<Refusal | Wrong> {
  const text = await textOf(reply);
  const error = text.startsWith("{") ? parsed(text).error : undefined;
  return error ? new Refusal(reply.statusCode ?? 0, error) : new Wrong(`${what}: HTTP ${reply.statusCode} ${text}`);
}

export const isStream = ({ headers }: IncomingMessage) =>
  headers["content-type"]?.startsWith("text/event-stream") === true;

export const excerpt = (value: unknown) => (JSON.stringify(value) ?? "nothing").slice(0, 300);
