import { expect, test } from "vitest";
import { stripVTControlCharacters } from "node:util";
import { showDiff } from "./diff.ts";

const diff = (before: string, after: string, secrets: readonly string[] = []) =>
  stripVTControlCharacters(showDiff("/home/a.json", before, after, secrets));

test("it shows what changes, with three lines around it", () => {
  const lines = Array.from({ length: 20 }, (_, at) => `line ${at}\n`);
  expect(diff(lines.join(""), lines.toSpliced(10, 0, "mine\n").join("")).split("\n")).toEqual([
    "/home/a.json",
    ..."  line 7|  line 8|  line 9|+ mine|  line 10|  line 11|  line 12".split("|"),
  ]);
});

test.each([
  ['"Authorization": "Bearer gw_memory_abcdefgh"', '"Authorization": "Bearer ***"'],
  ['"Authorization": "Bearer ${TOKEN}"', '"Authorization": "Bearer ${TOKEN}"'],
  ['"Authorization": "Bearer {env:TOKEN}"', '"Authorization": "Bearer {env:TOKEN}"'],
  ["AUTH: Bearer abcdefghijk", "AUTH: Bearer ***"],
  ['"GITHUB_TOKEN": "abcdefghijk",', '"GITHUB_TOKEN": "***",'],
  ["api_key = 'abcdefghijk'", "api_key = '***'"],
  ["OPENAI_API_KEY: abcdefghijk", "OPENAI_API_KEY: ***"],
  ['"args": ["ghp_abcdefghijklmnop"]', '"args": ["***"]'],
  ['bearer_token_env_var = "GANGWAY_TOKEN_MEMORY"', 'bearer_token_env_var = "GANGWAY_TOKEN_MEMORY"'],
  ['"url": "http://a/known-value"', '"url": "http://a/***"'],
])("of %s a person sees %s", (line, shown) => {
  expect(diff("", `${line}\n`, ["known-value"])).toContain(`\n+ ${shown}`);
});

test("a file of one line is not printed as a whole", () => {
  const shown = diff("{}", `{"a":"${"x".repeat(100_000)}","mine":1}`);
  expect(shown.length).toBeLessThan(1000);
  expect(shown).toContain('"mine":1}');
});

test("nothing in the file acts on the terminal", () => {
  const shown = showDiff("a", "", "\u001b[2J\u001b[31mred\r\n", []);
  expect(stripVTControlCharacters(shown).split("\n")).toEqual(["a", "+ \\u001b[2Jred"]);
  expect(shown).not.toContain("\u001b[2J");
});
