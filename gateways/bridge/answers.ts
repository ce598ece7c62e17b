/** Answers that the gateway gives itself, and answers to its own requests. */
import { decode, find } from "../jsonrpc.ts";
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
    if (error) throw new ErrorAnswer(method, decode(text, error) ?? {});
    return result && decode(text, result);
  } catch (wrong) {
    throw wrong instanceof ErrorAnswer ? wrong : new Error(`${method}: ${(wrong as Error).message}`, { cause: wrong });
  }
}
