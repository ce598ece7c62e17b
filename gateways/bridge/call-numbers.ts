/** Numbers that calls carry at a server, as ids and as progress tokens. */
import { randomFillSync } from "node:crypto";

/** How many random numbers are drawn at once: one by one they cost twenty times as much. */
const pool = new Uint32Array(1_024);
let left = 0;

/**
 * A number that nobody can guess, whatever other numbers they have seen. It fits in 31 bits, because servers in use keep ids
 * as signed 32-bit integers, and it is never 0, which some take for none.
 */
export function randomNumber(): number {
  for (;;) {
    if (left === 0) {
      randomFillSync(pool);
      left = pool.length;
    }
    const number = (pool[--left] as number) >>> 1;
    if (number !== 0) return number;
  }
}
