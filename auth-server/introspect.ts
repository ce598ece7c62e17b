/** Tells gateways whether a token is valid (RFC 7662). */
import type { IncomingMessage, ServerResponse } from "node:http";
import type { Provider } from "oidc-provider";
import type { Introspection } from "../gateways/auth/introspection.ts";
import type { Logger } from "../gateways/log.ts";
import { auditAuth } from "./audit.ts";
import type { Accounts } from "./accounts.ts";
import { answerJson, bearerOf, bodyOf, Refusal } from "./http.ts";
import type { Resource, Resources } from "./resources.ts";
import type { Store } from "./store/store.ts";

/** What an answer is made from. */
export interface Sources {
  readonly provider: Provider;
  readonly resources: Resources;
  readonly accounts: Accounts;
  readonly store: Store;
  readonly log: Logger;
}

/** Answers one question. @throws Refusal 401 for a caller without the secret of a service */
export async function introspect(req: IncomingMessage, res: ServerResponse, sources: Sources): Promise<void> {
  const caller = callerOf(req, sources.resources);
  const body = new URLSearchParams(await bodyOf(req, "application/x-www-form-urlencoded"));
  answerJson(res, 200, await introspection(body.get("token") ?? "", caller, sources));
}

/** The service whose gateway calls. @throws Refusal 401 */
export function callerOf(req: IncomingMessage, resources: Resources): Resource {
  const secret = bearerOf(req);
  const caller = secret === undefined ? undefined : resources.ofSecret(secret);
  if (caller) return caller;
  const headers = { "www-authenticate": 'Bearer error="invalid_token"' };
  throw new Refusal(401, "invalid_token", "expected the introspection secret of a service as a bearer token", headers);
}

const INACTIVE = { active: false } as const;

async function introspection(value: string, caller: Resource, sources: Sources): Promise<Introspection> {
  const { provider, resources, accounts, store, log } = sources;
  const token = await provider.AccessToken.find(value);
  if (!token?.isValid || token.grantId === undefined) return INACTIVE;
  const aud = [token.aud].flat()[0] ?? "";
  const [grant, account] = await Promise.all([store.grants.find(token.grantId), accounts.find(token.accountId)]);
  const inactive = (reason: string) => {
    const { grantId: flow, clientId: client, accountId } = token;
    const user = account?.username ?? accountId;
    auditAuth(log, "refused", { flow, client, user, step: "introspect", service: caller.service, reason });
    return INACTIVE;
  };
  if (!resources.mayKnow(caller, aud)) return inactive(`the token is for ${aud}`);
  if (!account) return inactive("the user is gone, or may not log in any more");
  if (!grant) return inactive("the grant has ended");
  await store.grants.touch(grant);
  return {
    active: true,
    sub: account.id,
    username: account.username,
    teams: account.teams,
    client_id: token.clientId ?? "",
    scope: token.scope ?? "",
    aud,
    exp: token.exp ?? 0,
    grant: grant.id,
  };
}
