/** Logging in elsewhere: at an OpenID provider, or at GitHub. */
import { auditAuth } from "../audit.ts";
import { told } from "../../gateways/secrets.ts";
import { BadName } from "../users/names.ts";
import type { User } from "../store/contract/users.ts";
import { finishLogin } from "./finish.ts";
import { showLogin } from "./login-step.ts";
import { expired } from "./refusal.ts";
import { isAllowed } from "./upstream/allow.ts";
import { challengeOf, newExpected, UpstreamError, type Identity, type Upstream } from "./upstream/upstream.ts";
import { goTo, type PagesParts, type Visit } from "./visit.ts";

/** The path to which the other server sends the browser back. */
export const CALLBACK_PATH = "/oauth/callback";

/** Sends the browser there. @throws PageRefusal */
export async function leave(visit: Visit): Promise<void> {
  const { parts, login, res } = visit;
  const upstream = requireUpstream(parts);
  const expected = newExpected(login.uid);
  const { state, nonce, verifier } = expected;
  const asked = { redirectUri: parts.config.issuer + CALLBACK_PATH, state, nonce, challenge: challengeOf(verifier) };
  try {
    const url = await upstream.start(asked);
    await parts.steps.expect(login.uid, expected);
    goTo(res, url.href);
  } catch (error) {
    failed(visit, error, 502);
  }
}

/**
 * Where a browser that comes back goes on: below the login that its state names, where the cookies of that login are sent, so that
 * nobody can finish a login in somebody else's browser.
 */
export function wayBack(url: URL): string | undefined {
  const [, uid] = /^([\w-]{21,64})\.[\w-]{43}$/.exec(url.searchParams.get("state") ?? "") ?? [];
  return uid && `/login/${uid}/back${url.search}`;
}

/** Takes what the other server has said. @throws PageRefusal */
export async function comeBack(visit: Visit): Promise<void> {
  const { parts, url } = visit;
  const upstream = requireUpstream(parts);
  try {
    const identity = await identityIn(visit, upstream, url.searchParams);
    await finishLogin(visit, await admitted(parts, identity), ["fed"]);
  } catch (error) {
    failed(visit, error, 403);
  }
}

async function identityIn({ parts, login }: Visit, upstream: Upstream, said: URLSearchParams): Promise<Identity> {
  const expected = await parts.steps.take(login.uid, said.get("state") ?? "");
  if (expected === undefined) throw new UpstreamError("it is not an answer to what this login has asked");
  const code = said.get("code");
  if (code === null) throw new UpstreamError(`it answered ${said.get("error") ?? "without a code"}`);
  const redirectUri = parts.config.issuer + CALLBACK_PATH;
  return upstream.finish({ redirectUri, code, iss: said.get("iss") ?? undefined, ...expected });
}

/** The user of an identity whose address is on the list. The first login makes one. @throws UpstreamError */
async function admitted({ users, config }: PagesParts, { issuer, subject, email }: Identity): Promise<User> {
  if (!isAllowed(email, config.upstream?.allow ?? [])) throw new UpstreamError(`${email} is not in UPSTREAM_ALLOW`);
  const user = await users.ofIdentity({ issuer, subject }, email);
  // An address that was somebody else's there is not theirs here.
  if (user === undefined)
    throw new UpstreamError(`${email} was another account there. Remove that user first, if it is theirs now`);
  if (user.isDisabled) throw new UpstreamError(`${user.name} is disabled`);
  return user;
}

function failed(visit: Visit, error: unknown, status: number): void {
  if (!(error instanceof UpstreamError || error instanceof BadName)) throw error;
  const { parts, login, req } = visit;
  const reason = `${parts.upstream!.called}: ${error.message}`;
  auditAuth(parts.log, "login-failed", {
    flow: login.flow,
    client: login.client.id,
    address: parts.addressOf(req),
    reason,
  });
  const text = `The login with ${told(parts.upstream!.called)} did not succeed, or this account may not log in here.`;
  showLogin(visit, { failed: text, status });
}

function requireUpstream({ upstream }: PagesParts): Upstream {
  if (upstream === undefined) throw expired();
  return upstream;
}
