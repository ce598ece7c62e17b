/** A part of a text keeps the whole text in memory. What stays longer than the message that it was cut from is a copy. */
export const detached = (part: string): string => Buffer.from(part, "latin1").toString("latin1");
