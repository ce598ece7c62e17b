import { expect, test } from "vitest";
import { KnownTokens } from "./known-tokens.ts";

const principal = (n: number) => ({ id: `user-${n}` });

test("a valid token is known until its time, a refused one for half a minute", () => {
  const tokens = new KnownTokens();
  tokens.keep("a", { principal: principal(1), until: 1_000 });
  tokens.refuse("b", "unknown", 0);
  expect(tokens.find("a", 999)).toEqual(principal(1));
  expect(tokens.find("a", 1_000)).toBeUndefined();
  expect(() => tokens.find("b", 29_999)).toThrow("A login is required");
  expect(tokens.find("b", 30_000)).toBeUndefined();
});

test("with a grant go its tokens, and no others", () => {
  const tokens = new KnownTokens();
  tokens.keep("a", { principal: principal(1), until: 9, grant: "one" });
  tokens.keep("b", { principal: principal(1), until: 9, grant: "one" });
  tokens.keep("c", { principal: principal(2), until: 9, grant: "two" });
  tokens.endGrant("one");
  expect(["a", "b", "c"].map((digest) => tokens.find(digest, 0))).toEqual([undefined, undefined, principal(2)]);
  tokens.forget();
  expect(tokens.find("c", 0)).toBeUndefined();
});

test("however many tokens come, few are remembered, and the latest are", () => {
  const tokens = new KnownTokens();
  for (let n = 0; n < 30_000; n++) {
    tokens.keep(`valid ${n}`, { principal: principal(n), until: 9 });
    tokens.refuse(`refused ${n}`, "unknown", 0);
  }
  expect(tokens.size).toBe(11_000);
  expect(tokens.find("valid 29999", 0)).toEqual(principal(29_999));
  expect(tokens.find("valid 0", 0)).toBeUndefined();
});
