import { join } from "node:path";
import { expect, test } from "vitest";
import { readContent } from "./file.ts";
import { readArguments, readOneServer } from "./flags.ts";

const TOKEN = "7e1f9c3a5b8d20e46c1f7a9b";
const ENV = { AUTH: "verify", VERIFY: "github", SERVER_ENV: "GITHUB_TOKEN", GITHUB_TOKEN: TOKEN };

const read = (env: Record<string, string | undefined>, ...flags: string[]) =>
  readOneServer(readArguments(["--stdio", "server", "--host", "0.0.0.0", ...flags]), { env, plain: true }).services[0]!;

const HERE = "/project/gateway.json";
const SERVER = { command: "server", env: { API_TOKEN: "${API_TOKEN}" } };

/** A service in a file, where API_TOKEN is set. */
const inFile = (entry: object, name = "coda", top: object = {}) =>
  readContent({ mcpServers: { [name]: { auth: "verify", ...entry } }, ...top }, HERE, new Map(), {
    env: { API_TOKEN: TOKEN },
    plain: false,
  }).services[0]!;

test("others may reach a service whose callers are verified, without a bearer token", () => {
  expect(read(ENV)).toMatchObject({ auth: ["verify"], verify: "github", verifySecret: "GITHUB_TOKEN" });
});

test("a service that is called as one of our verifiers has that one", () => {
  expect(read({ ...ENV, VERIFY: undefined }, "--name", "firecrawl").verify).toBe("firecrawl");
  expect(inFile(SERVER)).toMatchObject({ verify: "coda", verifySecret: "API_TOKEN" });
});

test("a module is found from where it is named", () => {
  expect(read({ ...ENV, VERIFY: "./a.verify.mjs" }).verify).toBe(join(process.cwd(), "a.verify.mjs"));
  expect(inFile({ ...SERVER, verify: "auth/a.verify.mjs" }).verify).toBe("/project/auth/a.verify.mjs");
  expect(inFile({ ...SERVER, verify: "/elsewhere/a.ts" }).verify).toBe("/elsewhere/a.ts");
});

test("which variable gets the caller's token may be said", () => {
  const two = { command: "server", env: { A: "${API_TOKEN}", B: "${API_TOKEN}" } };
  expect(inFile({ ...two, verifySecret: "B" }).verifySecret).toBe("B");
  expect(inFile({ command: "server", verifySecret: "B", verifyAllow: "ops@example.org" })).toMatchObject({
    verifySecret: "B",
    verifyAllow: ["ops@example.org"],
  });
});

test("an upstream's token is its Authorization header", () => {
  const server = { url: "https://example.org/mcp", headers: { Authorization: "Bearer ${API_TOKEN}" } };
  expect(inFile(server)).toMatchObject({ verify: "coda", verifySecret: undefined });
  const one = readOneServer(readArguments(["--url", "https://example.org/mcp", "--name", "coda"]), {
    env: { AUTH: "verify", SERVER_TOKEN: TOKEN },
    plain: true,
  });
  expect(one.services[0]).toMatchObject({ verify: "coda" });
});

test("bearer may stand beside it", () => {
  expect(read({ ...ENV, AUTH: "verify,bearer", MCP_BEARER_TOKEN: TOKEN }).auth).toEqual(["bearer", "verify"]);
});

test.each([
  [
    "no API",
    { ...ENV, VERIFY: undefined },
    [],
    "got verify without an API: set --verify to coda, github, firecrawl, or",
  ],
  ["an unknown word", { ...ENV, VERIFY: "gitlab" }, [], 'got "gitlab", expected coda, github, firecrawl, or the path'],
  ["oauth beside it", { ...ENV, AUTH: "verify,oauth" }, [], "got verify and oauth, expected verify or oauth"],
  ["one server for all", { ...ENV, ISOLATION: "shared" }, [], "got verify with isolation shared, expected session"],
  [
    "no secret",
    { ...ENV, SERVER_ENV: undefined },
    [],
    "got verify for a server with none as its secret: set --verify-secret",
  ],
  [
    "two secrets",
    { ...ENV, SERVER_ENV: "GITHUB_TOKEN,OTHER", OTHER: "x" },
    [],
    "got verify for a server with GITHUB_TOKEN and OTHER as its secret: set --verify-secret",
  ],
  [
    "nobody who may call",
    { ...ENV, SERVER_ENV: undefined, VERIFY_SECRET: "GITHUB_TOKEN" },
    [],
    "got verify without anybody who may call: set the service's own secret, whose account may, or name accounts in --verify-allow",
  ],
  [
    "a secret that no header can carry",
    { ...ENV, GITHUB_TOKEN: "two words" },
    [],
    "the value of GITHUB_TOKEN has white space",
  ],
])("with %s the gateway does not start, and says what to do", (_, env, flags, message) => {
  const attempt = () => read(env, ...flags);
  expect(attempt).toThrow(message);
  expect(attempt).not.toThrow("two words");
});

test("a group has no API", () => {
  const group = { mcpServers: { a: { command: "server" }, all: { group: ["a"], auth: "verify", verify: "coda" } } };
  const reading = () => readContent(group, HERE, new Map(), { env: {}, plain: false });
  expect(reading).toThrow("mcpServers.all.auth: got verify for a group, expected it at its services");
});

test("a service that waits for its secret needs nothing else yet", () => {
  const waiting = { mcpServers: { coda: { ...SERVER, auth: "verify" } } };
  const [service] = readContent(waiting, HERE, new Map(), { env: {}, plain: false }).services;
  expect(service!.server).toEqual({ kind: "needs", needs: "API_TOKEN", remedy: undefined });
});
