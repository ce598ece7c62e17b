import { describe, expect, test } from "vitest";
import { defineServices } from "../catalog/define.ts";
import { npm } from "../catalog/kinds/npm.ts";
import { readSettings } from "../settings.ts";
import { loginProblems } from "./logins.ts";

const services = Object.values(
  defineServices({
    memory: { server: npm("server-memory@1.2.3"), port: 8082 },
    auth: { server: npm("server-memory@1.2.3"), port: 8083, auth: "bearer" },
    "memory-key": { server: npm("server-memory@1.2.3"), port: 8084, auth: "bearer" },
  }),
);
const [memory] = services;

const problems = (env: Record<string, string>, some = [memory!]) =>
  loginProblems(some, readSettings(some, { env, file: "/nowhere" }));

test.each<[env: Record<string, string>, problem: RegExp]>([
  [{ AUTH: "oath" }, /^AUTH \(from the environment\) is "oath", expected one or more of/],
  [{ AUTH: "bearer,verify" }, /^AUTH \(from the environment\) has "verify", expected it in entries/],
  [{ AUTH: "oauth", AUTH_ISSUER: "http://login.example.org" }, /^AUTH_ISSUER .* expected an https URL/],
  [{ AUTH: "oauth", AUTH_AUDIENCE: "api" }, /^AUTH_AUDIENCE .* is set, expected AUTH_ISSUER with it/],
  [{ AUTH: "oauth", AUTH_CLAIM: "email" }, /^AUTH_CLAIM .* is set, expected AUTH_ISSUER with it/],
  [
    { AUTH: "oauth", UPSTREAM_ISSUER: "github" },
    /^UPSTREAM_ISSUER .* expected UPSTREAM_CLIENT_ID, UPSTREAM_ALLOW, UPSTREAM_CLIENT_SECRET with it/,
  ],
  [{ AUTH: "oauth", AUTH_STATE_PASSWORD: "x" }, /^AUTH_STATE_PASSWORD .* expected AUTH_STATE_URL with it/],
  [{ AUTH: "oauth", AUTH_STATE_URL: "redis://:x@host" }, /^AUTH_STATE_URL .* expected it in AUTH_STATE_PASSWORD/],
  [{ AUTH: "oauth", AUTH_STATE_URL: "http://host" }, /^AUTH_STATE_URL .* expected redis:/],
])("%j is refused before anything is deployed", (env, problem) => {
  expect(problems(env)).toEqual([expect.stringMatching(problem)]);
});

test("no value of a secret is repeated", () => {
  const [said = ""] = problems({ AUTH: "oauth", UPSTREAM_CLIENT_SECRET: "do-not-show" });
  expect(said).toContain("UPSTREAM_CLIENT_SECRET");
  expect(said).not.toContain("do-not-show");
});

test.each<[env: Record<string, string>]>([
  [{}],
  [{ AUTH: "oauth" }],
  [{ AUTH: "oauth,bearer" }],
  [{ AUTH: "oauth", AUTH_ISSUER: "https://login.example.org", AUTH_AUDIENCE: "api", AUTH_CLAIM: "email" }],
  [{ UPSTREAM_ISSUER: "github" }], // nobody logs in
])("%j is fine", (env) => {
  expect(problems(env)).toEqual([]);
});

describe("AUTH", () => {
  test("takes the names that logins need, as an entry does", () => {
    expect(problems({ AUTH: "oauth,bearer" }, services)).toEqual([
      expect.stringMatching(/^auth: the key is "auth", expected another one/),
      expect.stringMatching(/^memory-key: the key is "memory-key", expected another one/),
    ]);
    expect(problems({}, services)).toEqual([]);
  });
});
