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

test.each([
  [
    "quoted",
    "npm error code E404\nnpm error 404 Not Found - GET https://registry.example/foo-mcp - Not found\nnpm error 404\nnpm error 404  'foo-mcp@1.0.0' is not in this registry.",
    "foo-mcp@1.0.0",
  ],
  [
    "in other words",
    "npm error code E404\nnpm error 404 Not Found - GET https://registry.example/@a%2ffoo - Not found\nnpm error 404 The requested resource '@a/foo@1.0.0' could not be found or you do not have permission to access it.",
    "@a/foo@1.0.0",
  ],
  [
    "in the address alone",
    "npm error 404 Not Found - GET https://registry.example/npm/foo-mcp\nnpm error 404",
    "foo-mcp",
  ],
  ["in the address, with a scope", "npm error 404 Not Found - GET https://registry.example/@a%2ffoo", "@a/foo"],
])("a package that does not exist is named, where npm has it %s", (_, said, name) => {
  expect(reasonOf(said)).toBe(`no such npm package: ${name}`);
});
