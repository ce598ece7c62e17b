/** Makes requests plain before anybody reads them. */
import type { IncomingMessage } from "node:http";
import { audienceOf, wordsOf, type Resources } from "./resources.ts";

/** What a proxy adds, and anybody may. */
const FORWARDED = ["x-forwarded-host", "x-forwarded-for", "x-forwarded-port", "forwarded"];

/**
 * Makes the request one to the issuer, whatever it says of itself: addresses in answers never come from a header.
 * @returns the path
 */
export function asIssued(req: IncomingMessage, issuer: string): string {
  const { host, protocol } = new URL(issuer);
  for (const name of FORWARDED) delete req.headers[name];
  req.headers.host = host;
  req.headers["x-forwarded-proto"] = protocol.slice(0, -1);
  return (req.url ?? "/").split("?")[0]!;
}

/** What only OpenID Connect has. There are no ID tokens here, and clients that ask for them come along without. */
const OPENID = ["nonce", "max_age", "acr_values", "claims", "claims_locales", "id_token_hint"];

/** Makes an authorization request one of OAuth alone, in which a service has one name. */
export function plainAuthorization(req: IncomingMessage, resources: Resources): void {
  const [path = "", query = ""] = (req.url ?? "").split(/\?(.*)/s);
  const parameters = new URLSearchParams(query);
  for (const name of OPENID) parameters.delete(name);
  const scopes = wordsOf(parameters.get("scope")).filter((scope) => scope !== "openid");
  if (parameters.getAll("scope").length === 1) parameters.set("scope", scopes.join(" "));
  nameResource(parameters, resources);
  req.url = `${path}?${parameters.toString()}`;
}

function nameResource(parameters: URLSearchParams, resources: Resources): void {
  const asked = parameters.getAll("resource");
  const named = asked.map((url) => ({ url, resource: resources.at(url) }));
  parameters.delete("resource");
  for (const name of new Set(named.map(({ url, resource }) => (resource ? audienceOf(resource) : url))))
    parameters.append("resource", name);
}
