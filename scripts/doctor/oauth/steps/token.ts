/** Requests to the token endpoint. */
import type { Reply } from "../ask.ts";
import type { Replay } from "../outcome.ts";
import type { Authorization } from "./authorize.ts";
import type { Discovered } from "./discovery.ts";
import { errorIn, type Registered } from "./register.ts";

/** What a login has given. */
export interface Tokens {
  readonly access: string;
  readonly refresh: string | undefined;
}

/** What a client knows when it has been registered. */
export interface Ready {
  readonly url: string;
  readonly discovered: Discovered;
  readonly registered: Registered;
}

/** Without a login: a wrong code, and a wrong media type. */
export async function probeToken(replay: Replay, ready: Ready): Promise<void> {
  replay.enter("token");
  const [redirect = ""] = ready.registered.redirects;
  const body = formOf(ready, {
    grant_type: "authorization_code",
    code: "doctor",
    redirect_uri: redirect,
    code_verifier: "x".repeat(43),
  });
  const { status, json, text } = await post(replay, ready, body);
  if (status !== 400 || json?.["error"] !== "invalid_grant")
    replay.note("token-endpoint", { status, reason: errorIn(json) ?? text.slice(0, 80) }, stateOf(status, json));
  const mixed = { "content-type": "application/json, application/x-www-form-urlencoded" };
  const odd = await replay.ask(endpointOf(ready), { method: "POST", body, headers: mixed });
  if (odd.status < 400 || odd.status > 499) replay.note("token-media-type", { status: odd.status });
}

/** Another error of RFC 6749 is told, as long as it does not say that the client itself is refused. */
const stateOf = (status: number, json: Reply["json"]) =>
  status === 400 && json?.["error"] !== "invalid_client" ? "warning" : "failed";

/**
 * The code for tokens. A wrong resource is tried first, which must not use up the code.
 * @returns undefined when it did, which is noted
 * @throws Stop
 */
export async function exchange(
  replay: Replay,
  ready: Ready,
  code: string,
  { redirect, verifier }: Authorization,
): Promise<Tokens | undefined> {
  const fields = { grant_type: "authorization_code", code, redirect_uri: redirect, code_verifier: verifier };
  const wrong = formOf(ready, { ...fields, resource: "https://doctor.invalid/mcp" });
  const early = await post(replay, ready, wrong);
  const right = early.status === 200 ? early : await post(replay, ready, formOf(ready, fields));
  if (right.status === 200 || !errorIn(early.json)?.startsWith("invalid_target")) return tokensOf(replay, right);
  replay.note("code-burnt");
  return undefined;
}

/** The code for tokens, as the client does it. @throws Stop */
export async function redeem(
  replay: Replay,
  ready: Ready,
  code: string,
  { redirect, verifier }: Authorization,
): Promise<Tokens> {
  const fields = { grant_type: "authorization_code", code, redirect_uri: redirect, code_verifier: verifier };
  return tokensOf(replay, await post(replay, ready, formOf(ready, fields)));
}

function tokensOf(replay: Replay, reply: Reply): Tokens {
  if (reply.status !== 200) return replay.fail("token-refused", { reason: errorIn(reply.json) ?? reply.status });
  const tokens = tokensIn(reply);
  if (tokens.refresh === undefined) replay.note("no-refresh-token");
  const seconds = Number(reply.json?.["expires_in"]);
  if (seconds <= SHORT) replay.note("token-short", { seconds });
  return tokens;
}

/** Seconds: Claude's connections end once or twice a day with tokens of an hour. */
const SHORT = 3_600;

/** A refresh (RFC 6749, section 6). */
export const refresh = (replay: Replay, ready: Ready, token: string): Promise<Reply> =>
  post(replay, ready, formOf(ready, { grant_type: "refresh_token", refresh_token: token }));

/** Ends a grant by its refresh token (RFC 7009), or by its access token where there is none. */
export async function revoke(replay: Replay, ready: Ready, { access, refresh: token }: Tokens): Promise<void> {
  const endpoint = ready.discovered.metadata["revocation_endpoint"];
  if (typeof endpoint !== "string") return replay.note("no-revocation", { status: "no endpoint" });
  const body = new URLSearchParams({ token: token ?? access, client_id: ready.registered.clientId });
  const { status } = await replay.ask(endpoint, { method: "POST", body });
  if (status !== 200) replay.note("no-revocation", { status });
}

/** The tokens of an answer. */
export const tokensIn = ({ json }: Reply): Tokens => ({
  access: String(json?.["access_token"]),
  refresh: typeof json?.["refresh_token"] === "string" ? json["refresh_token"] : undefined,
});

const endpointOf = ({ discovered }: Ready) => String(discovered.metadata["token_endpoint"]);

const post = (replay: Replay, ready: Ready, body: URLSearchParams) =>
  replay.ask(endpointOf(ready), { method: "POST", body });

/** A public client names itself in the form; the resource goes with every request (RFC 8707). */
const formOf = ({ discovered, registered }: Ready, fields: Readonly<Record<string, string>>) =>
  new URLSearchParams({ client_id: registered.clientId, resource: discovered.resource, ...fields });
