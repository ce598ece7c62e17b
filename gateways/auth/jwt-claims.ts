/** Whose a JWT is, and what it opens. */
import type { JWTPayload } from "jose";
import { GatewayError } from "../errors.ts";
import type { Principal } from "../principal.ts";
import { toolScopeOf } from "./introspection.ts";
import { scopesIn, toolsIn } from "./scopes.ts";
import type { TokensFor } from "./token-check.ts";
import { userId } from "./user.ts";

/** How many teams of a user are looked at. */
const MOST_TEAMS = 500;

/**
 * @param claim the claim that names the user. By default it is the e-mail address that the issuer has verified, or the id. Where
 *   users may write what they like, as in `preferred_username`, they would choose who they are (OpenID Connect Core, section 5.7)
 * @throws GatewayError `login-required` when the token has no such claim
 */
export function principalIn(payload: JWTPayload, { issuer, service }: TokensFor, claim: string | undefined): Principal {
  const scopedTools = scopedToolsIn(payload, service);
  return {
    id: userId(issuer, payload.sub!),
    name: nameIn(payload, claim),
    teams: [...new Set([...textsIn(payload["groups"]), ...textsIn(payload["roles"])])].slice(0, MOST_TEAMS),
    ...(scopedTools && { scopedTools }),
  };
}

function nameIn(payload: JWTPayload, claim: string | undefined): string {
  const { email, email_verified: isVerified, sub } = payload;
  if (claim === "email" && isVerified === false)
    throw new GatewayError("login-required", { reason: "its issuer has not verified the e-mail address" });
  const candidates = claim === undefined ? [isVerified === true ? email : undefined, sub] : [payload[claim]];
  const name = candidates.find((text) => typeof text === "string" && text !== "");
  if (typeof name === "string") return name;
  throw new GatewayError("login-required", { reason: `the token has no claim ${claim}` });
}

/** An issuer that knows nothing of our scopes opens everything; one that has given some tools opens these alone. */
function scopedToolsIn({ scope, scp }: JWTPayload, service: string): readonly string[] | undefined {
  const scopes = [...(typeof scope === "string" ? scopesIn(scope) : []), ...scopesOf(scp)];
  const isRestricted = scopes.some((one) => one.startsWith(toolScopeOf(service, "")));
  return isRestricted ? toolsIn(scopes, service) : undefined;
}

/** Entra writes one text, Okta a list. */
const scopesOf = (scp: unknown) => (typeof scp === "string" ? scopesIn(scp) : textsIn(scp));

const textsIn = (value: unknown): string[] =>
  Array.isArray(value) ? value.filter((text): text is string => typeof text === "string") : [];
