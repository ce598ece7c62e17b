/** The error of a server that does not start. */
import { GatewayError, lookInLog } from "../errors.ts";

/** Why it did not start. */
export interface StartFailure {
  /** In words that follow "did not start:". */
  readonly reason: string;
  /** What is wrong and what to do, in whole sentences. @default - where to look */
  readonly hint?: string | undefined;
}

/** @param options.retryAfter seconds until the next try */
export function startFailed(
  service: string,
  { reason, hint }: StartFailure,
  options: { readonly retryAfter?: number } = {},
): GatewayError {
  const short = reason.replace(/\.$/, "");
  return new GatewayError("child-start-failed", { service, reason: short, hint, remedy: hint ?? lookInLog }, options);
}
