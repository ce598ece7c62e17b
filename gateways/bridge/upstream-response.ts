/** What an upstream answers over HTTP, read as messages: one character a byte, as everywhere. Knows nothing of sessions. */
import { createParser, type EventSourceMessage } from "eventsource-parser";

/** Whether a response is a stream of server-sent events. */
export const isStream = (response: Response) =>
  response.headers.get("content-type")?.startsWith("text/event-stream") ?? false;

/** Calls back with each message of a response, be it JSON or an event stream. Resolves at its end. */
export async function readMessages(response: Response, onMessage: (text: string) => void): Promise<void> {
  if (isStream(response))
    return readEvents(response, ({ data }) => void (isObject(data) && onMessage(onOneLine(data))));
  const text = onOneLine(Buffer.from(await response.arrayBuffer()).toString("latin1")).trim();
  if (isObject(text)) onMessage(text);
}

/** Calls back with each event of a stream. Resolves at its end. */
export async function readEvents(response: Response, onEvent: (event: EventSourceMessage) => void): Promise<void> {
  const parser = createParser({ onEvent });
  for await (const chunk of response.body ?? []) parser.feed(Buffer.from(chunk).toString("latin1"));
}

/** A line break in JSON stands only between values; further on it would end the message. */
const onOneLine = (text: string) => text.replace(/[\r\n]/g, " ");

const isObject = (text: string) => text.startsWith("{");

/** Why a fetch failed, in a word for the caller: ECONNREFUSED rather than "fetch failed". */
export function reasonOf(error: unknown): string {
  const cause = (error as Error).cause as NodeJS.ErrnoException | undefined;
  return cause?.code ?? cause?.message ?? (error as Error).message;
}
