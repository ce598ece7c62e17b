import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { newNamedToken, readTokenList, tokensListedFor, tokenWarnings, writtenTokenList } from "./token-list.ts";

const listed = { digest: "a".repeat(64), services: ["memory"], created: "2026-11-30T00:00:00.000Z" };

function fileWith(text: string): string {
  const folder = mkdtempSync(join(tmpdir(), "token-list-"));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  writeFileSync(join(folder, "tokens.json"), text);
  return join(folder, "tokens.json");
}

test("what is written is read again, sorted by name", () => {
  const list = { web: listed, ci: { ...listed, tools: ["read_*"], expires: "2027-02-28T00:00:00.000Z" } };
  const file = fileWith(writtenTokenList(list));
  expect(readTokenList(file)).toEqual(list);
  expect(Object.keys(JSON.parse(readFileSync(file, "utf8")) as object)).toEqual(["//", "ci", "web"]);
  expect(readTokenList(`${file}.missing`)).toEqual({});
});

test.each([
  ["{", "it is no JSON"],
  [JSON.stringify({ ci: { ...listed, digest: "x" } }), "digest"],
  [JSON.stringify({ ci: { ...listed, tools: [] } }), "tools"],
  [JSON.stringify({ ci: { ...listed, tools: ["[a]"] } }), "names of tools such as"],
  [JSON.stringify({ ci: { ...listed, tools: ["@others"] } }), "@resources"],
  [JSON.stringify({ "C I": listed }), "name"],
  [JSON.stringify({ ci: { ...listed, expires: "soon" } }), "expires"],
  [JSON.stringify({ ci: { ...listed, token: "gwt_x" } }), "token"],
])("%s is refused, and says why", (text, reason) => {
  expect(() => readTokenList(fileWith(text))).toThrow(new RegExp(`cannot be read .*${reason}`, "s"));
});

test("a service gets the tokens that name it, and those of every service", () => {
  const list = { ci: listed, all: { ...listed, services: ["*"] }, other: { ...listed, services: ["coda"] } };
  expect(tokensListedFor({ name: "memory" }, list).map(({ name }) => name)).toEqual(["ci", "all"]);
});

test("a token has 32 random bytes behind a prefix that says what it is", () => {
  const { token, digest } = newNamedToken("ci");
  expect([token, digest]).toEqual([
    expect.stringMatching(/^gwt_ci_[\w-]{43}$/),
    expect.stringMatching(/^[0-9a-f]{64}$/),
  ]);
  expect(newNamedToken("ci").token).not.toBe(token);
});

test("one that ends within two weeks is warned of, and one for a service that is not there", () => {
  const now = Date.parse("2026-11-30T00:00:00Z");
  const ending = (expires: string) => tokenWarnings({ ci: { ...listed, expires } }, ["memory"], now);
  expect(ending("2027-01-01T00:00:00Z")).toEqual([]);
  expect(ending("2026-12-14T00:00:00Z")[0]).toMatch(/^tokens.json: ci ends on 2026-12-14: npx gangway token revoke ci/);
  expect(ending("2026-11-29T00:00:00Z")[0]).toMatch(/ci has ended on 2026-11-29/);
  expect(tokenWarnings({ ci: listed }, ["coda"], now)).toEqual([
    "tokens.json: ci is for memory, which is not in the catalog",
  ]);
});
