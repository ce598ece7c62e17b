/**
 * Firecrawl: `GET /team/credit-usage` (https://docs.firecrawl.dev/api-reference/endpoint/credit-usage). No question of its API is answered
 * with whose a key is, so the key itself is the identity: two keys of one team are two callers.
 */
import { hash } from "node:crypto";
import { askApi, refusalIn, type AskApi } from "./ask-api.ts";
import { ApiUnavailable, type Verifier } from "./verifier.ts";

const CREDITS = "https://api.firecrawl.dev/v2/team/credit-usage";

/** @param ask @default - asks the real one */
export const firecrawlVerifier = (ask: AskApi = askApi): Verifier => ({
  name: "firecrawl",
  foreign: /^(?!fc-)/,
  verifyToken: async (key) => {
    const answer = await ask(CREDITS, key);
    const error = refusalIn(answer);
    if (error !== undefined) return { valid: false, error };
    if (answer.body["success"] !== true) throw new ApiUnavailable("its answer says nothing of a team");
    return { valid: true, clientId: keyIdentity(key) };
  },
});

/** `key-` and the first 32 digits of the key's SHA-256, as `printf %s "$KEY" | sha256sum` prints it. */
const keyIdentity = (key: string) => `key-${hash("sha256", key, "hex").slice(0, 32)}`;
