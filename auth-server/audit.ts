/** The audit trail: one line for each step of a login, with the id of its flow, and no secret. */
import type { KoaContextWithOIDC, Provider } from "oidc-provider";
import type { Logger } from "../gateways/log.ts";
import type { Accounts } from "./accounts.ts";
import { told } from "../gateways/secrets.ts";
import { newId } from "./ids.ts";
import { flowOf } from "./logins.ts";

/** What a line is about. */
export type AuthEvent =
  | "login-started"
  | "code-issued"
  | "token-issued"
  | "token-refreshed"
  | "grant-revoked"
  | "grant-ended"
  | "client-registered"
  | "refused"
  | "login"
  | "login-failed"
  | "consent"
  | "denied"
  | "password-set";

/** Fields of a line. */
export interface AuthFields {
  /** The id of the flow, which is that of its grant. */
  readonly flow?: string | undefined;
  readonly client?: string | undefined;
  /** Their name; the id of one who is gone. */
  readonly user?: string | undefined;
  readonly reason?: string | undefined;
  readonly [field: string]: string | number | undefined;
}

const LONGEST = 200;

/** Writes a line, behind those that came before. Each contains AUTH, so that `grep AUTH` finds them all. */
export function auditAuth(log: Logger, event: AuthEvent, fields: AuthFields): void {
  if (waiting.has(log)) auditLater(log, event, Promise.resolve(fields));
  else write(log, event, fields);
}

/** Writes a line with the name of its user, where there is one. @param fields `user` is the id */
export const auditUser = (log: Logger, event: AuthEvent, fields: AuthFields, accounts: Accounts): void =>
  auditLater(log, event, named(fields, accounts));

/** A trail keeps its order while some of its lines wait for a name: the promise is that all of a log are written. */
const waiting = new WeakMap<Logger, Promise<void>>();

function auditLater(log: Logger, event: AuthEvent, fields: Promise<AuthFields>): void {
  const before = waiting.get(log) ?? Promise.resolve();
  const written = Promise.all([fields, before])
    .then(([found]) => write(log, event, found))
    .catch((err: unknown) => log.error({ err }, "could not write a line of the audit trail"))
    .finally(() => waiting.get(log) === written && waiting.delete(log));
  waiting.set(log, written);
}

function write(log: Logger, event: AuthEvent, fields: AuthFields): void {
  const short = Object.entries(fields)
    .filter(([, value]) => value !== undefined)
    .map(([name, value]) => [name, typeof value === "string" ? told(value, { limit: LONGEST }) : value]);
  log[event === "refused" || event === "login-failed" ? "warn" : "info"](
    { audit: event, ...Object.fromEntries(short) },
    `AUTH ${event}`,
  );
}

/** While the store is away, an id must do. */
async function named(fields: AuthFields, accounts: Accounts): Promise<AuthFields> {
  const { user: id } = fields;
  if (id === undefined) return fields;
  const user = await accounts.find(id).catch(() => undefined);
  return { ...fields, user: user?.username ?? id };
}

/** Writes the lines of what oidc-provider does. */
export function auditProvider(provider: Provider, accounts: Accounts, log: Logger): void {
  const line = (event: AuthEvent, ctx: KoaContextWithOIDC, more: AuthFields = {}) =>
    auditUser(log, event, { ...fieldsOf(ctx), ...more }, accounts);
  const refused = (step: string) => (ctx: KoaContextWithOIDC, error: Error) => {
    const { error: code, error_description: why, error_detail: detail } = error as Error & Record<string, string>;
    const reason = [why, detail].filter(Boolean).join(": ") || error.message;
    const flow = flowOfTokens(provider, ctx).catch(() => undefined);
    const fields = { ...fieldsOf(ctx), step, code, reason };
    const found = Promise.all([named(fields, accounts), flow]);
    auditLater(
      log,
      "refused",
      found.then(([known, own]) => ({ ...known, ...(own && { flow: own }) })),
    );
  };
  provider.on("interaction.started", (ctx) => line("login-started", ctx));
  provider.on("authorization.success", (ctx) => line("code-issued", ctx));
  provider.on("grant.success", (ctx) => {
    const isRefresh = ctx.oidc.params?.["grant_type"] === "refresh_token";
    line(isRefresh ? "token-refreshed" : "token-issued", ctx);
  });
  provider.on("grant.revoked", (ctx, grant) => line("grant-revoked", ctx, { flow: grant }));
  provider.on("authorization.error", refused("authorize"));
  provider.on("grant.error", refused("token"));
  provider.on("revocation.error", refused("revoke"));
  provider.on("server_error", (ctx, err) => log.error({ err, ...fieldsOf(ctx) }, "could not answer"));
}

/** The flow of the code or refresh token that a refused request shows. */
async function flowOfTokens({ AuthorizationCode, RefreshToken }: Provider, ctx: KoaContextWithOIDC) {
  const { code, refresh_token: token } = ctx.oidc.params ?? {};
  const options = { ignoreExpiration: true };
  if (typeof code === "string") return (await AuthorizationCode.find(code, options))?.grantId;
  return typeof token === "string" ? (await RefreshToken.find(token, options))?.grantId : undefined;
}

/** A request that is refused before its login has begun has a flow of its own, which its page tells. */
const flows = new WeakMap<object, string>();

function newFlow(oidc: object): string {
  const flow = flows.get(oidc) ?? newId();
  flows.set(oidc, flow);
  return flow;
}

/** What is known of a request. Values that clients send are told, but not their codes and tokens. */
export function fieldsOf({ oidc }: KoaContextWithOIDC): AuthFields {
  const { Grant: grant, Interaction: interaction, Client: client, Account: account } = oidc.entities;
  const source = oidc.entities.AuthorizationCode ?? oidc.entities.RefreshToken;
  const params = oidc.params ?? {};
  return {
    flow: source?.grantId ?? (interaction && flowOf(interaction)) ?? grant?.jti ?? newFlow(oidc),
    client: client?.clientId ?? text(params["client_id"]),
    clientName: client?.clientName,
    user: account?.accountId ?? source?.accountId ?? grant?.accountId,
    resource: text(params["resource"]),
    redirect: text(params["redirect_uri"]),
    scope: text(params["scope"]),
  };
}

const text = (value: unknown): string | undefined => (typeof value === "string" ? value : undefined);
