/** Clients that leave in the middle, or hardly read. */
import { setTimeout as sleep } from "node:timers/promises";
import { text as textOf } from "node:stream/consumers";
import { resultFor, textIn, Wrong } from "../../../kit/mcp/answers.ts";
import { ACCEPT, type Message } from "../../../kit/mcp/messages.ts";
import { Session } from "../session.ts";
import { all, type Kind, left, longer, refused, type Visitor } from "./kind.ts";

/** The request is aborted before its answer: the call goes on, and nobody receives its answer. */
async function abort(visitor: Visitor): Promise<void> {
  const session = await visitor.session();
  const leave = new AbortController();
  const args = { ms: visitor.random.whole(50, 600), text: visitor.text() };
  const calling = session.tool(visitor.random.pick(["slow", "heedless"]), args, { signal: leave.signal });
  setTimeout(() => leave.abort(), visitor.random.whole(0, 100));
  await left(calling.catch((error: unknown) => (leave.signal.aborted ? undefined : Promise.reject(error as Error))));
}

async function cancel(visitor: Visitor): Promise<void> {
  const session = await visitor.session();
  const [id, text] = [session.nextId(), visitor.text()];
  session.belongings.progress.set(id, text);
  let cancelling: Promise<void> | undefined;
  const onMessage = (message: Message) => {
    session.belongings.check(message);
    // If it does not arrive, the call goes on, which the check below notices.
    cancelling ??= session.tell("notifications/cancelled", { params: { requestId: id } }).catch(() => {});
  };
  const args = { times: longer(visitor) / 50, ms: 50, text };
  const call = { name: "progress", arguments: args, _meta: { progressToken: id } };
  await refused(session.request("tools/call", call, { id, onMessage }), /was cancelled by its caller/);
  await cancelling;
}

async function halfARequest({ http, random }: Visitor): Promise<void> {
  const head = `POST /mcp HTTP/1.1\r\nHost: 127.0.0.1:${http.port}\r\nContent-Type: application/json\r\n`;
  const bytes = `${head}Accept: ${ACCEPT}\r\nContent-Length: 100000\r\n\r\n{"jsonrpc":"2.0",`;
  await http.raw(bytes.slice(0, random.whole(5, bytes.length)), random.whole(5, 500));
}

/** Reads a large answer in small steps with pauses. */
async function slowReader(visitor: Visitor): Promise<void> {
  const { session, id, reply } = await largeAnswer(visitor);
  const pace = setInterval(() => {
    reply.pause();
    setTimeout(() => reply.resume(), 40);
  }, 50);
  try {
    const text = textIn(await resultFor(reply, id, session.belongings.check));
    if (!/^\u20ac+$/.test(text)) throw new Wrong("an answer that was read slowly was damaged");
  } finally {
    clearInterval(pace);
  }
}

/** Reads the first part of a large answer and goes. */
async function halfAnAnswer(visitor: Visitor): Promise<void> {
  const { reply } = await largeAnswer(visitor);
  await new Promise((resolve) => reply.once("data", resolve).once("close", resolve).on("error", resolve));
  await sleep(visitor.random.whole(0, 1_000));
  reply.destroy();
}

async function largeAnswer(visitor: Visitor) {
  const session = await visitor.session();
  const id = session.nextId();
  const params = { name: "big", arguments: { bytes: 4 * 1024 * 1024 } };
  const accept = visitor.random.pick([ACCEPT, "text/event-stream"]);
  return { session, id, reply: await session.send({ jsonrpc: "2.0", id, method: "tools/call", params }, { accept }) };
}

async function endedWithOpenCall(visitor: Visitor): Promise<void> {
  const session = await Session.open(visitor.http);
  const call = session.tool("slow", { ms: longer(visitor), text: visitor.text() });
  await all([
    refused(call, /call was ended before|Session not found/),
    sleep(visitor.random.whole(20, 100)).then(() => session.end()),
  ]);
  const reply = await session.send({ jsonrpc: "2.0", id: 9, method: "ping" });
  await textOf(reply);
  if (reply.statusCode !== 404) throw new Wrong(`after DELETE: HTTP ${reply.statusCode}`);
}

export const leaving: readonly Kind[] = [
  { name: "abort", weight: 8, run: abort },
  { name: "cancel", weight: 4, run: cancel },
  { name: "half a request", weight: 3, run: halfARequest },
  { name: "half an answer", weight: 2, run: halfAnAnswer },
  { name: "slow reader", weight: 2, run: slowReader },
  { name: "ended with open call", weight: 3, run: endedWithOpenCall },
];
