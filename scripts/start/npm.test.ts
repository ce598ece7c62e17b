import { expect, test } from "vitest";
import { reasonOf } from "./npm.ts";

test("npm's complaint is shown without its codes and the hint at its log", () => {
  const said = [
    "npm error code ENOTFOUND",
    "npm error syscall getaddrinfo",
    "npm error errno ENOTFOUND",
    "npm error network request to https://example.org/pkg failed, reason: getaddrinfo ENOTFOUND example.org",
    "npm error network This is a problem related to network connectivity.",
    "npm error A complete log of this run can be found in: debug.log",
  ].join("\n");
  expect(reasonOf(said)).toBe(
    "request to https://example.org/pkg failed, reason: getaddrinfo ENOTFOUND example.org This is a problem related to network connectivity.",
  );
});

test("an npm that says nothing gets words of ours", () => {
  expect(reasonOf("")).toBe("it gave no reason");
});
