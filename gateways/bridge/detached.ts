/** A copy of a part of a message: a slice would keep the whole message in memory for as long as it lives. */
export const detached = (part: string): string => Buffer.from(part, "latin1").toString("latin1");
