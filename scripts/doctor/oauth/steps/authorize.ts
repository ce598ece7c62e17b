/** The request that a client sends its user's browser to, up to the page where the user logs in. */
import { createHash, randomBytes } from "node:crypto";
import type { Reply } from "../ask.ts";
import type { Replay } from "../outcome.ts";
import type { Discovered } from "./discovery.ts";
import { errorIn, type Registered } from "./register.ts";

/** An authorization request, and what is needed to end it. */
export interface Authorization {
  readonly url: string;
  readonly redirect: string;
  readonly state: string;
  readonly verifier: string;
}

/** Sends every redirect that this client uses to the authorization endpoint, as a browser without cookies would. */
export async function authorize(replay: Replay, discovered: Discovered, registered: Registered): Promise<void> {
  replay.enter("authorize");
  for (const redirect of registered.redirects) await tryRedirect(replay, discovered, registered, redirect);
  if (replay.results.get("authorize")!.findings.some(({ state }) => state === "failed")) replay.stop();
}

/** A new authorization request. */
export function authorization(discovered: Discovered, { clientId }: Registered, redirect: string): Authorization {
  const [state, verifier] = [random(), random()];
  const url = new URL(String(discovered.metadata["authorization_endpoint"]));
  const query = {
    response_type: "code",
    client_id: clientId,
    redirect_uri: redirect,
    code_challenge: createHash("sha256").update(verifier).digest("base64url"),
    code_challenge_method: "S256",
    state,
    resource: discovered.resource,
    ...(discovered.scope !== "" && { scope: discovered.scope }),
    ...(discovered.promptsConsent && { prompt: "consent" }),
  };
  for (const [name, value] of Object.entries(query)) url.searchParams.set(name, value);
  return { url: url.href, redirect, state, verifier };
}

const random = () => randomBytes(32).toString("base64url");

const asPage = { headers: { accept: "text/html", "user-agent": "Mozilla/5.0" } };

async function tryRedirect(replay: Replay, discovered: Discovered, registered: Registered, redirect: string) {
  const { url } = authorization(discovered, registered, redirect);
  const reply = await replay.ask(url, asPage);
  const refusal = refusalIn(reply, redirect);
  if (refusal === undefined) return;
  const { clientId: client_id } = registered;
  const words = { redirect, client_id, resource: discovered.resource, scope: discovered.scope, status: reply.status };
  replay.note(problemOf(refusal, registered), { ...words, reason: refusal });
}

/** @returns why there is no page to log in at: an error of OAuth where one is named */
function refusalIn({ status, headers, json, text }: Reply, redirect: string): string | undefined {
  const location = headers.get("location") ?? "";
  if (status >= 300 && status < 400 && !location.startsWith(redirect)) return undefined;
  if (status >= 300 && status < 400) return errorAt(location);
  if (status === 200) return undefined;
  return errorIn(json) ?? CODES.exec(text)?.[0] ?? `${status} ${wordsOf(text)}`;
}

function errorAt(location: string): string | undefined {
  const { searchParams } = new URL(location);
  return errorIn(Object.fromEntries(searchParams));
}

/** Errors that a page for people may name. */
const CODES =
  /invalid_(redirect_uri|client_metadata|client|target|scope|request)|temporarily_unavailable|redirect_uri[^<]{0,80}/;

/** A page's text. */
const wordsOf = (html: string) => html.replace(/<(style|script)[\s\S]*?<\/\1>|<[^>]*>/gi, " ").trim();

function problemOf(refusal: string, { way }: Registered) {
  if (/redirect/.test(refusal)) return "redirect-refused";
  if (/invalid_client_metadata/.test(refusal)) return "client-document-refused";
  if (/invalid_client|unauthorized_client|temporarily_unavailable/.test(refusal) && way === "document")
    return "client-unknown";
  if (/invalid_target/.test(refusal)) return "resource-refused";
  if (/invalid_scope/.test(refusal)) return "scope-refused";
  return "authorize-refused";
}
