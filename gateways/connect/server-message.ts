/** Reads what a server sends: nothing but whole messages reaches the client. */
import { isUtf8 } from "node:buffer";
import { mayHoldNonNumbers, withoutNonNumbers } from "../json/numbers.ts";
import { checkJson, MAX_DEPTH } from "../json/strict.ts";
import { readMessage, withId, type Message } from "../jsonrpc.ts";

/** The message in a text, with nothing in its envelope that does not belong there. @returns undefined when it is none */
export function readServerMessage(received: string): Message | undefined {
  const characters = inUtf8(received);
  const text = mayHoldNonNumbers(characters) ? withoutNonNumbers(characters) : characters;
  const read = readMessage(text);
  return read?.dropped === undefined ? read : readMessage(withId(read));
}

/** A client may stop reading at bytes that are no character: they become U+FFFD. */
function inUtf8(text: string): string {
  if (!BEYOND_ASCII.test(text)) return text;
  const bytes = Buffer.from(text, "latin1");
  return isUtf8(bytes) ? text : Buffer.from(bytes.toString("utf8")).toString("latin1");
}

const BEYOND_ASCII = /[\x80-\xff]/;

/** Whether all of a message is JSON, and not its envelope alone. What is nested deeply is passed on. */
export function isSound({ text }: Message): boolean {
  const checked = checkJson(Buffer.from(text, "latin1"), text, MAX_DEPTH);
  return checked === "too-deep" ? isJson(text) : checked === "valid";
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}
