/**
 * GitHub: `GET /user` (https://docs.github.com/rest/users/users#get-the-authenticated-user). An account is known by its number: its
 * name can be changed, and then be taken by somebody else.
 */
import { askApi, refusalIn, secondsIn, type ApiAnswer, type AskApi } from "./ask-api.ts";
import { ApiUnavailable, type Verifier } from "./verifier.ts";

const USER = "https://api.github.com/user";

/** @param ask @default - asks the real one */
export const githubVerifier = (ask: AskApi = askApi): Verifier => ({
  name: "github",
  foreign: /^fc-/,
  verifyToken: async (token) => {
    const answer = await ask(USER, token);
    requireTime(answer);
    const error = refusalIn(answer);
    if (error !== undefined) return { valid: false, error };
    const { id } = answer.body;
    if (typeof id !== "number" || !Number.isSafeInteger(id) || id <= 0)
      throw new ApiUnavailable("its answer names no account");
    return { valid: true, clientId: String(id) };
  },
});

/**
 * With 403 it also says that there were too many requests, or too many wrong tokens from our address: for a while it then
 * refuses right ones, too (https://docs.github.com/rest/authentication/authenticating-to-the-rest-api#failed-login-limit).
 * @throws ApiUnavailable
 */
function requireTime({ status, header, body }: ApiAnswer): void {
  if (status !== 403) return;
  const isSpent = header("retry-after") !== undefined || header("x-ratelimit-remaining") === "0";
  const { message } = body;
  if (isSpent || (typeof message === "string" && /rate limit|login attempts|abuse/i.test(message)))
    throw new ApiUnavailable("HTTP 403: too many requests", secondsIn(header("retry-after")));
}
