import { describe, expect, test } from "vitest";
import { problemsOf } from "./fixtures/problems.ts";
import { app } from "./kinds/app.ts";
import { npm } from "./kinds/npm.ts";

const memory = { server: npm("server-memory@1.2.3"), port: 8082 };
const other = { server: npm("server-memory@1.2.3"), port: 8090 };

describe("how callers prove who they are", () => {
  test.each([["oauth"], ["bearer"], [["oauth", "bearer"]], [["bearer", "oauth"]], [["oauth"]]])("may be %j", (auth) => {
    expect(problemsOf({ memory: { ...memory, auth } })).toEqual([]);
  });

  test.each<[entry: object, problem: string]>([
    [{ auth: [] }, "auth is []"],
    [{ auth: "github" }, 'auth is "github", expected one or more of'],
    [{ auth: ["oauth", 7] }, 'auth is ["oauth",7]'],
    [{ auth: ["verify", "oauth"] }, 'auth is ["verify","oauth"], expected "oauth" or "verify", not both'],
    [
      { auth: "oauth", secrets: ["TOKEN"], acceptServiceToken: true },
      'acceptServiceToken is true, expected auth: ["oauth", "bearer"] with it',
    ],
    [{ authIssuer: "https://a.example" }, 'authIssuer is "https://a.example", expected auth: "oauth" with it'],
    [{ auth: "bearer", authAudience: ["api"] }, 'authAudience is ["api"], expected auth: "oauth" with it'],
    [{ auth: "verify", authClaim: "email" }, 'authClaim is "email", expected auth: "oauth" with it'],
    [{ auth: "oauth", authSecret: "s" }, 'authSecret is "s", expected no such option in an entry'],
    [{ auth: "oauth", publicUrl: "https://a.example/mcp" }, "expected no such option in an entry"],
    [{ auth: "oauth", keyHosts: ["a"] }, "expected no such option in an entry"],
  ])("cannot be %j", (entry, problem) => {
    expect(problemsOf({ memory: { ...memory, ...entry } }).join("\n")).toContain(problem);
  });

  test("is no question of an app()", () => {
    const web = { ...app({ image: "nginx:1.29.3", port: 80 }), auth: "oauth" };
    expect(problemsOf({ web }).join()).toContain('web: auth is "oauth", expected no such option with app()');
  });
});

const login = { ...memory, auth: "oauth" };
const both = { ...memory, auth: ["oauth", "bearer"] };

describe("a name that logins need", () => {
  test.each<[entries: Record<string, unknown>, problem: string]>([
    [
      { memory: login, auth: other },
      'auth: the key is "auth", expected another one: the authorization server, where callers of memory log in, is called so',
    ],
    [{ memory: login, "auth-port": other }, 'auth-port: the key is "auth-port"'],
    [{ memory: login, "auth-secrets": other }, 'auth-secrets: the key is "auth-secrets"'],
    [{ memory: login, web: { ...other, hostname: "auth" } }, 'web: hostname is "auth", expected another one'],
    [
      { memory: both, "memory-key": other },
      'memory-key: the key is "memory-key", expected another one: a part of memory is',
    ],
    [{ memory: both, "memory-key-port": other }, 'memory-key-port: the key is "memory-key-port"'],
    [
      { memory: both, web: { ...other, hostname: "memory-key" } },
      'web: hostname is "memory-key", expected another one: memory takes tokens there',
    ],
    [
      { memory: { ...both, hostname: "notes" }, "notes-key": other },
      'notes-key: hostname is "notes-key", expected another one: memory takes tokens there',
    ],
    [{ "a-key": both }, 'a-key: hostname is "a-key", expected one that does not end in -key'],
  ])("is no other service's: %j", (entries, problem) => {
    const problems = problemsOf(entries);
    expect(problems).toHaveLength(1);
    expect(problems[0]).toContain(problem);
  });

  test.each<[entries: Record<string, unknown>]>([
    [{ memory, auth: other }],
    [{ memory: { ...login, authIssuer: "https://a.example" }, auth: other }],
    [{ memory: login, "memory-key": other }],
    [{ "a-key": memory, web: { ...other, hostname: "memory-key" } }],
    [{ memory: login, auth2: other, author: { ...other, port: 8091 } }],
  ])("is free where they need none: %j", (entries) => {
    expect(problemsOf(entries)).toEqual([]);
  });
});
