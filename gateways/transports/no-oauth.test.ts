import { expect, test } from "vitest";
import { questionAt } from "./no-oauth.ts";

test.each([
  "/.well-known/oauth-protected-resource",
  "/.well-known/oauth-protected-resource/mcp",
  "/.well-known/oauth-protected-resource/coda/mcp",
  "/.well-known/oauth-authorization-server",
  "/.well-known/oauth-authorization-server/mcp",
  "/.well-known/openid-configuration",
  "/.well-known/openid-configuration/mcp",
  "/mcp/.well-known/openid-configuration",
  "/mcp/.well-known/oauth-protected-resource",
  "/register",
  "/register/",
  "/authorize",
  "/token",
  "/mcp/register",
  "/oauth/register",
  "/oauth/authorize",
  "/oauth/token",
])("an OAuth client asks on %s", (path) => {
  expect(questionAt(path)).toBeDefined();
});

test.each([
  "/",
  "/mcp",
  "/mcp/",
  "/health",
  "/registers",
  "/tokens",
  "/x/token/y",
  "/.well-known/",
  "/.well-known/security.txt",
])("and not on %s", (path) => {
  expect(questionAt(path)).toBeUndefined();
});

test.each([
  ["/.well-known/oauth-protected-resource", "oauth-protected-resource", ""],
  ["/.well-known/oauth-protected-resource/mcp", "oauth-protected-resource", "/mcp"],
  ["/.well-known/oauth-protected-resource/memory/mcp/", "oauth-protected-resource", "/memory/mcp"],
  ["/mcp/.well-known/oauth-protected-resource", "oauth-protected-resource", "/mcp"],
  ["/.well-known/oauth-authorization-server/sse", "oauth-authorization-server", "/sse"],
  ["/authorize", "authorization_endpoint", ""],
  ["/oauth/token", "token_endpoint", ""],
])("%s asks for %s of %j", (path, about, of) => {
  expect(questionAt(path)).toEqual({ about, path: of });
});
