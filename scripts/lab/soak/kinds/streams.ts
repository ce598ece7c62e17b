/** Streams of calls: read to the end, dropped in the middle, resumed. */
import { setTimeout as sleep } from "node:timers/promises";
import { eventsOf, type OnMessage, Refusal, textIn, Wrong } from "../../../kit/mcp/answers.ts";
import type { Message } from "../../../kit/mcp/messages.ts";
import type { Session } from "../session.ts";
import { type Kind, same, type Visitor } from "./kind.ts";

/** How often a call reports progress. */
const TIMES = 3;

class Left extends Error {}

/** A call that reports progress, which must come in order and before the answer. */
export async function progress(visitor: Visitor, session: Session, onMessage?: OnMessage): Promise<string> {
  const text = visitor.text();
  const id = session.nextId();
  session.belongings.progress.set(id, text);
  let seen = 0;
  const checked: OnMessage = (message, eventId) => {
    session.belongings.check(message);
    if (message.method !== "notifications/progress") return;
    if (message.params?.["progress"] !== ++seen) throw new Wrong(`progress ${seen} was lost, or came twice`);
    onMessage?.(message, eventId);
  };
  const call = { name: "progress", arguments: { times: TIMES, ms: 20, text }, _meta: { progressToken: id } };
  same(textIn(await session.request("tools/call", call, { id, onMessage: checked })), text);
  if (seen !== TIMES) throw new Wrong(`${seen} of ${TIMES} progress notifications came`);
  return text;
}

const stream = async (visitor: Visitor) => void (await progress(visitor, await visitor.session()));

/** Leaves at the first progress. @returns that event's id */
async function drop(visitor: Visitor, session: Session): Promise<string> {
  let last = "";
  const leaving = progress(visitor, session, (_, eventId) => {
    last = eventId ?? "";
    throw new Left();
  });
  await leaving.catch((error: unknown) => {
    if (!(error instanceof Left)) throw error;
  });
  return last;
}

const streamDropped = async (visitor: Visitor) => void (await drop(visitor, await visitor.session()));

async function streamResumed(visitor: Visitor): Promise<void> {
  const session = await visitor.session();
  const last = await drop(visitor, session);
  await sleep(visitor.random.whole(0, 80)); // the call goes on, or has ended when we come back
  const got: unknown[] = [];
  for await (const { message } of eventsOf(await session.listen(last))) {
    if (message) got.push(wordFor(message, session));
  }
  if (got.filter(Boolean).join() !== "2,3,answer") throw new Wrong(`resumed after progress 1, got ${got.join()}`);
}

/** One word for a message. @throws Refusal when the call ended with an error, Wrong when it is for another call */
function wordFor(message: Message, session: Session): unknown {
  if (message.error) throw new Refusal(200, message.error);
  if (message.method === undefined) return "answer";
  session.belongings.check(message);
  return message.method === "notifications/progress" ? message.params?.["progress"] : undefined;
}

export const streams: readonly Kind[] = [
  { name: "stream", weight: 12, run: stream },
  { name: "stream dropped", weight: 6, run: streamDropped },
  { name: "stream resumed", weight: 6, run: streamResumed },
];
