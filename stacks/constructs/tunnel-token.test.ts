import { expect, test } from "vitest";
import { readTunnelToken } from "./tunnel-token.ts";

const fields = {
  a: "0123456789abcdef0123456789abcdef",
  t: "6ff42ae2-765d-4adf-8112-31c55c1551ef",
  s: "dG9wLXNlY3JldA==",
};
const encode = (value: unknown) => Buffer.from(JSON.stringify(value)).toString("base64");

test("a token gives its account and tunnel, but not its secret", () => {
  expect(readTunnelToken(`${encode(fields)}\n`)).toEqual({ accountId: fields.a, id: fields.t });
});

test.each([
  ["a text that is not base64 of JSON", "hunter2-top-secret", "it is not the base64 of a JSON object"],
  ["base64 of a number", encode(7), "it is not the base64 of a JSON object"],
  ["a token without a tunnel", encode({ ...fields, t: undefined }), "its tunnel id (field t) is not a UUID"],
  ["a malformed account id", encode({ ...fields, a: "me" }), "its account (field a) is not 32 hexadecimal digits"],
  ["a token without its secret", encode({ ...fields, s: "" }), "its secret (field s) is missing"],
])("%s is refused, and not shown", (_, token, problem) => {
  const refusal = () => readTunnelToken(token);
  expect(refusal).toThrow(problem);
  expect(refusal).not.toThrow(/hunter2|top-secret|dG9w/);
});
