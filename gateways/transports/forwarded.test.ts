/** What one gateway says of a request to another: nobody else can say it, and not twice. */
import { randomBytes } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect } from "vitest";
import { at, test } from "../fixtures/replicas.ts";
import { keyFor } from "../sessions/replicas/session-ids.ts";
import { checkBody, FORWARDED, signForward, ForwardVerifier } from "./forwarded.ts";
import type { Exchange } from "./exchange.ts";

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
) => verifier.open(exchangeOf({ [FORWARDED]: header, ...more }, method));
const refusal = /says that another gateway sent it on/;

test("what was signed is read: whose request it is, and from where", () => {
  expect(open(signed())).toMatchObject({ principal: "token-1", address: "192.0.2.7" });
});

test("it is good once", () => {
  const verifier = new ForwardVerifier(KEY);
  const header = signed();
  open(header, verifier);
  expect(() => open(header, verifier)).toThrow(refusal);
  expect(() => open(signed(), verifier)).not.toThrow();
});

test("it is good for half a minute, by either clock", () => {
  expect(() => open(signed(KEY, Date.now() - 29_000))).not.toThrow();
  expect(() => open(signed(KEY, Date.now() - 31_000))).toThrow(refusal);
  expect(() => open(signed(KEY, Date.now() + 31_000))).toThrow(refusal);
});

test("it is good for the request that it was made for", () => {
  expect(() => open(signed(), new ForwardVerifier(KEY), { "mcp-session-id": "another" })).toThrow(refusal);
  expect(() => open(signed(), new ForwardVerifier(KEY), {}, "DELETE")).toThrow(refusal);
  expect(() => checkBody(open(signed()), BODY)).not.toThrow();
  expect(() => checkBody(open(signed()), Buffer.from("{ }"))).toThrow(refusal);
});

test("what another has written is refused", () => {
  for (const header of ["", ".", "x.y", `${signed()}x`, signed().replace(".", "x."), signed(randomBytes(32))]) {
    expect(() => open(header)).toThrow(refusal);
  }
});

test("a client that claims to be a gateway is refused and written down; its token does not matter", async ({
  replica,
  state,
}) => {
  const gateway = await replica({ flags: ["--token", "ann"] });
  const ann = await gateway.client({ authorization: "Bearer ann" }).open();
  const headers = { [FORWARDED]: signed() };
  const ping = { jsonrpc: "2.0", id: 1, method: "ping" };
  expect((await ann.post(ping, headers)).status).toBe(403);
  expect(gateway.log).toMatch(/"reason":"not sent on by a gateway".*AUTH refused/);
  // Signed as another gateway would: no token is asked for, and the same again is refused.
  const key = keyFor(readFileSync(join(state, "fixture.secret"), "utf8").trim(), "fixture", "forwarded request");
  const exchange = exchangeOf({ "mcp-session-id": ann.session });
  const body = Buffer.from(JSON.stringify(ping));
  const said = (principal: string) => ({ [FORWARDED]: signForward(key, exchange, principal, body) });
  const client = at(gateway, ann);
  const nobody = { ...said(principalIn(gateway.log)!), authorization: "none" };
  expect((await client.post(body, nobody)).status).toBe(200);
  expect((await client.post(body, nobody)).status).toBe(403);
  expect((await client.post(body, said("bob"))).status).toBe(404);
  expect((await client.post("{}", said("ann"))).status).toBe(403);
});

test("where there are no other gateways, nobody is one", async ({ run }) => {
  const gateway = await run();
  const client = await gateway.client().open();
  const response = await client.post({ jsonrpc: "2.0", id: 1, method: "ping" }, { [FORWARDED]: signed() });
  expect(response.status).toBe(403);
});

const principalIn = (log: string) => /"principal":"(token-\w+)"/.exec(log)?.[1];
