import { expect, test } from "vitest";
import { originProblems } from "./origins.ts";

test.each([undefined, "", "https://app.example.org", "https://a.example, http://localhost:3000", "*"])(
  "%s is a possible Origin",
  (value) => {
    expect(originProblems(value)).toEqual([]);
  },
);

test("each that no browser sends is refused with its name, as the gateway would", () => {
  expect(originProblems("https://app.example.org,https://A.example/ b.example")).toEqual([
    'ALLOWED_ORIGINS has "https://A.example/", expected scheme and host alone, as a browser sends them: https://a.example',
    'ALLOWED_ORIGINS has "b.example", expected scheme and host alone, as a browser sends them: https://app.example.org',
  ]);
});
