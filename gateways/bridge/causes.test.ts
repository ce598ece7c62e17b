import { expect, test } from "vitest";
import { causeOf, causes } from "./causes.ts";

test.for(Object.keys(causes))("%s is told in words, with a remedy in whole sentences", (code) => {
  const { reason, remedy } = causeOf(code);
  expect(reason).toMatch(new RegExp(`^${code}, [a-z].*[a-z]$`, "i"));
  expect(remedy).toMatch(/^[A-Z].*\.$/);
});

test("what has no words of its own is told as it is", () => {
  expect(causeOf("the proxy a:1 failed")).toEqual({
    reason: "the proxy a:1 failed",
    remedy: "Check its URL and the network.",
  });
});
