/** One MCP session by each of the three ways in, through a proxy. */
import { on, once } from "node:events";
import { connect } from "node:http2";
import { WebSocket } from "ws";
import { authority, eventsIn, open, type Open, type Question, type Target } from "./asking.ts";
import { TOKEN } from "./gateway.ts";

/** A message, and when it came. */
export interface Came {
  readonly message: Message;
  readonly at: number;
}

export interface Message {
  readonly id?: number | string;
  readonly method?: string;
  readonly result?: { readonly content?: readonly { readonly text: string }[] };
}

/** A session whose messages are read one after the other. */
export interface Conversation {
  readonly send: (message: object) => Promise<void>;
  /** Sends a request. @returns what comes on its stream, its answer last */
  readonly request: (method: string, params: object) => AsyncGenerator<Came>;
  readonly leave: () => void;
}

const initialize = (name: string) => ({
  protocolVersion: "2025-11-25",
  capabilities: { roots: {} },
  clientInfo: { name, version: "1" },
});

const authorization = { authorization: `Bearer ${TOKEN}` };

/** By the names of their paths. */
export const conversations: Readonly<
  Record<"/mcp" | "/sse" | "/ws", (target: Target, client?: string) => Promise<Conversation>>
> = {
  "/mcp": overMcp,
  "/sse": overSse,
  "/ws": overWebSocket,
};

export type WayIn = keyof typeof conversations;

/** The text that a tool answers with. */
export async function call(conversation: Conversation, name: string, args: object = {}): Promise<string | undefined> {
  const answer = await last(conversation.request("tools/call", { name, arguments: args }));
  return answer?.message.result?.content?.[0]?.text;
}

/** The last of what comes. */
export async function last<T>(all: AsyncIterable<T>): Promise<T | undefined> {
  let latest: T | undefined;
  for await (const one of all) latest = one;
  return latest;
}

async function overMcp(target: Target, client = "test"): Promise<Conversation> {
  const headers: Record<string, string> = {
    ...authorization,
    "content-type": "application/json",
    accept: "application/json, text/event-stream",
  };
  const post = (message: object) => open(target, { path: "/mcp", headers, body: encode(message) });
  let lastId = 0;
  async function* request(method: string, params: object): AsyncGenerator<Came> {
    const id = ++lastId;
    const answer = await post({ id, method, params });
    const session = answer.headers["mcp-session-id"];
    if (typeof session === "string") headers["mcp-session-id"] = session;
    for await (const came of messagesOf(answer)) {
      yield came;
      if (isAnswer(came, id)) return;
    }
  }
  const send = async (message: object) => void (await (await post(message)).text());
  const conversation = { send, request, leave: () => {} };
  return begun(conversation, client);
}

async function overSse(target: Target, client = "test"): Promise<Conversation> {
  const stream = await open(target, { path: "/sse", headers: { ...authorization, accept: "text/event-stream" } });
  if (stream.status !== 200) throw new Error(`GET /sse: HTTP ${stream.status} ${await stream.text()}`);
  const endpoint = (await stream.events.next()).value as { readonly data: string };
  const { pathname, search } = new URL(endpoint.data, "http://proxy/sse");
  const headers = { ...authorization, "content-type": "application/json" };
  const question = (message: object): Question => ({ path: pathname + search, headers, body: encode(message) });
  const send = async (message: object) => void (await (await open(target, question(message))).text());
  return begun(onOneStream(send, parsed(stream.events), stream.leave), client);
}

/** `/sse` over one connection of HTTP/2, as browsers and many clients speak it. */
export async function overHttp2(target: Target): Promise<Conversation> {
  const { port, host } = target;
  const connection = connect(`https://127.0.0.1:${port}`, { rejectUnauthorized: false, servername: host });
  const own = { ":authority": authority(target), ...authorization };
  const events = eventsIn(connection.request({ ...own, ":path": "/sse", accept: "text/event-stream" }));
  const endpoint = ((await events.next()).value as { readonly data: string }).data;
  const { pathname, search } = new URL(endpoint, "http://proxy/sse");
  const head = { ...own, ":method": "POST", ":path": pathname + search, "content-type": "application/json" };
  const send = async (message: object) => {
    const answer = connection.request(head).end(encode(message)).resume();
    await once(answer, "close");
  };
  return begun(
    onOneStream(send, parsed(events), () => connection.destroy()),
    "test",
  );
}

async function overWebSocket(target: Target, client = "test"): Promise<Conversation> {
  const options = {
    headers: { host: authority(target), ...authorization },
    rejectUnauthorized: false,
    servername: target.host,
  };
  const socket = new WebSocket(`${target.https ? "wss" : "ws"}://127.0.0.1:${target.port}/ws`, ["mcp"], options);
  const frames = framesOf(socket);
  await once(socket, "open");
  const send = async (message: object) => socket.send(encode(message));
  return begun(
    onOneStream(send, frames, () => socket.terminate()),
    client,
  );
}

/** A session whose answers all come on one stream. */
function onOneStream(
  send: (message: object) => Promise<void>,
  incoming: AsyncGenerator<Came>,
  leave: () => void,
): Conversation {
  let lastId = 0;
  async function* request(method: string, params: object): AsyncGenerator<Came> {
    const id = ++lastId;
    await send({ id, method, params });
    for (;;) {
      const { value, done } = await incoming.next();
      if (done) throw new Error("the stream has ended");
      yield value;
      if (isAnswer(value, id)) return;
    }
  }
  return { send, request, leave };
}

async function begun(conversation: Conversation, client: string): Promise<Conversation> {
  await last(conversation.request("initialize", initialize(client)));
  await conversation.send({ method: "notifications/initialized" });
  return conversation;
}

const encode = (message: object) => JSON.stringify({ jsonrpc: "2.0", ...message });

const isAnswer = ({ message }: Came, id: number) => message.id === id && message.method === undefined;

/** What a POST is answered with: events, or one document. */
async function* messagesOf({ status, headers, events, text }: Open): AsyncGenerator<Came> {
  if (headers["content-type"]?.startsWith("text/event-stream")) return yield* parsed(events);
  const body = await text();
  if (status !== 200) throw new Error(`HTTP ${status} ${body}`);
  yield { message: JSON.parse(body) as Message, at: performance.now() };
}

async function* parsed(events: Open["events"]): AsyncGenerator<Came> {
  for await (const { data, at } of events) yield { message: JSON.parse(data) as Message, at };
}

/** The frames of a WebSocket, from now on. */
async function* framesOf(socket: WebSocket): AsyncGenerator<Came> {
  const frames = on(socket, "message", { close: ["close"] }) as AsyncIterable<[Buffer]>;
  for await (const [data] of frames) yield { message: JSON.parse(data.toString()) as Message, at: performance.now() };
}
