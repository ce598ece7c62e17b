import { expect, test } from "vitest";
import { readContent } from "./file.ts";
import { readArguments, readOneServer } from "./flags.ts";

const TOKEN = "7e1f9c3a5b8d20e46c1f7a9b";
const OAUTH = { AUTH: "oauth", AUTH_ISSUER: "https://auth.example.org", PUBLIC_URL: "https://memory.example.org/mcp" };
const BOTH = { ...OAUTH, AUTH: "oauth,bearer", MCP_BEARER_TOKEN: TOKEN, KEY_HOSTS: "memory-key.example.org" };

const read = (env: Record<string, string | undefined>) =>
  readOneServer(readArguments(["--stdio", "server", "--host", "0.0.0.0"]), { env, plain: true });

test.each([
  ["bearer", { MCP_BEARER_TOKEN: TOKEN }, ["bearer"]],
  ["oauth, which asks everybody for a login, so that others may reach it", OAUTH, ["oauth"]],
  ["both, with a host name for tokens", BOTH, ["bearer", "oauth"]],
  ["both, with a port for tokens", { ...BOTH, KEY_HOSTS: undefined, KEY_PORT: "8079" }, ["bearer", "oauth"]],
])("a service may have %s", (_, env, auth) => {
  expect(read(env).services[0]!.auth).toEqual(auth);
});

test.each([
  ["no issuer", { ...OAUTH, AUTH_ISSUER: undefined }, "got oauth without an issuer: set --auth-issuer to the URL"],
  [
    "no URL",
    { ...OAUTH, PUBLIC_URL: undefined },
    "got oauth without the URL that its tokens are for: set --public-url",
  ],
  ["no place for tokens", { ...BOTH, KEY_HOSTS: undefined }, "set --key-hosts to a host name for tokens alone"],
  ["no token", { ...BOTH, MCP_BEARER_TOKEN: undefined }, "got bearer without a token: set MCP_BEARER_TOKEN"],
  ["an unknown word", { AUTH: "github" }, 'got "github", expected one or more of bearer, verify, oauth'],
  ["nothing but commas", { AUTH: "," }, 'got ",", expected one or more of bearer, verify, oauth'],
])("with %s the gateway does not start, and says what to do", (_, env, message) => {
  expect(() => read(env)).toThrow(`AUTH (from the environment): ${message}`.replace(/^.*: set --key/, "set --key"));
});

test.each([
  ["AUTH_ISSUER", "http://auth.example.org", "an https URL (http is for this machine alone)"],
  ["AUTH_ISSUER", "https://auth.example.org?x", "an https URL"],
  ["AUTH_ISSUER", "https://user@auth.example.org", "an https URL"],
  ["AUTH_ISSUER", "auth.example.org", "an https URL"],
  ["PUBLIC_URL", "http://memory.example.org/mcp", "an https URL"],
  ["PUBLIC_URL", "https://memory.example.org", "a URL that ends in /mcp"],
  ["PUBLIC_URL", "https://memory.example.org/mcp/", "a URL that ends in /mcp"],
  ["AUTH_SECRET", "short", "at least 32 random characters"],
  ["KEY_PORT", "http", "a whole number"],
])("%s=%s is refused: expected %s", (name, value, expected) => {
  expect(() => read({ ...OAUTH, [name]: value })).toThrow(expected);
});

test.each(["http://127.0.0.1:8078", "http://localhost:8078", "http://[::1]:8078", "https://idp.example.org/realms/x/"])(
  "%s can be an issuer, as it is written",
  (issuer) => {
    expect(read({ ...OAUTH, AUTH_ISSUER: issuer }).services[0]!.authIssuer).toBe(issuer);
  },
);

const fromFile = (entry: object, top: object = {}) =>
  readContent({ ...top, mcpServers: { memory: { command: "server", ...entry } } }, "gateway.json", new Map(), {
    env: {},
    plain: false,
  });

test("an entry of gateway.json has its kinds as a word or as a list, with what they need", () => {
  const login = { authIssuer: "http://127.0.0.1:8078", publicUrl: "http://127.0.0.1:3000/memory/mcp" };
  expect(fromFile({ auth: "oauth", ...login }).services[0]).toMatchObject({ auth: ["oauth"], ...login });
  const both = fromFile({ auth: ["oauth", "bearer"], ...login, tokens: [TOKEN] }, { keyPort: 3001 });
  expect([both.keyPort, both.services[0]!.auth]).toEqual([3001, ["bearer", "oauth"]]);
});

test("what an entry lacks is named by its key", () => {
  expect(() => fromFile({ auth: "oauth" })).toThrow(
    'gateway.json: mcpServers.memory.auth: got oauth without an issuer: set "authIssuer"',
  );
});
