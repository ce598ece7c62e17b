import {
  chmodSync,
  lstatSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseEnv } from "node:util";
import { expect, test } from "vitest";
import { changeVariable, withVariable } from "./env-file.ts";

const two = "new\nold";

test.each([
  ["A=1\nT=old\nB=2\n", "A=1\nT='new\nold'\nB=2\n"],
  ["# T=comment\nT=old # mine\n", "# T=comment\nT='new\nold' # mine\n"],
  ["export T=old\n", "export T='new\nold'\n"],
  ["  T = old\n", "  T = 'new\nold'\n"],
  ['T="old"\nB="a\nT=b\n"\n', `T='new\nold'\nB="a\nT=b\n"\n`],
  ["T='older\noldest'\nB=2", "T='new\nold'\nB=2"],
  ["T=first\nT=old\n", "T=first\nT='new\nold'\n"],
  ["T=old\r\nB=2\r\n", "T='new\nold'\r\nB=2\r\n"],
  ["MY_T=1\nT=old\nT_B=2\n", "MY_T=1\nT='new\nold'\nT_B=2\n"],
  ["T=\nB=2\n", "T='new\nold'\nB=2\n"],
])("of %j only the value of T changes", (before, after) => {
  const changed = withVariable(before, "T", two);
  expect(changed).toBe(after);
  expect(parseEnv(changed)).toEqual({ ...parseEnv(before), T: two });
});

test("one value stands without quotes, as it was", () => {
  expect(withVariable("T='new\nold'\nB=2\n", "T", "new")).toBe("T=new\nB=2\n");
});

test("a file without the variable is not changed", () => {
  expect(() => withVariable("A=1\n", "T", two)).toThrow("there is no T in it");
});

test("a file keeps its rights, a link stays a link, and nothing is left beside it", () => {
  const folder = mkdtempSync(join(tmpdir(), "env-"));
  const [file, link] = [join(folder, "real"), join(folder, ".env")];
  writeFileSync(file, "A=1\nT=old\n");
  chmodSync(file, 0o640);
  symlinkSync(file, link);
  changeVariable(link, "T", two);
  expect(readFileSync(file, "utf8")).toBe("A=1\nT='new\nold'\n");
  expect([statSync(file).mode & 0o777, lstatSync(link).isSymbolicLink()]).toEqual([0o640, true]);
  expect(readdirSync(folder).toSorted()).toEqual([".env", "real"]);
});
