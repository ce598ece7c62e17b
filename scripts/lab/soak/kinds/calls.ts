/** Traffic as it should be: calls one by one, many at once, in batches, with large answers. */
import { text as textOf } from "node:stream/consumers";
import { eventsOf, excerpt, isStream, parsed, textIn, Wrong } from "../../../kit/mcp/answers.ts";
import type { Message } from "../../../kit/mcp/messages.ts";
import { Session } from "../session.ts";
import { all, type Kind, same, type Visitor } from "./kind.ts";
import { progress } from "./streams.ts";

async function call(visitor: Visitor): Promise<void> {
  const session = await visitor.session();
  const text = visitor.text();
  const id = visitor.random.chance(0.1) ? text : undefined; // an id may be a string
  same(await session.tool("echo", { text }, { id }), text);
}

async function callsAtOnce(visitor: Visitor): Promise<void> {
  const session = await visitor.session();
  const one = async () => {
    const text = visitor.text();
    same(await session.tool(visitor.random.pick(["echo", "slow"]), { text, ms: 30 }), text);
  };
  const calls = Array.from({ length: visitor.random.whole(2, 10) }, one);
  await all([...calls, progress(visitor, session), session.request("ping", {}), session.request("tools/list", {})]);
}

async function largeAnswer(visitor: Visitor): Promise<void> {
  const session = await visitor.session();
  const bytes = visitor.random.whole(1, 5) * 1024 * 1024;
  const accept = visitor.random.pick([undefined, "text/event-stream"]);
  const text = await session.tool("big", { bytes }, { accept });
  if (!/^\u20ac+$/.test(text)) throw new Wrong("a large answer was damaged");
  same(String(text.length), String(Math.floor(bytes / 3)));
}

async function batch(visitor: Visitor): Promise<void> {
  const session = await Session.open(visitor.http, "2025-03-26");
  const ids = [1, "2", 3];
  const texts = new Map(ids.map((id) => [id as unknown, visitor.text()]));
  const messages = ids.map((id) => {
    const params = { name: id === 3 ? "slow" : "echo", arguments: { text: texts.get(id), ms: 20 } };
    return { jsonrpc: "2.0", id, method: "tools/call", params };
  });
  const answers = await answersIn(await session.send([...messages, { jsonrpc: "2.0", method: "notifications/none" }]));
  if (answers.length !== ids.length) throw new Wrong(`the batch has ${answers.length} answers`);
  for (const { id, result } of answers) {
    if (result) same(textIn(result), texts.get(id) ?? "no such id");
  }
}

async function answersIn(reply: Awaited<ReturnType<Session["send"]>>): Promise<Message[]> {
  if (!isStream(reply)) {
    const answers: unknown = parsed(await textOf(reply));
    if (Array.isArray(answers)) return answers as Message[];
    throw new Wrong(`the batch has no array: ${excerpt(answers)}`);
  }
  const answers: Message[] = [];
  for await (const { message } of eventsOf(reply)) if (message && !message.method) answers.push(message);
  return answers;
}

export const calls: readonly Kind[] = [
  { name: "call", weight: 30, run: call },
  { name: "calls at once", weight: 10, run: callsAtOnce },
  { name: "large answer", weight: 4, run: largeAnswer },
  { name: "batch", weight: 3, run: batch },
];
