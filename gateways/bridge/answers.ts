/** Answers that the gateway itself gives, or that are given to it. Touches nothing outside itself. */
import { decode, find } from "../jsonrpc.ts";
import { META } from "./versions.ts";

/** How a subscription ends in good order (MCP 2026-07-28, Subscriptions, "Graceful Closure"). */
export const endOfSubscription = (id: number | string) =>
  `{"jsonrpc":"2.0","id":${id},"result":{"resultType":"complete","_meta":{"${META.subscription}":${id}}}}`;

/** A server answered a request of the gateway's own with an error. */
export class ErrorAnswer extends Error {
  readonly code: unknown;

  constructor(method: string, { code, message = "no result" }: { code?: unknown; message?: unknown }) {
    super(`${method}: ${String(message)}`);
    this.code = code;
  }
}

/** The result in an answer. @throws ErrorAnswer with what the server says is wrong */
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
