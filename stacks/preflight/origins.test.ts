import { expect, test } from "vitest";
import { originProblems } from "./origins.ts";

test.each([undefined, "", "https://app.example.org", "https://a.example, http://localhost:3000", "*"])(
  "%s is a possible Origin",
  (value) => {
    expect(originProblems(value)).toEqual([]);
  },
);

test.each([
  "app.example.org",
  "https://a.example/",
  "https://a.example/path",
  "https://A.example",
  "https://a.example:443",
])("%s is refused, because no browser sends it", (value) => {
  expect(originProblems(`https://app.example.org,${value}`)).toEqual([
    `ALLOWED_ORIGINS has "${value}", expected only scheme and host, as in https://app.example.org`,
  ]);
});
