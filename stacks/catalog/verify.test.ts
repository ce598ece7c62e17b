/** Entries whose callers show their own token of the API. */
import { expect, test } from "vitest";
import { findProblems } from "./check.ts";
import { defineServices } from "./define.ts";
import { command } from "./kinds/command.ts";
import { group } from "./kinds/group.ts";
import { http } from "./kinds/http.ts";
import { callersVariable, inImage, ownToken, verifyModule, verifySecretOf } from "./verify.ts";

const stdio = { server: command(["node", "x.js"]), port: 8080, auth: "verify" };
const upstream = { server: http("https://example.org/mcp"), port: 8080, auth: "verify" };
const secrets = ["API_TOKEN"];

test.each([
  ["coda", { ...upstream, secrets }],
  ["github", { ...stdio, secrets }],
  ["firecrawl", { ...stdio, optionalSecrets: secrets }],
  ["mycopa", { ...stdio, secrets, verify: "./mycopa.verify.mjs" }],
  ["mycopa", { ...stdio, secrets, verify: "github", verifyAllow: ["583231"] }],
  ["coda", { ...upstream, verifyAllow: ["ops@example.org"] }],
  ["coda", { ...upstream, secrets, auth: ["verify", "bearer"] }],
])("%s may say %j", (name, entry) => {
  expect(findProblems({ [name]: entry })).toEqual([]);
});

test.each([
  [
    "mycopa",
    { ...stdio, secrets },
    'verify is missing, expected coda, github, firecrawl or the path of a module, with auth: "verify"',
  ],
  [
    "mycopa",
    { ...stdio, secrets, verify: "gitlab" },
    'verify is "gitlab", expected coda, github, firecrawl, or the path of a module such as ./mycopa.verify.mjs',
  ],
  [
    "github",
    { ...stdio, secrets, isolation: "shared" },
    'isolation is "shared", expected "session" with auth: "verify": one server for all would act with one token',
  ],
  ["github", stdio, 'secrets is empty, expected the variable that gets the caller\'s token, with auth: "verify"'],
  ["coda", upstream, 'nobody may call, expected a secret, whose account may, or verifyAllow, with auth: "verify"'],
  ["coda", { ...upstream, auth: "bearer", verify: "coda" }, 'verify is "coda", expected auth: "verify" with it'],
  [
    "coda",
    { ...upstream, auth: undefined, verifyAllow: ["a"] },
    'verifyAllow is ["a"], expected auth: "verify" with it',
  ],
])("%s may not say %j", (name, entry, problem) => {
  expect(findProblems({ [name]: entry })).toEqual([`${name}: ${problem}`]);
});

test("a group calls its members with its own token, so they take bearer tokens, too", () => {
  const team = { server: group(["coda"]), port: 8090 };
  expect(findProblems({ coda: { ...upstream, secrets }, team })).toEqual([
    'coda: auth is "verify", expected ["verify", "bearer"]: a group calls it with its own token',
  ]);
  expect(findProblems({ coda: { ...upstream, secrets, auth: ["verify", "bearer"] }, team })).toEqual([]);
});

test("a group has no API", () => {
  const entries = {
    coda: { ...upstream, auth: "bearer" },
    team: { server: group(["coda"]), port: 8090, auth: "verify", verify: "coda" },
  };
  expect(findProblems(entries)).toEqual([
    'team: auth is "verify", expected it in the entries of its members: a group has no API',
  ]);
});

test("the first of its secrets gets the caller's token, and its own verifier is a file of the project", () => {
  const { mycopa, plain } = defineServices({
    mycopa: { ...stdio, auth: "verify", secrets: ["A", "B"], optionalSecrets: ["C"], verify: "auth/mycopa.verify.ts" },
    plain: { server: command(["x"]), port: 8081, secrets: ["A"] },
  });
  expect([verifySecretOf(mycopa), verifySecretOf(plain)]).toEqual(["A", undefined]);
  expect([verifyModule(mycopa, "/project"), verifyModule(plain, "/project")]).toEqual([
    "/project/auth/mycopa.verify.ts",
    undefined,
  ]);
  expect(inImage("/project/auth/mycopa.verify.ts")).toBe("verify/mycopa.verify.ts");
});

test("a service that takes tokens of its API alone is called with its own secret", () => {
  const all = defineServices({
    alone: { ...stdio, port: 1, verify: "coda", auth: "verify", secrets },
    both: { ...stdio, port: 2, verify: "coda", auth: ["verify", "bearer"], secrets },
    plain: { server: command(["x"]), port: 3, secrets },
  });
  const settings = { value: (name: string) => (name === "API_TOKEN" ? "the-token" : undefined) };
  expect(Object.values(all).map((service) => ownToken(service, settings))).toEqual([["the-token"], [], []]);
  expect(ownToken(all.alone, { value: () => undefined })).toEqual([]);
  expect(ownToken(undefined, settings)).toEqual([]);
});

test("callers have their token in the variable of the server's, unless a token of ours opens the service", () => {
  const coda = { secrets: ["CODA_API_TOKEN"], optionalSecrets: [] };
  const settings = (auth?: string) => ({ value: () => auth });
  expect([
    callersVariable({ ...coda, auth: "verify" }, settings()),
    callersVariable(coda, settings("verify")),
    callersVariable({ ...coda, auth: ["verify", "bearer"] }, settings()),
    callersVariable({ ...coda, auth: "bearer" }, settings("verify")),
    callersVariable(coda, settings()),
    callersVariable(undefined, settings("verify")),
  ]).toEqual(["CODA_API_TOKEN", "CODA_API_TOKEN", undefined, undefined, undefined, undefined]);
});
