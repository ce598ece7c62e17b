import { expect, test } from "vitest";
import { binOf, fileName, splitPackage } from "./npm-package.ts";

test("a scoped package keeps its scope in its name", () => {
  expect(splitPackage("@scope/pkg@1.2.3")).toEqual({ name: "@scope/pkg", version: "1.2.3" });
  expect(splitPackage("pkg@1.2.3-beta.1")).toEqual({ name: "pkg", version: "1.2.3-beta.1" });
});

test("a file name has no slash", () => {
  expect(fileName("@scope/pkg@1.2.3")).toBe("@scope+pkg@1.2.3");
});

test.each<[what: string, bin: string | Record<string, string>]>([
  ["a text", "main.js"],
  ["the only one", { "another-name": "main.js" }],
  ["the one with the package's name", { setup: "setup.js", pkg: "main.js" }],
])("the program is %s", (_what, bin) => {
  expect(binOf({ name: "@scope/pkg", bin })).toBe("main.js");
});

test("a package without a program, or with too many, says so", () => {
  expect(() => binOf({ name: "pkg" })).toThrow(
    "pkg brings these programs: none; expected one, or one with the package",
  );
  expect(() => binOf({ name: "pkg", bin: { a: "a.js", b: "b.js" } })).toThrow("pkg brings these programs: a, b;");
});

test.each([
  ["../../../elsewhere.js"],
  ["/bin/sh"],
  ["C:\\elsewhere.js"],
  ["a\\..\\..\\b.js"],
  [5],
  [{ pkg: null }],
  [["../x"]],
])("a program that is not in the package is none: %j", (bin) => {
  expect(() => binOf({ name: "pkg", bin })).toThrow("pkg brings these programs");
});
