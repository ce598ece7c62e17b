/** What the server says by itself: news on a GET stream, subscriptions, questions to the client. */
import { eventsOf, type Heard, Wrong } from "../../../kit/mcp/answers.ts";
import { Session } from "../session.ts";
import { type Kind, left, newsCall, type Visitor } from "./kind.ts";

const NEWS = "notifications/tools/list_changed";

/** The stream that no call owns; it may be cut at the end of the traffic. */
const open = async (session: Session) => (await session.listen()).on("error", () => {});

/** Opens the stream and leaves, at once or some time later. */
async function listenAndLeave(visitor: Visitor): Promise<void> {
  const reply = await open(await visitor.session());
  setTimeout(() => reply.destroy(), visitor.random.whole(0, 4_000)).unref();
}

async function listenForNews(visitor: Visitor): Promise<void> {
  const session = await visitor.session();
  const reply = await open(session);
  const late = setTimeout(() => reply.destroy(), 10_000);
  try {
    await session.tool(...newsCall(visitor.place, NEWS));
    for await (const { message } of eventsOf(reply)) if (message?.method === NEWS) return;
  } finally {
    clearTimeout(late);
    reply.destroy();
  }
  throw new Wrong("no news came on the stream");
}

/** A second stream takes over from the first, which ends. */
async function listenTwice(visitor: Visitor): Promise<void> {
  const session = await visitor.session();
  const first = await open(session);
  const second = await open(session);
  for await (const { message } of eventsOf(first)) if (message) session.belongings.heard(message);
  second.destroy();
}

async function subscribe(visitor: Visitor): Promise<void> {
  const session = await visitor.session();
  const uri = `soak:${visitor.text()}`;
  session.belongings.uris.add(uri);
  await session.request("resources/subscribe", { uri });
  await session.tool(...newsCall(visitor.place, "notifications/resources/updated", uri));
  if (visitor.random.chance(0.5)) await session.request("resources/unsubscribe", { uri });
}

/** The server asks, on the stream of the call; we answer, leave, or never say anything. */
async function question(visitor: Visitor): Promise<void> {
  const session = await Session.open(visitor.http);
  const text = visitor.text();
  const leave = new AbortController();
  const heard: Heard = (message) => {
    if (message.method !== "roots/list" || message.id === undefined) return session.belongings.heard(message);
    if (visitor.random.chance(0.3)) return leave.abort();
    void session.tell(undefined, { id: message.id, result: { roots: [], text } }).catch(() => leave.abort());
  };
  const asking = session.tool("ask", { method: "roots/list" }, { heard, signal: leave.signal });
  const told = await asking.catch((error: unknown) => {
    if (!leave.signal.aborted) throw error;
  });
  if (told !== undefined && !told.includes(text)) throw new Wrong(`asked, and heard another answer: ${told}`);
  if (visitor.random.chance(0.5)) await left(session.end());
}

export const listening: readonly Kind[] = [
  { name: "listen and leave", weight: 3, run: listenAndLeave },
  { name: "listen for news", weight: 2, run: listenForNews },
  { name: "listen twice", weight: 2, run: listenTwice },
  { name: "subscribe", weight: 3, run: subscribe },
  { name: "question", weight: 3, on: ["session", "modern"], run: question },
];
