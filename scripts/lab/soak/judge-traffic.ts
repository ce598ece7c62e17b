/** Whether the traffic was right: no wrong answer, and no kind that is mostly refused. */
import type { Finding } from "./judge.ts";
import type { KindCounts } from "./tally.ts";

/** Fewer tries say nothing. */
const ENOUGH = 10;
/** Servers crash, hang and are busy, but more than this share must get through. */
const LEAST_OK = 0.5;

export function judgeTraffic(all: readonly KindCounts[]): Finding[] {
  return all.flatMap(({ kind, ok, refused, wrong, mistake = "" }): Finding[] => {
    if (wrong > 0) return [{ what: `"${kind}" went wrong`, from: "", to: wrong, most: 0, look: mistake }];
    const tries = ok + refused;
    if (tries < ENOUGH || ok >= tries * LEAST_OK) return [];
    const look = "the gateway refuses too much: is a server kept from starting again?";
    return [{ what: `"${kind}" got through, of ${tries}`, from: "", to: ok, most: "at least half", look }];
  });
}
