/** Sessions: ended, abandoned, and opened by many at once. */
import { setTimeout as sleep } from "node:timers/promises";
import { Session } from "../session.ts";
import { all, type Kind, left, same, type Visitor } from "./kind.ts";

const VERSIONS = ["2025-11-25", "2025-06-18", "2025-03-26", "2024-11-05"];

async function use(visitor: Visitor): Promise<Session> {
  const session = await Session.open(visitor.http, visitor.random.pick(VERSIONS));
  const text = visitor.text();
  same(await session.tool("echo", { text }), text);
  return session;
}

const ended = async (visitor: Visitor) => (await use(visitor)).end();

async function abandoned(visitor: Visitor): Promise<void> {
  const session = await use(visitor);
  if (visitor.random.chance(0.3)) (await session.listen()).on("error", () => {}).destroy();
  if (visitor.random.chance(0.3)) visitor.forget(); // and the one from before, with all its open calls
}

/** Many open at once. Some leave before they learn their id, some never call, some go on. */
async function openedAtOnce(visitor: Visitor): Promise<void> {
  await all(Array.from({ length: visitor.random.whole(3, 8) }, () => one(visitor)));
}

async function one(visitor: Visitor): Promise<void> {
  if (visitor.random.chance(0.6)) return void (await use(visitor));
  const leave = new AbortController();
  const opening = Session.open(visitor.http, undefined, leave.signal);
  await Promise.race([left(opening), sleep(visitor.random.whole(0, 150))]);
  leave.abort();
  await left(opening);
}

export const sessions: readonly Kind[] = [
  { name: "session ended", weight: 5, run: ended },
  { name: "session abandoned", weight: 5, run: abandoned },
  { name: "opened at once", weight: 1, run: openedAtOnce },
];
