/** Subscriptions in MCP 2026-07-28: `subscriptions/listen` is a call whose stream stays open until one side leaves. */
import type { IncomingMessage } from "node:http";
import { excerpt, type OnMessage, Refusal, resultFor, Wrong } from "../../../kit/mcp/answers.ts";
import { type Message, SUBSCRIPTION } from "../../../kit/mcp/messages.ts";
import { type Kind, changeCall, type Visitor } from "./kind.ts";

const CHANGED = "notifications/resources/updated";
const ACKNOWLEDGED = "notifications/subscriptions/acknowledged";

/** Its server may just have ended. */
export const NOT_AGREED = "not agreed to tell of the resource";

class Left extends Error {}

/** Listens, and leaves at once or some time later. */
async function listenAndLeave(visitor: Visitor): Promise<void> {
  const { reply } = await open(visitor);
  setTimeout(() => reply.on("error", () => {}).destroy(), visitor.random.whole(0, 4_000)).unref();
}

async function listenForChange(visitor: Visitor): Promise<void> {
  const { id, reply } = await open(visitor);
  const late = setTimeout(() => reply.destroy(new Wrong("no change notification came")), 10_000);
  let isFirst = true;
  const onMessage: OnMessage = (message) => {
    check(message, id, isFirst);
    if (message.method === CHANGED) throw new Left();
    if (!isFirst) return;
    isFirst = false;
    if (!agreedTo(message, id)) throw new Refusal(200, { code: 0, message: NOT_AGREED });
    visitor.modern.tool(...changeCall(visitor.place, CHANGED, uriOf(id))).catch((error: Error) => reply.destroy(error));
  };
  try {
    await resultFor(reply, id, onMessage); // the stream ends with a result when its server does
  } catch (error) {
    if (!(error instanceof Left)) throw error;
  } finally {
    clearTimeout(late);
  }
}

async function open(visitor: Visitor): Promise<{ id: string; reply: IncomingMessage }> {
  const id = visitor.text();
  const notifications = { toolsListChanged: true, resourceSubscriptions: [uriOf(id)] };
  return { id, reply: await visitor.modern.post("subscriptions/listen", { notifications }, { id }) };
}

function agreedTo({ params }: Message, id: string): boolean {
  const agreed = params?.["notifications"] as { readonly resourceSubscriptions?: readonly string[] } | undefined;
  return agreed?.resourceSubscriptions?.includes(uriOf(id)) ?? false;
}

const uriOf = (id: string) => `soak:${id}`;

/** What comes on the stream is for this subscriber: first the acknowledgement, then the changes. @throws Wrong */
function check(message: Message, id: string, isFirst: boolean): void {
  const { method, params } = message;
  const meta = (params?.["_meta"] ?? {}) as Record<string, unknown>;
  const isOwn = method !== CHANGED || params?.["uri"] === uriOf(id);
  if (isOwn && meta[SUBSCRIPTION] === id && (method === ACKNOWLEDGED) === isFirst) return;
  throw new Wrong(`not for the subscriber ${id}: ${excerpt(message)}`);
}

export const modernListening: readonly Kind[] = [
  { name: "2026: listen and leave", weight: 3, run: listenAndLeave },
  { name: "2026: listen for a change", weight: 2, run: listenForChange },
];
