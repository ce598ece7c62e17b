/** What the documents say of options is what the tables have. */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { flagOf, isPlainName } from "../config.ts";
import { allOptions } from "./every-option.ts";

const folder = join(import.meta.dirname, "..");
const byFlag = new Map(Object.entries(allOptions).map(([key, option]) => [flagOf(key), option]));
const coded = (text: string) => Array.from(text.matchAll(/`([^`]+)`/g), ([, code = ""]) => code);

const isKnown = (flag: string) => flag === "--config" || byFlag.has(flag.replace(/^--no-/, "--"));

const pages = readdirSync(folder).filter((file) => file.endsWith(".md") && file !== "CONFIG.md");
const read = (page: string) => readFileSync(join(folder, page), "utf8");

test.each(pages)("%s names no variable without GANGWAY_, which only a container reads", (page) => {
  const bare = new Set(Object.values(allOptions).flatMap(({ env }) => (isPlainName(env) ? [] : [env])));
  expect(coded(read(page)).filter((code) => bare.has(code.replace(/_FILE$/, "")))).toEqual([]);
});

test("the flags of PROTOCOL.md exist", () => {
  const flags = coded(read("PROTOCOL.md")).flatMap((code) => /^(--[a-z-]+)/.exec(code)?.[1] ?? []);
  expect(flags).toContain("--max-body");
  expect(flags.filter((flag) => !isKnown(flag))).toEqual([]);
});

test("the table of limits has the defaults of its options", () => {
  const rows = read("PROTOCOL.md")
    .split("\n## Limits\n")[1]!
    .split("\n### ")[0]!
    .split("\n")
    .map((line) => line.split("|").map((cell) => coded(cell)))
    .filter(([, , , , options]) => options?.some((option) => byFlag.has(option)));
  expect(rows).toHaveLength(13);
  for (const [, , defaults, , options] of rows)
    expect(defaults, options!.join()).toEqual(options!.flatMap((flag) => byFlag.get(flag)?.default ?? []));
});
