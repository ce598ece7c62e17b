import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import type { Service } from "../../stacks/catalog/entry.ts";
import { readTokenList } from "../../stacks/token-list.ts";
import { add, revoke } from "./named.ts";

const catalog = ["memory", "github"].map((name) => ({ name, server: { kind: "npm" } })) as unknown as Service[];
const NOW = Date.parse("2026-11-30T12:00:00Z");

function emptyList(): string {
  const folder = mkdtempSync(join(tmpdir(), "named-tokens-"));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  return join(folder, "tokens.json");
}

test("a token is made once, kept as its digest, and taken away", () => {
  const file = emptyList();
  const wanted = { name: "ci", services: "memory,github", tools: "read_*", expires: "90d" };
  const { token, notice } = add(wanted, catalog, file, NOW);
  expect(readFileSync(file, "utf8")).not.toContain(token.slice("gwt_ci_".length));
  expect(readTokenList(file)["ci"]).toMatchObject({
    services: ["memory", "github"],
    tools: ["read_*"],
    created: "2026-11-30T12:00:00.000Z",
    expires: "2027-02-28T12:00:00.000Z",
  });
  expect(notice).toContain("It opens read_* of memory and github");
  expect(() => add(wanted, catalog, file, NOW)).toThrow("ci: there is a token of this name");
  expect(revoke("ci", file)).toContain("ci is out of tokens.json");
  expect(readTokenList(file)).toEqual({});
  expect(() => revoke("ci", file)).toThrow("no token has this name");
});

test("without more it opens every service, for ever", () => {
  const file = emptyList();
  add({ name: "web" }, catalog, file, NOW);
  expect(readTokenList(file)["web"]).toEqual({
    digest: expect.any(String),
    services: ["*"],
    created: expect.any(String),
  });
});

test.each([
  [{ name: "memory" }, "a service has this name"],
  [{ name: "C I" }, '"name" of at most 64'],
  [{ name: "ci", services: "nothing" }, '--services: got "nothing", expected some of memory, github'],
  [{ name: "ci", tools: "[a]" }, "names of tools such as"],
  [{ name: "ci", tools: "@others" }, "@resources, @prompts"],
  [{ name: "ci", expires: "soon" }, '--expires: got "soon", expected a time that is to come'],
  [{ name: "ci", expires: "2020-01-01" }, "expected a time that is to come"],
])("%j is refused, and nothing is written", (wanted, reason) => {
  const file = emptyList();
  expect(() => add(wanted, catalog, file, NOW)).toThrow(reason);
  expect(readTokenList(file)).toEqual({});
});
