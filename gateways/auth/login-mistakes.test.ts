import { expect, test } from "vitest";
import { loginMistake, neverValid } from "./login-mistakes.ts";

test.each([
  "Bearer ${T}",
  "Bearer ${MCP_TOKEN:-}",
  "Bearer ${env:T}",
  "Bearer ${input:token}",
  "Bearer ${{ secrets.T }}",
  "Bearer $T",
  "Bearer $MCP_BEARER_TOKEN",
  "Bearer %T%",
  "Bearer {env:T}",
  "Bearer {{T}}",
  "Bearer {{ $json.token }}",
  "Bearer <token>",
  "Bearer <YOUR TOKEN>",
  "Bearer [token]",
  'Bearer "${T}"',
  "bearer  ${T}",
  "${T}",
])("%s is told to be a placeholder", (header) => {
  expect(loginMistake(header)).toMatch(/placeholder instead of the token/);
});

test.each([
  ["Bearer", /Bearer without a token/],
  ["Bearer ", /Bearer without a token/],
  ["Bearer undefined", /a word that stands for a token/],
  ["Bearer null", /a word that stands for a token/],
  ["Bearer your-token-here", /a word that stands for a token/],
  ["Bearer [object Object]", /placeholder|a word/],
  ["Bearer Bearer x", /Bearer is there twice/],
  ['Bearer "0123456789abcdef"', /in quotes/],
  ["Bearer '0123456789abcdef'", /in quotes/],
  ["Bearer one two", /a space in the token/],
  ["Basic Zmlyc3Q=", /does not begin with the word Bearer/],
  ["0123456789abcdef", /does not begin with the word Bearer/],
  ["Bearer0123456789abcdef", /does not begin with the word Bearer/],
])("%s is told: %s", (header, told) => {
  expect(loginMistake(header)).toMatch(told);
});

test.each([
  undefined,
  "Bearer 0123456789abcdef",
  "Bearer a$b",
  "Bearer {x",
  "Bearer eyJhbGciOiJub25lIn0.e30.",
  "Bearer invalid",
])("nothing is told of what may be a token: %s", (header) => {
  expect(loginMistake(header)).toBeUndefined();
});

test("what is told never repeats what was sent", () => {
  for (const secret of ["s3cr3t-t0ken", "$s3cr3t", "'s3cr3t'", "<s3cr3t>"])
    for (const header of [`Bearer ${secret}`, `Bearer Bearer ${secret}`, secret, `Bearer ${secret} x`])
      expect(loginMistake(header) ?? "").not.toContain("s3cr3t");
});

test("a header of many KiB is not looked through", () => {
  expect(loginMistake(`Bearer ${"{".repeat(15_000)}`)).toBeUndefined();
});

test("the word `invalid` is a token nowhere", () => {
  expect(neverValid("Bearer invalid")).toBe(true);
  expect([undefined, "Bearer invalid-but-ours", "Bearer valid"].some(neverValid)).toBe(false);
});
