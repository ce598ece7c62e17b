import { randomBytes, randomUUID } from "node:crypto";
import { describe, expect, test } from "vitest";
import { digests, formProblem, secretName, tokens, weakness } from "./tokens.ts";

describe("tokens", () => {
  test("are one a line; blank lines, white space around and a second of the same do not count", () => {
    expect(tokens("one\ntwo")).toEqual(["one", "two"]);
    expect(tokens(" one \r\n\r\n\ttwo\r\none\r\n")).toEqual(["one", "two"]);
  });

  test.each([
    ["planted one", "has white space"],
    ["planted\tone", "has white space"],
    ["planted,one", "has a comma"],
    ["planted one, and two", "has white space"],
    ["good\nplanted one", "in line 2 has white space"],
    ["good\n\nplanted,", "in line 3 has a comma"],
    ["Bearer planted", 'begins with "Bearer"'],
    ['"planted"', "has quotes around it"],
    ["'planted'", "has quotes around it"],
    ["plantéd", "has a character that a header cannot carry"],
    ["planted\0", "has a character that a header cannot carry"],
    ["planted".repeat(1_000), "is longer than 4096 characters"],
    ["-----BEGIN PRIVATE KEY-----\nplanted\n-----END PRIVATE KEY-----", "in line 1 has white space"],
    ['{"type": "service_account", "key": "planted"}', "has white space"],
    [" ", "expected a bearer token"],
    ["\n", "expected a bearer token"],
  ])("in %j are refused by what is wrong, and not repeated", (text, problem) => {
    const message = messageOf(() => tokens(text));
    expect(message).toContain(problem);
    expect(message).not.toMatch(/plant/);
  });
});

describe("digests", () => {
  const [one, two] = ["a".repeat(64), "0123456789ABCDEF".repeat(4)];

  test("are one a line, in hexadecimal of any case", () => {
    expect(digests(`${one}\n\n ${two}\r\n`)).toEqual([one, two.toLowerCase()]);
  });

  test.each(["", "planted", one.slice(1), `${one}a`, `${one} ${one}`, `${one}  -`, `${one},${one}`, "g".repeat(64)])(
    "are refused as a whole when one is none: %j",
    (text) => expect(messageOf(() => digests(text))).toMatch(/^expected one SHA-256 digest a line.*sha256sum/),
  );
});

test.each([
  ["true", "true"],
  ["CODA_API_TOKEN", "CODA_API_TOKEN"],
  ["false", undefined],
])("a service's secret that is asked for with %j is %j", (text, name) => expect(secretName(text)).toBe(name));

test.each(["a b", "A,B", "A-B", "", "1A"])("%j names no secret", (text) => {
  expect(() => secretName(text)).toThrow(/^expected true, or the name/);
});

const good = [
  ...Array.from({ length: 200 }, () => randomBytes(12).toString("hex")),
  ...Array.from({ length: 200 }, () => randomBytes(32).toString("hex")),
  ...Array.from({ length: 200 }, () => randomBytes(32).toString("base64url")),
  ...Array.from({ length: 200 }, () => randomBytes(18).toString("base64")),
  ...Array.from({ length: 200 }, () => randomUUID() as string),
  ...Array.from({ length: 200 }, () => `gw_memory_${randomBytes(32).toString("base64url")}`),
  "ghp_16C7e42F292c6912E7710c838347Ae178B4a",
  "fc-0a1b2c3d4e5f60718293a4b5c6d7e8f9",
  "correct-Xkq83-battery-PL20z-staple-77vQ",
];

test("what a generator makes is good everywhere", () => {
  expect(good.filter((token) => formProblem(token) ?? weakness(token, true))).toEqual([]);
});

const placeholders = [
  "changeme change-me CHANGE_ME change_this changeit replaceme replace-with-a-real-token <your-token> <token> <TOKEN>",
  "your-token-here your_token yourtoken YOUR_API_TOKEN your-bearer-token-here your-secret-token-goes-here yoursecret",
  "your-super-secret-token-1234567890-your-token paste-token-here insert_your_token_here enter-your-token token-here",
  "xxx xxxx XXXXXXXX xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx 000000000000000000000000",
  "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa ******** ... ---- ${MCP_BEARER_TOKEN} $MCP_BEARER_TOKEN ${env:TOKEN} env:TOKEN",
  "{{token}} {token} [token] %TOKEN% $(openssl) token my-token bearer-token undefined null none None todo TODO fixme",
  "placeholder token-placeholder example dummy [object-Object] REDACTED tbd true my-placeholder-token-of-32-characters",
].flatMap((line) => line.split(" "));

test.each(placeholders)("%j stands for a token, and is none anywhere", (token) => {
  expect(weakness(token, false)).toBe("is a placeholder");
});

const guessed = [
  ...["secret", "t", "test", "password", "admin", "hunter2", "7f3a9c1e5b8d20e46c1f7a9"].map(
    (token) => [token, "has fewer than 24 characters"] as const,
  ),
  ...[
    "abababababababababababab",
    "abcabcabcabcabcabcabcabcabcabc",
    "0123456789012345678901234",
    "0123456789abcdef0123456789abcdef",
    "123456789012345678901234567890",
    "abcdefghijklmnopqrstuvwxyz",
    "zyxwvutsrqponmlkjihgfedcba",
    "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789",
    "passwordpasswordpassword",
    "secret-secret-secret-secret",
    "my-super-secret-bearer-token",
    "this-is-a-very-secret-token-2026",
    "supersecretpassword123456789",
    "qwertyuiopasdfghjklzxcvbnm",
    "gangway-memory-production-token",
    "mcp-gateway-master-key-for-test",
    "00000000000000000000000000000001",
    "deaddeaddeaddeaddeaddeaddead",
  ].map((token) => [token, "is easily guessed"] as const),
  ["14460eab-8367-40a5-b430-33c40671f6f4", "is printed in a public guide, so everybody has it"] as const,
  ["14460EAB-8367-40A5-B430-33C40671F6F4", "is printed in a public guide, so everybody has it"] as const,
  ["123e4567-e89b-12d3-a456-426614174000", "is printed in a public guide, so everybody has it"] as const,
  ["D41D8CD98F00B204E9800998ECF8427E", "is printed in a public guide, so everybody has it"] as const,
];

test.each(guessed)("%j is enough on this machine alone: elsewhere it %s", (token, problem) => {
  expect(weakness(token, true)).toBe(problem);
  expect(weakness(token, false)).toBeUndefined();
});

test("hostile tokens are judged in no time", () => {
  const began = performance.now();
  for (const token of [
    "a".repeat(4_096),
    `${"ab".repeat(2_047)}c`,
    `${"abcdefghijklmnopq".repeat(240)}!`,
    "<".repeat(4_096),
  ])
    weakness(token, true);
  expect(performance.now() - began).toBeLessThan(1_000);
});

function messageOf(read: () => unknown): string {
  try {
    read();
  } catch (error) {
    return (error as Error).message;
  }
  throw new Error("nothing is refused");
}
