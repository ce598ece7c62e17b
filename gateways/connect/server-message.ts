/** Reads what a server sends: nothing but whole messages reaches the client. */
import { mayHoldNonNumbers, withoutNonNumbers } from "../json/numbers.ts";
import { checkJson, MAX_DEPTH } from "../json/strict.ts";
import { readMessage, withId, type Message } from "../jsonrpc.ts";

/** The message in a text, with nothing in its envelope that does not belong there. @returns undefined when it is none */
export function readServerMessage(received: string): Message | undefined {
  const text = mayHoldNonNumbers(received) ? withoutNonNumbers(received) : received;
  const read = readMessage(text);
  return read?.dropped === undefined ? read : readMessage(withId(read));
}

/** Whether all of a message is JSON, and not its envelope alone. What is nested deeply is passed on. */
export const isSound = ({ text }: Message): boolean =>
  checkJson(Buffer.from(text, "latin1"), text, MAX_DEPTH) !== "malformed";
