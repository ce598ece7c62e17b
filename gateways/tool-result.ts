/** Whether a tool says that it has failed. */
import { find, type Message } from "./jsonrpc.ts";

/** Whether a result has `isError: true`. A native search tells at once of nearly all that they have not. */
export function saysError({ text, result }: Message): boolean {
  for (let at = text.indexOf(IS_ERROR, result); at >= 0; at = text.indexOf(IS_ERROR, at + 1)) {
    if (text.startsWith("false", valueAfter(text, at))) continue;
    const value = find(text, result, "isError");
    return value !== undefined && text.startsWith("true", value.start);
  }
  return false;
}

const IS_ERROR = '"isError"';

function valueAfter(text: string, key: number): number {
  let at = key + IS_ERROR.length;
  while (text[at] === ":" || text[at] === " ") at++;
  return at;
}

/** Whether an answer to a call of a tool tells of a failure: of the tool, or of whatever answers in its place. */
export const isFailure = (answer: Message): boolean => answer.error >= 0 || saysError(answer);
