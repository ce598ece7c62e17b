import { stripVTControlCharacters } from "node:util";
import { expect, test } from "vitest";
import { diffLines } from "./diff.ts";

const shown = (before: string | undefined, after: string | undefined) =>
  diffLines("file", before, after).map((line) => stripVTControlCharacters(line));
const numbers = (count: number) => Array.from({ length: count }, (_, at) => `${at}\n`).join("");

test("what has changed is marked, with a few lines around it", () => {
  const before = numbers(30);
  const after = before.replace("10\n", "ten\n").replace("25\n", "");
  expect(shown(before, after)).toEqual([
    "file",
    "  7",
    "  8",
    "  9",
    "- 10",
    "+ ten",
    "  11",
    "  12",
    "  13",
    "...",
    "  22",
    "  23",
    "  24",
    "- 25",
    "  26",
    "  27",
    "  28",
  ]);
});

test("a new file is all new, and one that goes is all old", () => {
  expect(shown(undefined, "a\nb\n")).toEqual(["file", "+ a", "+ b"]);
  expect(shown("a\nb\n", undefined)).toEqual(["file", "- a", "- b"]);
  expect(shown("a\n", "a\n")).toEqual(["file"]);
});

test("the changes make one text of the other, whatever the two are", () => {
  const texts = Array.from({ length: 60 }, (_, at) =>
    Array.from({ length: at % 9 }, (__, line) => "abc"[(at * 7 + line * line * 5) % 3]).join("\n"),
  );
  for (const before of texts)
    for (const after of texts) {
      const lines = shown(before, after).slice(1);
      const side = (mark: string) => lines.filter((line) => line[0] === mark).map((line) => line.slice(2));
      const kept = before.split("\n").filter(Boolean).length - side("-").length;
      expect(kept).toBe(after.split("\n").filter(Boolean).length - side("+").length);
    }
});
