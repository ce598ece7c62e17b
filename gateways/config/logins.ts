/** What the kinds of auth need, and which of them a service may have together. */
import { ConfigError, type GatewayConfig, type ServiceConfig } from "../config.ts";
import type { Accepted } from "./callers.ts";

/** What decides how callers of a service log in. */
export type LoginConfig = Pick<ServiceConfig, "auth" | "authIssuer" | "authSecret" | "publicUrl"> &
  Pick<GatewayConfig, "keyHosts" | "keyPort">;

/** How an option is called where the reader sets it: `--auth-issuer`, or `authIssuer` in gateway.json. */
export type Spelling = (key: string) => string;

/** Kinds that exclude each other: clients that see OAuth drop the token that they were given. */
const APART = ["verify", "oauth"] as const;

/**
 * @param where what has set `auth`
 * @throws ConfigError that says what is missing, or which kinds exclude each other
 */
export function checkLogins(config: LoginConfig, accepted: Accepted, where: string, spelled: Spelling): void {
  const { auth } = config;
  if (APART.every((kind) => auth.includes(kind)))
    throw new ConfigError(`${where}: got ${auth.join(" and ")}, expected ${APART.join(" or ")}, and not both`);
  if (!auth.includes("oauth")) return;
  requireIssuer(config, where, spelled);
  if (auth.includes("bearer")) requireKeyDoor(config, accepted, where, spelled);
}

function requireIssuer({ authIssuer, publicUrl }: LoginConfig, where: string, spelled: Spelling): void {
  if (authIssuer === undefined)
    throw new ConfigError(
      `${where}: got oauth without an issuer: set ${spelled("authIssuer")} to the URL of the authorization server`,
    );
  if (publicUrl === undefined)
    throw new ConfigError(
      `${where}: got oauth without the URL that its tokens are for: set ${spelled("publicUrl")} to the URL that clients are given, such as https://memory.example.org/mcp`,
    );
}

/** Clients that see OAuth drop the token that they were given. */
function requireKeyDoor(
  { keyHosts, keyPort }: LoginConfig,
  accepted: Accepted,
  where: string,
  spelled: Spelling,
): void {
  if (keyHosts.length === 0 && keyPort === undefined)
    throw new ConfigError(
      `${where}: got oauth and bearer at the same address, where clients would drop a token as soon as they see OAuth: ` +
        `set ${spelled("keyHosts")} to a host name for tokens alone, or ${spelled("keyPort")} to a port`,
    );
  if (accepted.tokens.length + accepted.tokenDigests.length === 0)
    throw new ConfigError(`${where}: got bearer without a token: set MCP_BEARER_TOKEN, or leave out bearer`);
}

/** The URL of a service on a hub whose own URL is known: `http://127.0.0.1:3000/mcp` makes `http://127.0.0.1:3000/memory/mcp`. */
export const belowHub = (hubUrl: string | undefined, name: string): string | undefined =>
  hubUrl?.replace(/mcp$/, `${name}/mcp`);
