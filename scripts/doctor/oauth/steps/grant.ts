/** What needs a login: the tokens, what they open, how they are refreshed and how they end. */
import { setTimeout as sleep } from "node:timers/promises";
import { errorIn } from "./register.ts";
import { type Authorization, authorization } from "./authorize.ts";
import { accepts, initialize } from "./discovery.ts";
import { exchange, type Ready, redeem, refresh, revoke, type Tokens, tokensIn } from "./token.ts";
import type { Replay } from "../outcome.ts";

/** Where the user logs in. */
export interface Browser {
  /** @returns the address that the browser was sent back to; undefined when nobody logged in */
  readonly visit: (request: Authorization) => Promise<URL | undefined>;
  /** Whether the page named the host of the client and of the redirect; undefined when nobody knows. */
  readonly namedHosts?: (request: Authorization) => Promise<boolean | undefined>;
}

/** The whole life of a login as this client lives it. @param peers clients whose check of the new token is replayed with it */
export async function liveThrough(
  replay: Replay,
  ready: Ready,
  browser: Browser,
  peers: readonly Replay[] = [],
): Promise<void> {
  replay.enter("token");
  const first = (await logIn(replay, ready, browser)) ?? (await logInAgain(replay, ready, browser));
  if (!first) return;
  for (const peer of [replay, ...peers]) await verify(peer, ready.url, first.access);
  const second = await logInAgain(replay, ready, browser);
  const latest = await refreshes(replay, ready, first, second);
  await end(replay, ready, latest);
}

/** @returns undefined when its code was used up in vain @throws Stop */
async function logIn(replay: Replay, ready: Ready, browser: Browser): Promise<Tokens | undefined> {
  const [redirect = ""] = ready.registered.redirects;
  const request = authorization(ready.discovered, ready.registered, redirect);
  const code = codeIn(replay, ready, request, await browser.visit(request));
  if ((await browser.namedHosts?.(request)) === false) replay.note("consent-hides-redirect");
  return exchange(replay, ready, code, request);
}

function codeIn(replay: Replay, { discovered }: Ready, { state }: Authorization, back: URL | undefined): string {
  if (!back) return replay.fail("login", { reason: "nothing: nobody logged in in time" });
  const query = Object.fromEntries(back.searchParams);
  const { code, iss } = query;
  if (code === undefined) return replay.fail("login", { reason: errorIn(query) ?? "no code" });
  if (query["state"] !== state) return replay.fail("login", { reason: "another state" });
  const promised = discovered.metadata["authorization_response_iss_parameter_supported"] === true;
  if (promised && iss !== discovered.metadata["issuer"])
    replay.note("iss-missing", { got: iss, expected: String(discovered.metadata["issuer"]) });
  return code;
}

/** As Claude does when a login has succeeded: before it says so to its user. */
async function verify(replay: Replay, url: string, access: string): Promise<void> {
  replay.enter("tools");
  const bearer = { ...accepts, authorization: `Bearer ${access}` };
  const opened = await call(replay, url, initialize(replay.client.name), bearer);
  if (!opened) return;
  const session = opened.headers.get("mcp-session-id");
  const inside = {
    ...bearer,
    "mcp-protocol-version": "2025-11-25",
    ...(session !== null && { "mcp-session-id": session }),
  };
  await replay.ask(url, {
    method: "POST",
    headers: inside,
    body: { jsonrpc: "2.0", method: "notifications/initialized" },
  });
  const listed = await call(replay, url, { jsonrpc: "2.0", id: 2, method: "tools/list" }, inside);
  const tools = (listed?.json?.["result"] as { readonly tools?: readonly unknown[] } | undefined)?.tools;
  if (listed) replay.say(`${tools?.length ?? 0} tools`);
}

/** @returns undefined when it was refused, which is noted */
async function call(
  replay: Replay,
  url: string,
  body: { readonly jsonrpc: string; readonly id: number; readonly method: string; readonly params?: object },
  headers: Readonly<Record<string, string>>,
) {
  const reply = await replay.ask(url, { method: "POST", headers, body });
  if (reply.status === 200 && reply.json?.["result"] !== undefined) return reply;
  const words = { method: body.method, status: reply.status, agent: replay.client.userAgent ?? "of Node" };
  if (reply.status === 403) replay.note("verification-blocked", words);
  else replay.note("verification", { ...words, reason: reply.headers.get("www-authenticate") ?? reply.text });
  return undefined;
}

/** As the same client on another machine: all installations share one client_id. @returns undefined when it did not come back */
async function logInAgain(replay: Replay, ready: Ready, browser: Browser): Promise<Tokens | undefined> {
  replay.enter("token");
  const [redirect = ""] = ready.registered.redirects;
  const request = authorization(ready.discovered, ready.registered, redirect);
  const code = (await browser.visit(request))?.searchParams.get("code");
  return code === undefined || code === null ? undefined : redeem(replay, ready, code, request);
}

/** @returns the tokens that are valid now */
async function refreshes(replay: Replay, ready: Ready, first: Tokens, second: Tokens | undefined): Promise<Tokens> {
  replay.enter("refresh");
  if (first.refresh === undefined) return second ?? first;
  const both = await Promise.all([refresh(replay, ready, first.refresh), refresh(replay, ready, first.refresh)]);
  const [won] = both.filter(({ status }) => status === 200);
  if (!won) {
    const reason = both.map(({ json, status }) => errorIn(json) ?? status).join(" and ");
    replay.note(second ? "grants-shared" : "refresh-race", { got: reason });
    return second ?? first;
  }
  if (both.some(({ status }) => status !== 200))
    replay.note("refresh-race", { got: both.map(({ json, status }) => errorIn(json) ?? status).join(" and ") });
  const late = await refresh(replay, ready, first.refresh);
  if (late.status !== 200) replay.note("refresh-grace", { reason: errorIn(late.json) ?? late.status });
  return late.status === 200 ? tokensIn(late) : tokensIn(won);
}

async function end(replay: Replay, ready: Ready, tokens: Tokens): Promise<void> {
  replay.enter("revoke");
  await statusWith(replay, ready, tokens); // a service that remembers tokens now remembers this one
  await revoke(replay, ready, tokens);
  if (replay.results.get("revoke")!.findings.length > 0) return;
  for (const end = Date.now() + SOON; Date.now() < end; await sleep(50))
    if ((await statusWith(replay, ready, tokens)) === 401) return;
  replay.note("revocation-late");
}

/** Milliseconds within which whoever has revoked a login may expect that it has ended. */
const SOON = 2_000;

async function statusWith(replay: Replay, { url }: Ready, { access }: Tokens): Promise<number> {
  const headers = { ...accepts, authorization: `Bearer ${access}` };
  return (await replay.ask(url, { method: "POST", headers, body: initialize(replay.client.name) })).status;
}
