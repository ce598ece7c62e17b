/** What one gateway tells another about a request: nobody else can, and not twice. */
import { randomBytes } from "node:crypto";
import { describe, expect, test } from "vitest";
import type { Exchange } from "./exchange.ts";
import { sign } from "../sessions/replicas/session-ids.ts";
import { checkBody, ForwardVerifier, signForward, type Signing } from "./forward-signature.ts";
import { FORWARDED } from "./forwarded.ts";

/** As much of an exchange as is signed. */
function exchangeOf(headers: Record<string, string> = {}, method = "POST"): Exchange {
  const header = (name: string) => headers[name];
  return { method, path: "/mcp", address: "192.0.2.7", header, req: { headers } } as unknown as Exchange;
}

const KEY = randomBytes(32);
const BODY = Buffer.from("{}");
const HERE = "gateway-b:8080";
const SIGNING = { key: KEY, audience: HERE, principal: { id: "token-1" }, body: BODY };
const signed = (more: Partial<Signing> = {}, time = Date.now(), headers: Record<string, string> = {}) =>
  signForward(exchangeOf(headers), { ...SIGNING, ...more }, time);
const verifierAt = (audience = HERE) => new ForwardVerifier(KEY, () => audience);
const open = (header: string, verifier = verifierAt(), more: Record<string, string> = {}, method = "POST") =>
  verifier.verify(exchangeOf({ [FORWARDED]: header, ...more }, method));
const refusal = /says that another gateway sent it on/;

/** Signs any claims, as only a gateway with the key can. */
function withClaims(claims: unknown): string {
  const text = Buffer.from(JSON.stringify(claims)).toString("base64url");
  return `${text}.${sign(KEY, text)}`;
}

/** What a gateway of the release before signs. */
const VERSION_1 = () => ({
  method: "POST",
  path: "/mcp",
  session: "",
  principal: "token-1",
  address: "192.0.2.7",
  digest: "x",
  time: Date.now(),
  nonce: randomBytes(9).toString("hex"),
});

test("a verified header says whose request it is, and from where", () => {
  expect(open(signed())).toMatchObject({ principal: "token-1", address: "192.0.2.7" });
});

test("a signature is valid once", () => {
  const verifier = verifierAt();
  const header = signed();
  open(header, verifier);
  expect(() => open(header, verifier)).toThrow(refusal);
  expect(() => open(signed(), verifier)).not.toThrow();
});

test("a signature is valid for half a minute, by either clock", () => {
  expect(() => open(signed({}, Date.now() - 29_000))).not.toThrow();
  expect(() => open(signed({}, Date.now() - 31_000))).toThrow(refusal);
  expect(() => open(signed({}, Date.now() + 31_000))).toThrow(refusal);
});

test("a signature is valid only for the request that it was made for", () => {
  expect(() => open(signed(), verifierAt(), { "mcp-session-id": "another" })).toThrow(refusal);
  expect(() => open(signed(), verifierAt(), {}, "DELETE")).toThrow(refusal);
  expect(() => checkBody(open(signed()), BODY)).not.toThrow();
  expect(() => checkBody(open(signed()), Buffer.from("{ }"))).toThrow(refusal);
});

test.each(["accept", "content-type", "last-event-id", "mcp-protocol-version", "mcp-name", "mcp-param-region"])(
  "a signature binds the header %s",
  (name) => {
    const header = signed({}, Date.now(), { [name]: "a" });
    expect(() => open(header, verifierAt(), { [name]: "b" })).toThrow(refusal);
    expect(() => open(header)).toThrow(refusal);
    expect(() => open(signed(), verifierAt(), { [name]: "a" })).toThrow(refusal);
    expect(() => open(header, verifierAt(), { [name]: "a", host: HERE, connection: "close" })).not.toThrow();
  },
);

test("a signature is valid only at the gateway that it was made for", () => {
  expect(() => open(signed(), verifierAt("gateway-c:8080"))).toThrow(refusal);
  expect(() => open(signed({ audience: "" }))).toThrow(refusal);
});

test("a gateway of the release before is understood, and understands", () => {
  expect(open(withClaims(VERSION_1()))).toMatchObject({ principal: "token-1" });
  const [text = ""] = signed().split(".");
  const claims = JSON.parse(Buffer.from(text, "base64url").toString()) as Record<string, unknown>;
  for (const [name, value] of Object.entries(VERSION_1())) expect(typeof claims[name], name).toBe(typeof value);
});

test.each(Object.keys(VERSION_1()))("a claim that is missing is refused: %s", (name) => {
  for (const value of [undefined, null, {}, []])
    expect(() => open(withClaims({ ...VERSION_1(), [name]: value }))).toThrow(refusal);
});

test.each([
  { version: 1 },
  { version: 3 },
  { version: "2" },
  { version: 2 },
  { version: 2, audience: HERE },
  { audience: HERE },
  { headers: "x" },
  { time: "now" },
  { time: Number.MAX_VALUE },
  { nonce: "" },
])("claims of no known version are refused: %j", (claims) => {
  expect(() => open(withClaims({ ...VERSION_1(), ...claims }))).toThrow(refusal);
});

test.each([null, 1, "text", []])("what is signed and no object is refused: %j", (claims) => {
  expect(() => open(withClaims(claims))).toThrow(refusal);
});

test("a forged header is refused", () => {
  const other = signed({ key: randomBytes(32) });
  for (const header of [
    "",
    ".",
    "x.y",
    `${signed()}x`,
    `${signed()}.x`,
    signed().replace(".", "x."),
    other,
    "x".repeat(15_000),
  ]) {
    expect(() => open(header)).toThrow(refusal);
  }
});

describe("of a principal whose token opens less", () => {
  const CI = { id: "token:ci", name: "ci", tools: ["read_*"], expires: 5 };

  test("a verified header says that, under a version that an older gateway refuses", () => {
    const header = signed({ principal: CI });
    expect(open(header)).toMatchObject({
      principal: "token:ci",
      rights: { name: "ci", tools: ["read_*"], expires: 5 },
    });
    expect(JSON.parse(Buffer.from(header.split(".")[0]!, "base64url").toString())).toMatchObject({ version: 3 });
  });

  test("nothing more is said of one of whom there is nothing to say, so that an older gateway takes it", () => {
    const claims = JSON.parse(
      Buffer.from(signed({ principal: { id: "token-1", isOperator: true } }).split(".")[0]!, "base64url").toString(),
    ) as object;
    expect(claims).toMatchObject({ version: 2, principal: "token-1" });
    expect(claims).not.toHaveProperty("rights");
  });

  test("the caller's own secret is told, which the server of its session is given", () => {
    const header = signed({ principal: { ...CI, credential: "planted" } });
    expect(JSON.parse(Buffer.from(header.split(".")[0]!, "base64url").toString())).toMatchObject({
      rights: { credential: "planted" },
    });
  });

  test.each([
    ["a version 3 without them", {}],
    ["a version 2 with them", { version: 2, rights: { name: "ci" } }],
    ["a version 1 with them", { version: undefined, audience: undefined, headers: undefined, rights: { name: "ci" } }],
    ["patterns that are no list", { rights: { tools: "read_*" } }],
    ["patterns that are no texts", { rights: { tools: [1] } }],
    ["a time that is none", { rights: { expires: "soon" } }],
    ["nothing", { rights: null }],
  ])("%s is refused", (_, wrong) => {
    const whole = JSON.parse(Buffer.from(signed().split(".")[0]!, "base64url").toString()) as object;
    expect(() => open(withClaims({ ...whole, version: 3, ...wrong }))).toThrow(refusal);
  });
});
