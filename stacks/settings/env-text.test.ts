import { mkdirSync, mkdtempSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { expect, test } from "vitest";
import { envTextOf } from "./env-text.ts";

const fresh = () => join(mkdtempSync(join(tmpdir(), "env-text-")), ".env");

test.each([
  ["a folder", (file: string) => mkdirSync(file), "is a folder, expected a file with lines of NAME=value"],
  ["a link to itself", (file: string) => symlinkSync(".env", file), "is a link to itself, expected a file"],
  ["UTF-16", (file: string) => writeFileSync(file, "\ufeffA=1", "utf16le"), "is no text in UTF-8 (is it UTF-16?)"],
])("%s is named, with what is expected", (_, make, problem) => {
  const file = fresh();
  make(file);
  for (const same of [file, pathToFileURL(file)]) expect(() => envTextOf(same)).toThrow(`.env ${problem}`);
});

test("no file, and a link to nowhere, are no text", () => {
  const file = fresh();
  expect(envTextOf(file)).toBeUndefined();
  symlinkSync("nowhere", file);
  expect(envTextOf(file)).toBeUndefined();
});
