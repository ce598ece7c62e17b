/** V8 copies what is shorter; of more it keeps a reference into the whole (SlicedString). */
const LEAST_SLICE = 13;

/** A copy of a part of a message: a slice would keep the whole message in memory for as long as it lives. */
export const detached = (part: string): string =>
  part.length < LEAST_SLICE ? part : Buffer.from(part, "latin1").toString("latin1");
