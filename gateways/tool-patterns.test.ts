import { expect, test } from "vitest";
import { timesAsLong } from "./fixtures/duration.ts";
import { randomNumbers } from "./fixtures/random.ts";
import { ToolPatterns } from "./tool-patterns.ts";

const TOOLS = ["read_file", "read_secret", "delete_file", "list", "Read_file", "ünder_🚢"];

test.each<[patterns: string[], offered: string[]]>([
  [["read_*"], ["read_file", "read_secret"]],
  [["read_*", "!*_secret"], ["read_file"]],
  [["!*_secret", "read_*"], ["read_file"]],
  [["!delete_*"], ["read_file", "read_secret", "list", "Read_file", "ünder_🚢"]],
  [["!*"], []],
  [
    ["*", "!*file"],
    ["read_secret", "list", "ünder_🚢"],
  ],
  [["?ead_file"], ["read_file", "Read_file"]],
  [["list", "none"], ["list"]],
  [["li"], []],
  [
    ["l*s*t*", "*_?"],
    ["list", "ünder_🚢"],
  ],
  [["????"], ["list"]],
  [["read.file", "read_fil"], []],
  [["**file**"], ["read_file", "delete_file", "Read_file"]],
])("%j offers %j, whatever the order of the patterns", (patterns, offered) => {
  for (const written of [patterns, patterns.toReversed()]) {
    const names = new ToolPatterns(written);
    expect(TOOLS.filter((name) => names.offers(name))).toEqual(offered);
  }
});

test.each([[[]], [["*"]], [["read_*", "*"]]])("%j offers all, so nothing need be looked at", (patterns: string[]) => {
  expect(new ToolPatterns(patterns).offersAll).toBe(true);
});

test.each([[["**x"]], [["!x"]], [["*", "!x"]], [["?*"]]])("%j does not", (patterns: string[]) => {
  expect(new ToolPatterns(patterns).offersAll).toBe(false);
});

test("the patterns that match no name are told as they are written", () => {
  expect(new ToolPatterns(["read_*", "!delete_*", "wirte_*", "!x"]).unmatchedBy(TOOLS)).toEqual(["wirte_*", "!x"]);
  expect(new ToolPatterns(["!x"]).unmatchedBy([])).toEqual(["!x"]);
});

/** The same by a regular expression. */
function matches(pattern: string, name: string): boolean {
  const parts = pattern.replaceAll("*", ".*").replaceAll("?", ".");
  return new RegExp(`^${parts}$`, "su").test(name);
}

test("a pattern matches what the same regular expression matches", () => {
  const random = randomNumbers(7);
  const word = (of: string) => Array.from({ length: random(7) }, () => of[random(of.length)]).join("");
  for (let tried = 0; tried < 20_000; tried++) {
    const [pattern, name] = [`a${word("ab*?")}`, word("ab")];
    expect(new ToolPatterns([pattern]).offers(name), `${pattern} ${name}`).toBe(matches(pattern, name));
  }
});

test("no name that a client makes up keeps the matching busy", () => {
  const patterns = new ToolPatterns([`!${"a*".repeat(20)}b`]);
  const check = (length: number) => () => void patterns.offers("a".repeat(length));
  expect(timesAsLong(check(1_000), check(500), 8)).toBeLessThan(8);
  expect(patterns.offers("")).toBe(false);
  expect(patterns.offers("a".repeat(1_024))).toBe(true);
  expect(patterns.offers("a".repeat(10_000_000))).toBe(false); // no tool has such a name
});
