/** Coda: `GET /whoami` (https://coda.io/developers/apis/v1#tag/Account). An account is known by the e-mail address that it logs in with. */
import { askApi, refusalIn, type AskApi } from "./ask-api.ts";
import { ApiUnavailable, type Verifier } from "./verifier.ts";

const WHOAMI = "https://coda.io/apis/v1/whoami";

/** @param ask @default - asks the real one */
export const codaVerifier = (ask: AskApi = askApi): Verifier => ({
  name: "coda",
  foreign: /^(gh[a-z]_|github_pat_|fc-)/,
  verifyToken: async (token) => {
    const answer = await ask(WHOAMI, token);
    const error = refusalIn(answer);
    if (error !== undefined) return { valid: false, error };
    const { loginId } = answer.body;
    if (typeof loginId !== "string" || loginId === "") throw new ApiUnavailable("its answer names no account");
    return { valid: true, clientId: loginId.toLowerCase() };
  },
});
