/** The addresses to which real clients send their users back. */
import { expect, test } from "vitest";
import { isRegistered } from "../clients/redirects.ts";
import { OAuthClient } from "../fixtures/client.ts";
import { startAuth } from "../fixtures/server.ts";

test.each([
  "https://claude.ai/api/mcp/auth_callback",
  "https://claude.com/api/mcp/auth_callback",
  "https://chatgpt.com/connector_platform_oauth_redirect",
  "https://chatgpt.com/connector/oauth/a-connector-of-its-own",
  "https://vscode.dev/redirect",
  "http://127.0.0.1:33418",
  "http://127.0.0.1:33418/",
  "http://localhost:8787/callback",
  "http://localhost:7777/oauth/callback",
  "http://localhost:1456/mcp/oauth/callback",
  "http://[::1]:5000/callback",
  "cursor://anysphere.cursor-mcp/oauth/callback",
  "com.example.app:/callback",
  "https://www.cursor.com/agents/mcp/oauth/callback",
])("a client that waits at %s logs in", async (redirect) => {
  const { issuer } = await startAuth();
  const client = new OAuthClient(issuer);
  client.redirect = redirect;
  expect((await client.register()).body).toMatchObject({ redirect_uris: [redirect] });
  expect(await client.login()).toHaveProperty("refresh_token");
});

test.each<[written: string, registered: string, is: boolean]>([
  ["http://localhost:1/callback", "http://localhost/callback", true],
  ["http://localhost/callback", "http://localhost:1/callback", true],
  ["http://127.0.0.1:65535/a?b=c", "http://127.0.0.1:1/a?b=c", true],
  ["http://[::1]:9/", "http://[::1]/", true],
  ["http://LOCALHOST:1/callback", "http://localhost/callback", false],
  ["http://localhost:1/callback", "http://127.0.0.1/callback", false],
  ["https://localhost:1/callback", "https://localhost/callback", false],
  ["https://example.org:1/callback", "https://example.org/callback", false],
  ["http://localhost.evil.org:1/callback", "http://localhost/callback", false],
  ["http://localhost:1@evil.org/callback", "http://localhost/callback", false],
  ["http://localhost:1\\@evil.org/callback", "http://localhost/callback", false],
  ["http://localhost:/callback", "http://localhost/callback", false],
  ["http://localhost:123456/callback", "http://localhost/callback", false],
  ["http://user@localhost:1/callback", "http://localhost/callback", false],
  [" http://localhost:1/callback", "http://localhost/callback", false],
  ["http://localhost:1/callback/", "http://localhost/callback", false],
  ["http://localhost:1", "http://localhost/", false],
  ["http://localhost/callback/more", "http://localhost/callback", false],
  ["http://localhost/callback?more", "http://localhost/callback", false],
  ["https://example.org/callback/../evil", "https://example.org/callback", false],
  ["https://example.org/callback#x", "https://example.org/callback", false],
  ["https://example.org/callback", "https://example.org/callback/more", false],
  ["https://example.org.evil.org/callback", "https://example.org", false],
  ["https://EXAMPLE.org/callback", "https://example.org/callback", false],
  ["https://example.org:443/callback", "https://example.org/callback", false],
  ["cursor://evil/callback", "cursor://", false],
])("%s is what was registered as %s: %s", (written, registered, is) => {
  expect(isRegistered(written, [registered])).toBe(is);
});
