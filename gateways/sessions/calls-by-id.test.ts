import { expect, test } from "vitest";
import { CallsById } from "./calls-by-id.ts";

test("of two calls with one id the later is found, both are open, and each ends alone", () => {
  const calls = new CallsById<{ name: string }>();
  const [first, second, other] = [{ name: "first" }, { name: "second" }, { name: "other" }];
  calls.add("1", first);
  calls.add("1", second);
  calls.add("2", other);
  expect(calls.get("1")).toBe(second);
  expect(new Set(calls.all())).toEqual(new Set([first, second, other]));
  calls.delete("1", first);
  expect(new Set(calls.all())).toEqual(new Set([second, other]));
  calls.delete("1", second);
  expect(calls.get("1")).toBeUndefined();
  expect(calls.all()).toEqual([other]);
});
