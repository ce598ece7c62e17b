/** Requests that claim to be forwarded by another gateway: only those that one has signed are believed. */
import { randomBytes } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect } from "vitest";
import { at, test } from "../../fixtures/replicas.ts";
import { keyFor } from "../../sessions/replicas/session-ids.ts";
import type { Exchange } from "../../transports/exchange.ts";
import { signForward } from "../../transports/forward-signature.ts";
import { FORWARDED } from "../../transports/forwarded.ts";

/** What the client of these tests sends with every POST. */
const SENT = { "content-type": "application/json", accept: "application/json, text/event-stream" };

/** As much of an exchange as is signed. */
function exchangeOf(more: Record<string, string> = {}): Exchange {
  const headers: Record<string, string> = { ...SENT, ...more };
  const session = headers["mcp-session-id"];
  return { method: "POST", path: "/mcp", address: "192.0.2.7", session, req: { headers } } as unknown as Exchange;
}

/** A header that somebody without the key has made. */
const forged = () =>
  signForward(exchangeOf(), {
    key: randomBytes(32),
    audience: "x",
    principal: { id: "token-1" },
    body: Buffer.from("{}"),
  });

test("a client that claims to be a gateway is refused and audited, whatever its token", async ({ replica, state }) => {
  const gateway = await replica({ flags: ["--token", "ann"] });
  const ann = await gateway.client({ authorization: "Bearer ann" }).open();
  const headers = { [FORWARDED]: forged() };
  const ping = { jsonrpc: "2.0", id: 1, method: "ping" };
  expect((await ann.post(ping, headers)).status).toBe(403);
  expect(gateway.log).toMatch(/"reason":"not forwarded by a gateway".*AUTH refused/);
  // Signed as another gateway would: it needs no token, and is refused when it is sent again.
  const key = keyFor(readFileSync(join(state, "fixture.secret"), "utf8").trim(), "fixture", "forwarded request");
  const exchange = exchangeOf({ "mcp-session-id": ann.session });
  const body = Buffer.from(JSON.stringify(ping));
  const audience = `127.0.0.1:${gateway.port}`;
  const said = (id: string) => ({ [FORWARDED]: signForward(exchange, { key, audience, principal: { id }, body }) });
  const client = at(gateway, ann);
  const nobody = { ...said(principalIn(gateway.log)!), authorization: "none" };
  expect((await client.post(body, nobody)).status).toBe(200);
  expect((await client.post(body, nobody)).status).toBe(403);
  expect((await client.post(body, said("bob"))).status).toBe(404);
  expect((await client.post("{}", said("ann"))).status).toBe(403);
});

test("a gateway that stands alone refuses every forwarded request", async ({ run }) => {
  const gateway = await run();
  const client = await gateway.client().open();
  const response = await client.post({ jsonrpc: "2.0", id: 1, method: "ping" }, { [FORWARDED]: forged() });
  expect(response.status).toBe(403);
});

const principalIn = (log: string) => /"principal":"(token-\w+)"/.exec(log)?.[1];
