/** Servers that die, hang, answer late, or write garbage. */
import { setTimeout as sleep } from "node:timers/promises";
import { Session } from "../session.ts";
import { MAX_LINE, REQUEST_TIMEOUT } from "../setups.ts";
import { all, type Kind, left, refused, same, type Visitor } from "./kind.ts";

const DIED = /ended \(.*\) before it answered/;
const TIMED_OUT = /did not answer tools\/call within/;
/** A call that was sent first may arrive second: then it meets the next server, and times out there. */
const DIED_OR_LATE = new RegExp(`${DIED.source}|${TIMED_OUT.source}`);

/** A server that ends takes every open call with it; the session continues with the next server. */
async function crash(visitor: Visitor): Promise<void> {
  const session = await visitor.session();
  // A serial server would have to finish the other call first.
  const open = visitor.place === "serial" ? [] : [refused(openCall(visitor, session), DIED_OR_LATE)];
  const crashing = sleep(visitor.random.whole(5, 50)).then(() => session.tool("crash"));
  await all([...open, refused(crashing, DIED)]);
  await goesOn(visitor, session);
}

async function kill(visitor: Visitor): Promise<void> {
  const session = await visitor.session();
  const open = openCall(visitor, session); // first: an idle session may be given another server
  const killing = session
    .tool("pid")
    .then((pid) => visitor.kill(Number(pid), visitor.random.pick(["SIGKILL", "SIGTERM"])));
  await all([refused(open, DIED_OR_LATE), killing]);
  await goesOn(visitor, session);
}

const openCall = (visitor: Visitor, session: Session) => session.tool("slow", { ms: 20_000, text: visitor.text() });

/** Not where others share the server: what it writes for them would become part of that line. */
async function lineWithoutEnd(visitor: Visitor): Promise<void> {
  const session = await Session.open(visitor.http);
  const tooLong = `wrote a line over ${MAX_LINE} bytes`;
  // A busy machine may not get there in time.
  await refused(session.tool("endless"), new RegExp(`${tooLong}|${TIMED_OUT.source}`));
  await left(session.end());
}

/** The answer comes when nobody waits for it any more. */
async function lateAnswer(visitor: Visitor): Promise<void> {
  const session = await visitor.session();
  const ms = REQUEST_TIMEOUT + visitor.random.whole(50, 1_500);
  await refused(session.tool("heedless", { ms, text: visitor.text() }), TIMED_OUT);
  await goesOn(visitor, session);
}

/** A server that no longer reads cannot be told to end, either. */
async function deaf(visitor: Visitor): Promise<void> {
  const session = await Session.open(visitor.http);
  same(await session.tool("deaf"), "deaf");
  // Meanwhile the session may have been put to sleep, and wakes with a server that reads.
  const asking = goesOn(visitor, session);
  await asking.catch((error: unknown) => refused(Promise.reject(error as Error), TIMED_OUT));
  if (visitor.random.chance(0.5)) await left(session.end());
}

/** Lines that are no answer, then the answer, then answers that nobody asked for. */
async function garbage(visitor: Visitor): Promise<void> {
  const session = await visitor.session();
  const text = visitor.text();
  const answer = JSON.stringify({ jsonrpc: "2.0", id: "$ID", result: { content: [{ type: "text", text }] } });
  const right = answer.replace('"$ID"', "$ID");
  const wrong = ["not JSON", "[]", '{"jsonrpc":"2.0"}', answer, right.replace("$ID", "1"), '{"jsonrpc":"2.0","id":1'];
  const lines = [...wrong, right, right, ...wrong].join("\n");
  same(await session.tool("raw", { text: lines }), text);
}

async function brokenAnswer(visitor: Visitor): Promise<void> {
  const session = await visitor.session();
  const broken = '{"jsonrpc":"2.0","id":$ID,"result":{"content":';
  await refused(session.tool("raw", { text: broken }), /sent an answer that is not a JSON-RPC message/);
}

async function goesOn(visitor: Visitor, session: Session): Promise<void> {
  const text = visitor.text();
  same(await session.tool("echo", { text }), text);
}

export const misbehaviour: readonly Kind[] = [
  { name: "crash", weight: 3, disturbs: true, run: crash },
  { name: "kill", weight: 3, on: ["session", "shared"], disturbs: true, run: kill },
  { name: "line without end", weight: 1, on: ["session"], run: lineWithoutEnd },
  { name: "late answer", weight: 2, disturbs: true, run: lateAnswer },
  { name: "deaf server", weight: 1, on: ["session"], run: deaf },
  { name: "garbage", weight: 5, run: garbage },
  { name: "broken answer", weight: 3, run: brokenAnswer },
];
