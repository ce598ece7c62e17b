/** V8 copies what is shorter; of more it keeps a reference into the whole (SlicedString). */
const LEAST_SLICE = 13;

/** Whether a part of a message is a reference into the whole. */
export const isAttached = (part: string): boolean => part.length >= LEAST_SLICE;

/** A copy of a part of a message: a slice would keep the whole message in memory for as long as it lives. */
export const detached = (part: string): string =>
  isAttached(part) ? Buffer.from(part, "latin1").toString("latin1") : part;
