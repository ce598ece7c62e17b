import { expect, test } from "vitest";
import { isOAuthPath } from "./no-oauth.ts";

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
])("an OAuth client asks on %s", (path) => {
  expect(isOAuthPath(path)).toBe(true);
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
  expect(isOAuthPath(path)).toBe(false);
});
