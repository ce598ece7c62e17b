/** What a server sends by itself: change notifications on a GET stream, subscriptions, requests to the client. */
import { eventsOf, type OnMessage, Wrong } from "../../../kit/mcp/answers.ts";
import { Session } from "../session.ts";
import { type Kind, left, changeCall, type Visitor } from "./kind.ts";

const CHANGED = "notifications/tools/list_changed";

/** The stream that belongs to no call; it may be cut at the end of the traffic. */
const open = async (session: Session) => (await session.listen()).on("error", () => {});

/** Opens the stream and leaves, at once or some time later. */
async function listenAndLeave(visitor: Visitor): Promise<void> {
  const reply = await open(await visitor.session());
  setTimeout(() => reply.destroy(), visitor.random.whole(0, 4_000)).unref();
}

async function listenForChange(visitor: Visitor): Promise<void> {
  const session = await visitor.session();
  const reply = await open(session);
  const late = setTimeout(() => reply.destroy(), 10_000);
  try {
    await session.tool(...changeCall(visitor.place, CHANGED));
    for await (const { message } of eventsOf(reply)) if (message?.method === CHANGED) return;
  } finally {
    clearTimeout(late);
    reply.destroy();
  }
  throw new Wrong("no change notification came on the stream");
}

/** A second stream takes over from the first, which ends. */
async function listenTwice(visitor: Visitor): Promise<void> {
  const session = await visitor.session();
  const first = await open(session);
  const second = await open(session);
  for await (const { message } of eventsOf(first)) if (message) session.belongings.check(message);
  second.destroy();
}

async function subscribe(visitor: Visitor): Promise<void> {
  const session = await visitor.session();
  const uri = `soak:${visitor.text()}`;
  session.belongings.uris.add(uri);
  await session.request("resources/subscribe", { uri });
  await session.tool(...changeCall(visitor.place, "notifications/resources/updated", uri));
  if (visitor.random.chance(0.5)) await session.request("resources/unsubscribe", { uri });
}

/** The server sends a request on the stream of the call; we answer it, leave, or never answer. */
async function clientRequest(visitor: Visitor): Promise<void> {
  const session = await Session.open(visitor.http);
  const text = visitor.text();
  const leave = new AbortController();
  const onMessage: OnMessage = (message) => {
    if (message.method !== "roots/list" || message.id === undefined) return session.belongings.check(message);
    if (visitor.random.chance(0.3)) return leave.abort();
    void session.tell(undefined, { id: message.id, result: { roots: [], text } }).catch(() => leave.abort());
  };
  const asking = session.tool("ask", { method: "roots/list" }, { onMessage, signal: leave.signal });
  const told = await asking.catch((error: unknown) => {
    if (!leave.signal.aborted) throw error;
  });
  if (told !== undefined && !told.includes(text)) throw new Wrong(`the server was given another answer: ${told}`);
  if (visitor.random.chance(0.5)) await left(session.end());
}

export const listening: readonly Kind[] = [
  { name: "listen and leave", weight: 3, run: listenAndLeave },
  { name: "listen for a change", weight: 2, run: listenForChange },
  { name: "listen twice", weight: 2, run: listenTwice },
  { name: "subscribe", weight: 3, run: subscribe },
  { name: "client request", weight: 3, on: ["session", "modern"], run: clientRequest },
];
