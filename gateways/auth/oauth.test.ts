import { expect, test } from "vitest";
import { GatewayError } from "../errors.ts";
import { createLog } from "../log.ts";
import { OAuth } from "./oauth.ts";

const parts = {
  service: "memory",
  issuer: "https://auth.example.org",
  publicUrl: "https://memory.example.org/mcp",
  audiences: [],
};
const oauthWith = (own: object) =>
  new OAuth(
    { ...parts, ...own },
    createLog("silent", () => {}),
  );
const ours = oauthWith({ secret: "introspection-secret-0123456789-0123456789" });

const METADATA = `resource_metadata="https://memory.example.org/.well-known/oauth-protected-resource/mcp"`;

const refused = (error: GatewayError, more: object = {}) => ({
  host: "memory.example.org",
  base: "",
  path: "/mcp",
  error,
  header: () => undefined,
  ...more,
});

const outOfScope = (scope: string) => new GatewayError("insufficient-scope", { tool: "write_note", scope });

test.each([
  ["tools:memory:read_* tools:memory:write_note", "tools:memory:read_* tools:memory:write_note"],
  ["memory", "memory"],
  ['tools:memory:a"b\\c\nd', "tools:memory:abcd"],
])("whoever needs %s is told it", (scope, told) => {
  expect(ours.challenge(refused(outOfScope(scope)))).toEqual({
    "www-authenticate": `Bearer ${METADATA}, error="insufficient_scope", scope="${told}"`,
  });
});

test("an issuer of one's own is asked for no scope that it does not know", () => {
  const own = oauthWith({});
  const error = new GatewayError("login-required", { reason: "no token" });
  expect(own.challenge(refused(error))).toEqual({ "www-authenticate": `Bearer ${METADATA}` });
  expect(own.resourceMetadata(refused(error))).not.toHaveProperty("scopes_supported");
});

test("a user of another issuer is nobody's here", () => {
  const other = oauthWith({ issuer: "https://other.example.org" });
  expect([other.accepts({ id: "anonymous" }), other.accepts({ id: "token-0123abcd" })]).toEqual([false, false]);
});
