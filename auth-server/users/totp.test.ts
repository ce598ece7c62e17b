import { expect, test } from "vitest";
import { newTotpSecret, stepAt, stepOf, totpCode, totpUri } from "./totp.ts";

/** "12345678901234567890", as RFC 6238 has it in appendix B. */
const SECRET = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ";

test.each([
  [59, "287082"],
  [1_111_111_109, "081804"],
  [1_111_111_111, "050471"],
  [1_234_567_890, "005924"],
  [2_000_000_000, "279037"],
  [20_000_000_000, "353130"],
])("the code at second %i is the one of RFC 6238", (second, code) => {
  expect(totpCode(SECRET, stepAt(second * 1_000))).toBe(code);
});

test.each([-1, 0, 1])("a clock may be wrong by %i steps", (drift) => {
  const now = 1_234_567_890_000;
  expect(stepOf(totpCode(SECRET, stepAt(now) + drift), SECRET, 0, now)).toBe(stepAt(now) + drift);
});

test.each([-2, 2])("a clock may not be wrong by %i steps", (drift) => {
  const now = 1_234_567_890_000;
  expect(stepOf(totpCode(SECRET, stepAt(now) + drift), SECRET, 0, now)).toBeUndefined();
});

test.each(["", "12345", "1234567", "abcdef", "١٢٣٤٥٦"])("%j is no code", (code) => {
  expect(stepOf(code, SECRET, 0, 59_000)).toBeUndefined();
});

test("a new secret has 160 bits, and an app can read it", () => {
  expect(newTotpSecret()).toMatch(/^[A-Z2-7]{32}$/);
  expect(totpUri(SECRET, "ada@example.org", "auth.example.org")).toBe(
    `otpauth://totp/auth.example.org:ada%40example.org?secret=${SECRET}&issuer=auth.example.org`,
  );
});
