/** Answers that the gateway gives itself, and answers to its own requests. */
import { eachMember } from "../json/scan.ts";
import { decode, find, idNumber, written } from "../jsonrpc.ts";
import { META } from "./versions.ts";

/** The result that ends a subscription gracefully (MCP 2026-07-28, Subscriptions, "Graceful Closure"). */
export const endOfSubscription = (id: number | string) =>
  `{"jsonrpc":"2.0","id":${id},"result":{"resultType":"complete","_meta":{"${META.subscription}":${id}}}}`;

/** A server answered a request of the gateway's own with an error. */
export class ErrorAnswer extends Error {
  readonly code: unknown;
  /** The error as the server sent it. */
  readonly error: { readonly message?: unknown; readonly data?: unknown };

  constructor(method: string, error: { code?: unknown; message?: unknown; data?: unknown }) {
    super(`${method}: ${typeof error.message === "string" ? error.message : "no result"}`);
    this.code = error.code;
    this.error = error;
  }
}

/** The result in an answer. @throws ErrorAnswer with the server's own message */
export function resultOf(text: string, method: string): unknown {
  const error = find(text, 0, "error");
  const result = find(text, 0, "result");
  try {
    if (error) throw new ErrorAnswer(method, errorIn(decode(text, error)));
    return result && decode(text, result);
  } catch (wrong) {
    throw wrong instanceof ErrorAnswer ? wrong : new Error(`${method}: ${(wrong as Error).message}`, { cause: wrong });
  }
}

/** Some servers send the message alone as the error. */
const errorIn = (sent: unknown) => (typeof sent === "string" ? { message: sent } : (sent ?? {}));

/**
 * The number of the call that a text was meant to answer although it is no message, by the members before its first mistake,
 * or by the first id behind it.
 * Logs on standard output quote messages and number their lines, so a `result`, an `error` or the version has to stand beside
 * the id.
 * @returns NaN when it was not meant as an answer
 */
export function meantFor(text: string): number {
  let number = Number.NaN;
  // Two objects on one line are no message either: the second may be the answer.
  for (let at = 0; at >= 0 && at < text.length && Number.isNaN(number);) {
    let id: string | undefined;
    let isAnswer = false;
    at = eachMember(text, at, (key, start, end) => {
      if (key === "id") id = text.slice(start, end);
      else if (key === "jsonrpc" || key === "result" || key === "error") isAnswer = true;
    });
    if (isAnswer) number = idNumber(at < 0 ? (id ?? anyId(text)) : id);
  }
  return number;
}

const anyId = (text: string) => /"id"\s*:\s*("?\d+"?)/.exec(text)?.[1];

/**
 * The error in an answer that names no request, as JSON-RPC 2.0, section 5, has it when a request could not be read.
 * @returns undefined when the text is no such answer
 */
export function errorWithoutId(text: string): string | undefined {
  const isAnswer =
    (written(text, 0, "id") ?? "null") === "null" && !find(text, 0, "method") && !find(text, 0, "result");
  const error = isAnswer && written(text, 0, "jsonrpc") === '"2.0"' ? written(text, 0, "error") : undefined;
  return error?.startsWith("{") ? error : undefined;
}
