/**
 * Whether an upstream still knows the session that a request named. The specification has one sign of a lost session, 404
 * (MCP 2025-11-25, Transports, "Session Management"). Servers in use have more: 400 with "No valid session ID provided", which
 * the reference SDK's own example says, 410, 503, or 200 with a JSON-RPC error. Every sign but 404 and 410 can mean
 * something else, so it only raises a doubt, and the upstream is asked.
 */

/** What a response says about the session: it is lost, it may be, or the response is about something else. */
export type Verdict = "lost" | "doubtful" | "held";

/** Ways to say that there is no such session. */
const LOST = new RegExp(
  [
    String.raw`\b(no|unknown|invalid|expired|missing|stale|bad|unrecognized|terminated|closed)( valid| active| such| or expired| or missing)* (mcp )?(session|transport)`,
    String.raw`\bsession[ _-]?(id)?\b.{0,80}\b(not found|not exist|not valid|not recognized|unknown|invalid|expired|terminated|closed|ended|missing|required|no longer|gone|timed out|lost)`,
    String.raw`(not find|not found|lost|expired|terminated|no longer).{0,40}\bsession`,
    String.raw`server (is )?not initialized|not been initialized|before initialization|initialize first|must (be )?initialize`,
  ].join("|"),
  "i",
);

/** A client error about the request itself, or about who sends it. */
const ABOUT_OTHER_THINGS: ReadonlySet<number> = new Set([
  401, 402, 403, 405, 406, 407, 408, 411, 413, 415, 425, 429, 431,
]);

/** Whether a text says that there is no such session. */
export const speaksOfLoss = (said: string): boolean => LOST.test(said.slice(0, 4_096));

/**
 * Judges the response to a request that named a session.
 * @param said the body, as far as it is short
 */
export function verdictOn(status: number, said: string): Verdict {
  if (speaksOfLoss(said)) return status === 404 || status === 410 ? "lost" : "doubtful";
  if (/"code"\s*:\s*-3260[12]\b/.test(said)) return "held"; // an error about the message: 404 is also "no such method"
  if (status === 404 || status === 410) return "lost";
  return status < 400 || ABOUT_OTHER_THINGS.has(status) ? "held" : "doubtful";
}

/** Whether a request was refused before it could run, given that its session is lost. A 5xx may have come in the middle of it. */
export const refusedUnrun = (status: number, said: string): boolean => status < 500 || speaksOfLoss(said);
