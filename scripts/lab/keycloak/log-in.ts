/** Logs in to a realm as a browser and a public client do: authorization code with PKCE. */
import { hash, randomBytes } from "node:crypto";
import { ADA, REDIRECT, tokensFrom } from "./keycloak.ts";

/** @returns what the token endpoint gives @throws Error when a step is refused */
export async function logIn(issuer: string, client: string): Promise<Readonly<Record<string, string>>> {
  const verifier = randomBytes(32).toString("base64url");
  const query = new URLSearchParams({
    response_type: "code",
    client_id: client,
    redirect_uri: REDIRECT,
    scope: "openid",
    state: "state",
    code_challenge: hash("sha256", verifier, "base64url"),
    code_challenge_method: "S256",
  });
  const code = await codeFrom(`${issuer}/protocol/openid-connect/auth?${query.toString()}`);
  const form = { grant_type: "authorization_code", client_id: client, redirect_uri: REDIRECT };
  return tokensFrom(issuer, { ...form, code, code_verifier: verifier });
}

/** Fills in the form that the page shows. */
async function codeFrom(url: string): Promise<string> {
  const page = await fetch(url, { redirect: "manual" });
  const cookie = page.headers
    .getSetCookie()
    .map((line) => line.split(";", 1)[0])
    .join("; ");
  const action = /action="([^"]+)"/.exec(await page.text())?.[1]?.replaceAll("&amp;", "&");
  if (action === undefined) throw new Error(`the login page has no form: HTTP ${page.status}`);
  const body = new URLSearchParams({ username: ADA.username, password: ADA.password });
  const answer = await fetch(action, { method: "POST", headers: { cookie }, body, redirect: "manual" });
  const location = answer.headers.get("location") ?? "";
  const code = URL.canParse(location) ? new URL(location).searchParams.get("code") : null;
  if (code === null) throw new Error(`nobody was sent back: HTTP ${answer.status} ${location}`);
  return code;
}
