import { describe, expect, test } from "vitest";
import { defineServices } from "./define.ts";
import type { ServiceEntry } from "./entry.ts";
import { problemsOf } from "./fixtures/problems.ts";
import { app } from "./kinds/app.ts";
import { group } from "./kinds/group.ts";
import { http } from "./kinds/http.ts";
import { npm } from "./kinds/npm.ts";

const others = {
  memory: { server: npm("server-memory@1.2.3"), port: 1 },
  coda: { server: http("https://example.org/mcp"), port: 2 },
  postgres: app({ image: "postgres:18.4", port: 3 }),
  pair: { server: group(["memory", "coda"]), port: 4 },
};

/** Whose names the compiler does not know. */
type Catalog = Record<string, ServiceEntry>;

/** The problems of a catalog with a group in it. */
const problemsOfGroup = (members: unknown, options: Record<string, unknown> = {}) =>
  problemsOf({ ...others, team: { server: group(members as string[]), port: 5, ...options } });

test("a group is of services with servers, be they elsewhere, and each may be in several", () => {
  expect(problemsOfGroup(["memory", "coda"])).toEqual([]);
});

describe("a member that it cannot have is named, with what was expected", () => {
  test.each<[what: string, members: unknown, problem: string]>([
    ["a name with a slip", ["memry"], 'a member is "memry", expected "memory"'],
    ["a name like no other", ["nobody-at-all"], 'a member is "nobody-at-all", expected one of memory, coda'],
    ["what every object has", ["constructor"], 'a member is "constructor", expected one of memory, coda'],
    ["itself", ["team"], 'a member is "team", expected other entries: a group cannot be in itself'],
    ["one twice", ["memory", "coda", "memory"], 'a member is "memory", expected each member once'],
    [
      "another group",
      ["memory", "pair"],
      'a member is "pair", expected entries with a server of their own: groups cannot be in groups',
    ],
    ["an app()", ["postgres"], 'a member is "postgres", expected entries with an MCP server: an app() has none'],
    ["nobody", [], "group() members is [], expected a list of keys of the catalog, one at least"],
    ["one text", "memory", 'group() members is "memory", expected a list of keys of the catalog, one at least'],
    ["no texts", [1], "group() members is [1], expected a list of keys of the catalog, one at least"],
  ])("%s", (_what, members, problem) => {
    expect(problemsOfGroup(members)).toEqual([`team: ${problem}`]);
  });

  test("also where there is nothing else that could be one", () => {
    const entries: Catalog = { team: { server: group(["memory"]), port: 1 } };
    expect(() => defineServices(entries)).toThrow(
      'team: a member is "memory", expected another entry with an MCP server: there is none',
    );
  });

  test("all at once, and nothing of a member whose own entry is wrong", () => {
    const entries = { wrong: { server: "npx", port: 1 }, team: { server: group(["wrong", "memry"]), port: 2 } };
    expect(() => defineServices(entries as never)).toThrow(/2 problems:\n {2}wrong: server is .*\n {2}team: a member/);
  });
});

test.each([
  ["isolation", "session"],
  ["maxChildren", 2],
  ["env", { A: "b" }],
  ["volumes", { "/data": "team" }],
  ["secrets", ["TOKEN"]],
  ["optionalSecrets", ["TOKEN"]],
  ["keyUrl", "https://example.org/keys"],
])("%s would have no effect in a group, which is said", (option, value) => {
  const problem = `team: ${option} is ${JSON.stringify(value)}, expected no such option with group()`;
  expect(problemsOfGroup(["memory"], { [option]: value })).toEqual([problem]);
});

test.each([
  { requestTimeout: "5m" },
  { maxSessions: 3 },
  { hostname: "all" },
  { discovery: "search" },
  { probe: { tool: "memory_read" } },
])("%j has an effect in a group as in any service", (options) =>
  expect(problemsOfGroup(["memory"], options)).toEqual([]),
);

test("the compiler knows the names, where they are written down", () => {
  const { memory, coda } = others;
  const names = Object.keys(defineServices({ memory, coda, team: { server: group(["memory", "coda"]), port: 5 } }));
  expect(names).toEqual(["memory", "coda", "team"]);
  // @ts-expect-error: there is no memry
  expect(() => defineServices({ memory, team: { server: group(["memry"]), port: 5 } })).toThrow('expected "memory"');
  const computed: readonly string[] = Object.keys({ memory, coda });
  const catalog: Catalog = { memory, coda, team: { server: group(computed), port: 5 } };
  expect(Object.keys(defineServices(catalog))).toContain("team");
});

test("a group cannot pin tools, as it has none of its own", () => {
  expect(problemsOfGroup(["memory"], { pinTools: true })).toEqual([
    "team: pinTools is true, expected it in the entries of its members: a group has no tools of its own",
  ]);
  expect(problemsOfGroup(["memory"], { pinTools: false })).toEqual([]);
});
