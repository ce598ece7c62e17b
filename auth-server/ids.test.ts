import { expect, test } from "vitest";
import { newId, typable } from "./ids.ts";

test("no id begins with a dash, which a command line would take for a flag", () => {
  const ids = Array.from({ length: 2_000 }, newId);
  expect(ids.filter((id) => !/^\w[\w-]{21}$/.test(id))).toEqual([]);
  expect(new Set(ids).size).toBe(ids.length);
});

test.each([
  ["-abc-", "_abc-"],
  ["--a", "__a"],
  ["a-b", "a-b"],
])("%s becomes %s", (id, typed) => {
  expect(typable(id)).toBe(typed);
});
