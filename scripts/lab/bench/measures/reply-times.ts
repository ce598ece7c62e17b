/** How long replies of one size take. */
import type { Connection } from "../client.ts";
import { checkText } from "../reply-message.ts";
import type { Session } from "../session.ts";

const leastCalls = 3;
/** A target that needs this long is not asked again. */
const mostMs = 5_000;

/** The times of some calls, in ms, to the last byte of the reply, without the time that the check takes. */
export async function replyTimes(
  session: Session,
  connection: Connection,
  bytes: number,
  budgetMs: number,
): Promise<number[]> {
  const expected = "x".repeat(bytes);
  const times: number[] = [];
  const began = performance.now();
  for (let spent = 0; spent < budgetMs || (times.length < leastCalls && spent < mostMs);) {
    const id = bytes + times.length;
    const started = performance.now();
    const reply = await session.ask(connection, id, "big", `{"bytes":${bytes}}`);
    times.push(performance.now() - started);
    checkText(reply, id, expected);
    spent = performance.now() - began;
  }
  return times.length === 1 ? times : times.slice(1); // with the first one, the child had to make the reply
}
