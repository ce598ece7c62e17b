import { inspect } from "node:util";
import { describe, expect, test } from "vitest";
import { Secrets, secrets, told } from "./secrets.ts";

const VALUE = `p@ss w0rd/+"ü?&='<x`;

const withSecret = (value: string, name = "API_TOKEN") => {
  const known = new Secrets();
  known.add(name, value);
  return (text: string) => known.redacted(text);
};

const forms: Record<string, string> = {
  "as it is": VALUE,
  "as JSON": JSON.stringify({ value: VALUE }),
  "as JSON in JSON": JSON.stringify(JSON.stringify(VALUE)),
  "as ASCII JSON": JSON.stringify(VALUE).replaceAll("ü", "\\u00fc"),
  "in a URL": `https://x.example/?key=${encodeURIComponent(VALUE)}`,
  "in a URL, in lower case": encodeURIComponent(VALUE).replace(/%../g, (hex) => hex.toLowerCase()),
  "in a form": new URLSearchParams({ VALUE }).toString(),
  "in Base64": Buffer.from(VALUE).toString("base64"),
  "in Base64 for URLs": Buffer.from(VALUE).toString("base64url"),
  "in Base64 after one character": Buffer.from(`:${VALUE}`).toString("base64"),
  "in Base64 with a user before it": Buffer.from(`bob:${VALUE}\n`).toString("base64"),
  "in Base64 after five": Buffer.from(`alice:${VALUE}!`).toString("base64"),
  "in hex": Buffer.from(VALUE).toString("hex"),
  "in hex, in capitals": Buffer.from(VALUE).toString("hex").toUpperCase(),
  "as Node shows bytes": inspect(Buffer.from(VALUE)),
  "in hex with colons": Buffer.from(VALUE)
    .toString("hex")
    .replace(/..(?=.)/g, "$&:"),
  "as PHP writes JSON": JSON.stringify(VALUE).replaceAll("/", "\\/").replaceAll("ü", "\\u00fc"),
  "as Go writes JSON": JSON.stringify(VALUE).replaceAll("&", "\\u0026").replaceAll("<", "\\u003c"),
  "as .NET writes JSON": String.raw`p@ss w0rd/\u002B\u0022\u00FC?\u0026=\u0027\u003Cx`,
  "as Python shows a text": VALUE.replaceAll("'", "\\'"),
  "in a page of Python's": "p@ss w0rd/+&quot;ü?&amp;=&#x27;&lt;x",
  "in a page of Go's": "p@ss w0rd/+&#34;ü?&amp;=&#39;&lt;x",
  "in XML": "p@ss w0rd/+&quot;ü?&amp;=&apos;&lt;x",
};

test.each(Object.entries(forms))("a secret is replaced by its name %s", (_, text) => {
  const shown = withSecret(VALUE)(`failed: ${text}.`);
  expect(shown).toContain("[API_TOKEN]");
  expect(shown).toMatch(/^failed: /);
  expect(shown).not.toMatch(/p@ss|w0rd|p%40ss|cEBzcy|QHNzIH|BAc3Mg|70.?40.?73/i);
});

test("each line of a secret of several lines is one", () => {
  const key = `-----BEGIN PRIVATE KEY-----\n${"MIIEvQIBADANBgkq".repeat(4)}\n${"hkiG9w0BAQEFAASC".repeat(4)}\n-----END PRIVATE KEY-----`;
  const redacted = withSecret(key, "KEY");
  expect(redacted(key)).toBe("[KEY]");
  for (const line of key.split("\n").slice(1, 3)) expect(redacted(`read ${line}`)).toBe("read [KEY]");
});

test("a short secret is replaced where it is a word of its own, one of less than four characters not at all", () => {
  expect(withSecret("abc1")("abc1 xabc1 abc1. 'abc1'")).toBe("[API_TOKEN] xabc1 [API_TOKEN]. '[API_TOKEN]'");
  expect(withSecret("abc")("abc")).toBe("abc");
  expect(withSecret("postgres")("postgres postgresql")).toBe("[API_TOKEN] postgresql");
});

test("of two secrets the longer one is replaced where one contains the other", () => {
  const known = new Secrets();
  known.add("SHORT", "abcdef123");
  known.add("LONG", "abcdef123456");
  expect(known.redacted("abcdef123456 abcdef123")).toBe("[LONG] [SHORT]");
});

describe("what nobody has told it", () => {
  const redacted = withSecret("something-else-1");

  test("the password of a URL", () => {
    expect(redacted("cannot reach postgres://bob:hunter2@db.example/x")).toBe(
      "cannot reach postgres://bob:[password]@db.example/x",
    );
  });

  test("what an Authorization header carries", () => {
    const ofService = `gw_memory-2_${"aB3_-".repeat(8)}xyz`;
    expect(redacted(`refused ${ofService}.`)).toBe("refused [token].");
    expect(redacted("sent Authorization: Bearer ghp_16C7e42F292c6912E7 to x")).toBe(
      "sent Authorization: Bearer [token] to x",
    );
    const ours = "Send Authorization: Bearer <token>; the Bearer authentication needs a bearer token.";
    expect(redacted(ours)).toBe(ours);
  });
});

test("a secret is found even if the text is cut in the middle of it, or has a colour code in it", () => {
  secrets.add("API_TOKEN", "s3cr3t-value-of-many-characters");
  expect(told(`${"x".repeat(60)} s3cr3t-value-of-many-characters`, { limit: 80 })).not.toContain("s3cr3t");
  expect(told("s3cr3t-\u001b[31mvalue-of\u001b[0m-many-characters")).toBe("[API_TOKEN]");
});

test("a thousand secrets cost little more than one", () => {
  const many = new Secrets();
  for (let number = 0; number < 1_000; number++) many.add(`T${number}`, `tok_${number}_${"abcdefgh".repeat(3)}`);
  const text = "the server said that nothing of it is known here, ".repeat(80);
  many.redacted(text);
  const began = process.cpuUsage().user;
  for (let round = 0; round < 100; round++) many.redacted(text);
  expect(process.cpuUsage().user - began).toBeLessThan(2_000_000);
});
