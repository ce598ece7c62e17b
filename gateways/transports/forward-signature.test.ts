/** What one gateway tells another about a request: nobody else can, and not twice. */
import { randomBytes } from "node:crypto";
import { expect, test } from "vitest";
import type { Exchange } from "./exchange.ts";
import { checkBody, ForwardVerifier, signForward } from "./forward-signature.ts";
import { FORWARDED } from "./forwarded.ts";

/** As much of an exchange as is signed. */
function exchangeOf(headers: Record<string, string> = {}, method = "POST"): Exchange {
  const header = (name: string) => headers[name];
  return { method, path: "/mcp", address: "192.0.2.7", header } as unknown as Exchange;
}

const KEY = randomBytes(32);
const BODY = Buffer.from("{}");
const signed = (key = KEY, time = Date.now()) => signForward(key, exchangeOf(), "token-1", BODY, time);
const open = (
  header: string,
  verifier = new ForwardVerifier(KEY),
  more: Record<string, string> = {},
  method = "POST",
) => verifier.verify(exchangeOf({ [FORWARDED]: header, ...more }, method));
const refusal = /says that another gateway sent it on/;

test("a verified header says whose request it is, and from where", () => {
  expect(open(signed())).toMatchObject({ principal: "token-1", address: "192.0.2.7" });
});

test("a signature is valid once", () => {
  const verifier = new ForwardVerifier(KEY);
  const header = signed();
  open(header, verifier);
  expect(() => open(header, verifier)).toThrow(refusal);
  expect(() => open(signed(), verifier)).not.toThrow();
});

test("a signature is valid for half a minute, by either clock", () => {
  expect(() => open(signed(KEY, Date.now() - 29_000))).not.toThrow();
  expect(() => open(signed(KEY, Date.now() - 31_000))).toThrow(refusal);
  expect(() => open(signed(KEY, Date.now() + 31_000))).toThrow(refusal);
});

test("a signature is valid only for the request that it was made for", () => {
  expect(() => open(signed(), new ForwardVerifier(KEY), { "mcp-session-id": "another" })).toThrow(refusal);
  expect(() => open(signed(), new ForwardVerifier(KEY), {}, "DELETE")).toThrow(refusal);
  expect(() => checkBody(open(signed()), BODY)).not.toThrow();
  expect(() => checkBody(open(signed()), Buffer.from("{ }"))).toThrow(refusal);
});

test("a forged header is refused", () => {
  for (const header of ["", ".", "x.y", `${signed()}x`, signed().replace(".", "x."), signed(randomBytes(32))]) {
    expect(() => open(header)).toThrow(refusal);
  }
});
