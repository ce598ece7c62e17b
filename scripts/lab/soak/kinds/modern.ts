/** Traffic of MCP 2026-07-28: no sessions; leaving a stream cancels its call. */
import { excerpt, type OnMessage, Refusal, textIn, Wrong } from "../../../kit/mcp/answers.ts";
import type { ModernOptions } from "../../../kit/mcp/modern.ts";
import { all, type Kind, left, refused, same, type Visitor } from "./kind.ts";
import { modernListening } from "./modern-listening.ts";

async function call(visitor: Visitor): Promise<void> {
  const text = visitor.text();
  same(await visitor.modern.tool("echo", { text }), text);
}

/** All with the same id: only the connections they come on tell them apart. */
async function callsAtOnce(visitor: Visitor): Promise<void> {
  const one = async () => {
    const text = visitor.text();
    same(await visitor.modern.tool("slow", { text, ms: 30 }, { id: 1 }), text);
  };
  await all([...Array.from({ length: visitor.random.whole(2, 10) }, one), stream(visitor)]);
}

async function stream(visitor: Visitor): Promise<void> {
  const text = visitor.text();
  const steps: unknown[] = [];
  const onMessage: OnMessage = ({ method, params }) => {
    const isOwn = method === "notifications/progress" && params?.["message"] === text;
    if (!isOwn) throw new Wrong(`not for the call with ${text}: ${excerpt({ method, params })}`);
    steps.push(params["progress"]);
  };
  const args = { times: 3, ms: 20, text };
  same(await visitor.modern.tool("progress", args, { progressToken: "p", onMessage }), text);
  if (steps.join() !== "1,2,3") throw new Wrong(`progress came as ${steps.join()}`);
}

async function leave(visitor: Visitor): Promise<void> {
  const { modern, random } = visitor;
  const leaving = new AbortController();
  setTimeout(() => leaving.abort(), random.whole(0, 300));
  const args = { times: 20, ms: 50, text: visitor.text() };
  const calling = modern.tool(random.pick(["progress", "heedless"]), args, {
    progressToken: 1,
    signal: leaving.signal,
  });
  await left(calling.catch((error: unknown) => (leaving.signal.aborted ? undefined : Promise.reject(error as Error))));
}

async function crash(visitor: Visitor): Promise<void> {
  const died = /ended \(.*\) before it answered/;
  const open = visitor.modern.tool("slow", { ms: 1_000, text: visitor.text() });
  await all([refused(visitor.modern.tool("crash", {}), died), left(open)]);
}

async function wrongRequest({ modern, random }: Visitor): Promise<void> {
  const [expected, method, params, options] = random.pick<[string, string, object, ModernOptions]>([
    ["400 -32020", "tools/list", {}, { headers: { "mcp-method": "prompts/list" } }],
    ["400 -32020", "tools/call", { name: "echo", arguments: {} }, { headers: { "mcp-name": "crash" } }],
    ["400 -32020", "tools/call", { name: "echo", arguments: {} }, { headers: { "mcp-name": "" } }],
    ["400 -32022", "tools/list", {}, { version: "2099-01-01" }],
    ["404 -32601", "no/such/method", {}, {}],
  ]);
  const error = await modern.request(method, params, options).catch((error: unknown) => error);
  if (!(error instanceof Refusal)) throw error instanceof Error ? error : new Wrong(`${method} was answered`);
  // A call that had to wait for its turn has been given its status already.
  const got = `${error.status} ${error.code}`;
  if (got !== expected && got !== "200 -32601") throw error;
}

/** The server needs input: its answer says so, and the call is sent again with that input. */
async function inputRequired(visitor: Visitor): Promise<void> {
  const text = visitor.text();
  const asked = await visitor.modern.request("tools/call", { name: "ask", arguments: {} });
  if (asked["resultType"] !== "input_required") throw new Wrong(`no input was required: ${excerpt(asked)}`);
  const more = { requestState: asked["requestState"], inputResponses: { roots: { roots: [], text } } };
  const told = await visitor.modern.request("tools/call", { name: "ask", arguments: {}, ...more });
  if (!textIn(told).includes(text)) throw new Wrong(`the server was given another answer: ${excerpt(told)}`);
}

const kinds: readonly Kind[] = [
  { name: "2026: call", weight: 15, run: call },
  { name: "2026: calls at once", weight: 5, run: callsAtOnce },
  { name: "2026: stream", weight: 6, run: stream },
  { name: "2026: leave", weight: 6, run: leave },
  { name: "2026: input required", weight: 3, on: ["modern"], run: inputRequired },
  { name: "2026: crash", weight: 1, disturbs: true, run: crash },
  { name: "2026: wrong request", weight: 3, run: wrongRequest },
];

export const modern: readonly Kind[] = [...kinds, ...modernListening].map((kind) => ({ ...kind, modern: true }));
