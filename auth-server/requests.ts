/** Makes requests plain before anybody reads them. */
import type { IncomingMessage, ServerResponse } from "node:http";
import { bodyOf, Refusal } from "./http.ts";
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

/** What `prompt` may ask for here. Clients that also know other servers ask for more. */
const PROMPTS = new Set(["none", "login", "consent"]);

/** Characters of the longest query. Proxies take a request line of 8 kB (nginx: large_client_header_buffers). */
const LONGEST_QUERY = 7_000;

/**
 * Sends a login that was posted (RFC 6749, section 3.1) on to the same one with GET: browsers send no cookies with a form of
 * another site, so it would otherwise be in no browser that they know.
 * @throws Refusal 400, 413
 */
export async function sendAsGet(req: IncomingMessage, res: ServerResponse): Promise<void> {
  const [path = "", query = ""] = (req.url ?? "").split(/\?(.*)/s);
  const body = await bodyOf(req, "application/x-www-form-urlencoded");
  const parameters = new URLSearchParams([query, body].filter(Boolean).join("&")).toString();
  if (parameters.length > LONGEST_QUERY)
    throw new Refusal(413, "invalid_request", `expected parameters of at most ${LONGEST_QUERY} characters`);
  res.writeHead(303, {
    location: `${path}?${parameters}`,
    "cache-control": "no-store",
    "referrer-policy": "no-referrer",
  });
  res.end();
}

/** Makes an authorization request one of OAuth alone, in which a service has one name. */
export function plainAuthorization(req: IncomingMessage, resources: Resources): void {
  const [path = "", query = ""] = (req.url ?? "").split(/\?(.*)/s);
  const parameters = new URLSearchParams(query);
  plainPrompt(parameters);
  for (const name of OPENID) parameters.delete(name);
  const scopes = wordsOf(parameters.get("scope")).filter((scope) => scope !== "openid");
  if (parameters.getAll("scope").length === 1) parameters.set("scope", scopes.join(" "));
  nameResource(parameters, resources);
  req.url = `${path}?${parameters.toString()}`;
}

/** What there is not is passed over. Another account is chosen by a new login, which is also what `max_age=0` asks for. */
function plainPrompt(parameters: URLSearchParams): void {
  if (parameters.getAll("prompt").length > 1) return;
  const again = parameters.get("max_age") === "0" && parameters.get("prompt") !== "none" ? ["login"] : [];
  const asked = wordsOf(parameters.get("prompt")).map((word) => (word === "select_account" ? "login" : word));
  const known = new Set([...asked.filter((word) => PROMPTS.has(word)), ...again]);
  if (known.size > 0) parameters.set("prompt", [...known].join(" "));
  else parameters.delete("prompt");
}

function nameResource(parameters: URLSearchParams, resources: Resources): void {
  const asked = parameters.getAll("resource");
  const named = asked.map((url) => ({ url, resource: resources.at(url) }));
  parameters.delete("resource");
  for (const name of new Set(named.map(({ url, resource }) => (resource ? audienceOf(resource) : url))))
    parameters.append("resource", name);
}
