/** What a client finds that logs in to a service, before it opens a browser: this is where logins fail silently. */
import { McpClient } from "../kit/mcp/client.ts";

/** How callers of a service log in. */
export interface LoginSubject {
  /** Its URL as we print it. */
  readonly url: string;
  /** The issuer that its metadata must name. */
  readonly issuer: string;
  /** Whether it takes tokens at another URL. */
  readonly hasKeyUrl: boolean;
}

/** @throws Error that says which step a client would not get over */
export async function findLogin({ url, issuer }: LoginSubject): Promise<void> {
  const service = new McpClient(url);
  const { pathname } = new URL(url);
  const path = `/.well-known/oauth-protected-resource${pathname}`;
  await isRefused(service, `${new URL(url).origin}${path}`);
  const { status, json } = await service.get(path);
  isSame(`GET ${path}`, status, 200);
  // Clients compare it with the URL that a person has typed, character by character (RFC 9728, section 3.3).
  isSame("its resource", json?.["resource"], url);
  isSame("its authorization server", [json?.["authorization_servers"]].flat()[0], issuer);
  await namesItself(issuer);
}

/** A client that shows nothing is told where to look, with an absolute URL (RFC 9728, section 5.1). */
async function isRefused(service: McpClient, metadata: string): Promise<void> {
  const { status, headers } = await service.post("initialize", {});
  isSame("initialize without a token", status, 401);
  const challenge = headers["www-authenticate"] ?? "";
  const found = /resource_metadata="([^"]*)"/.exec(challenge)?.[1];
  isSame("resource_metadata in its WWW-Authenticate", found, metadata);
}

/** @throws Error unless one of the places where clients look has the metadata of this very issuer (RFC 8414, section 3.3) */
async function namesItself(issuer: string): Promise<void> {
  const { origin, pathname } = new URL(issuer);
  const path = pathname.replace(/\/$/, "");
  const client = new McpClient(origin);
  const answers: string[] = [];
  for (const place of [
    `/.well-known/oauth-authorization-server${path}`,
    `/.well-known/openid-configuration${path}`,
    `${path}/.well-known/openid-configuration`,
  ]) {
    const { status, json } = await client.get(place);
    if (status === 200 && json?.["issuer"] === issuer) return;
    answers.push(`${place} is ${status}${status === 200 ? ` and names ${JSON.stringify(json?.["issuer"])}` : ""}`);
  }
  throw new Error(`the metadata of ${issuer} is not found: ${answers.join(", ")}`);
}

function isSame(what: string, got: unknown, expected: unknown): void {
  if (got !== expected) throw new Error(`${what} is ${JSON.stringify(got)}, expected ${JSON.stringify(expected)}`);
}
