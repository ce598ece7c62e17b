/** What people read when their client is refused. */
import { describe, expect } from "vitest";
import { test } from "../../fixtures/harness.ts";
import { sendRaw } from "../../fixtures/raw.ts";

const TOKEN = "right-token-of-some-length";
const bearer = { service: { isolation: "shared" }, tokens: [TOKEN], loginRate: 1_000 } as const;
const shared = { service: { isolation: "shared" } } as const;

describe("a login that cannot be right", () => {
  test.for([
    ["Bearer ${T}", /placeholder instead of the token/],
    ["Bearer $T", /placeholder instead of the token/],
    ["Bearer %T%", /placeholder instead of the token/],
    ["Bearer ${env:T}", /placeholder instead of the token/],
    ["Bearer {{T}}", /placeholder instead of the token/],
    ["Bearer <token>", /placeholder instead of the token/],
    ["Bearer", /Bearer without a token/],
    ["Bearer undefined", /a word that stands for a token/],
    ["Bearer null", /a word that stands for a token/],
    [`Bearer Bearer ${TOKEN}`, /Bearer is there twice/],
    [`Bearer "${TOKEN}"`, /the token is in quotes/],
    [TOKEN, /does not begin with the word Bearer/],
  ] as const)("(%s) is told in the answer and in the audit", async ([authorization, told], { start }) => {
    const { client, log } = await start(bearer);
    const response = await client({ authorization }).initialize();
    expect([response.status, response.headers.get("www-authenticate")]).toEqual([401, "Bearer"]);
    const text = await response.text();
    expect(text).toMatch(told);
    const line = log.find((one) => one.includes('"audit":"refused"'));
    expect(line).toMatch(told);
    expect(text + line).not.toContain(TOKEN);
  });

  test("but may be, is told nothing of: a wrong token, or none", async ({ start }) => {
    const { client, log } = await start(bearer);
    for (const headers of [{ authorization: "Bearer another-token-of-some-length" }, {}] as Record<string, string>[])
      expect(await (await client(headers).initialize()).text()).toContain("A valid bearer token is required. Send");
    expect(
      log.filter((line) => line.includes("AUTH refused")).map((line) => /"reason":"([^"]*)"/.exec(line)?.[1]),
    ).toEqual(["unknown token", "no token"]);
  });
});

describe("an OAuth client", () => {
  const PATHS = [
    ["GET", "/.well-known/oauth-protected-resource"],
    ["GET", "/.well-known/oauth-protected-resource/mcp"],
    ["GET", "/.well-known/oauth-authorization-server"],
    ["GET", "/.well-known/oauth-authorization-server/mcp"],
    ["GET", "/.well-known/openid-configuration"],
    ["GET", "/.well-known/openid-configuration/mcp"],
    ["GET", "/mcp/.well-known/openid-configuration"],
    ["POST", "/register"],
    ["GET", "/authorize?response_type=code"],
    ["POST", "/token"],
  ] as const;

  test.for(PATHS)("is told at %s %s that there is a bearer token and no OAuth", async ([method, path], { start }) => {
    const { port } = await start(bearer);
    const response = await fetch(`http://127.0.0.1:${port}${path}`, {
      method,
      ...(method === "POST" && { body: "{}" }),
    });
    expect([response.status, response.headers.get("content-type")]).toEqual([404, "application/json"]);
    expect(await response.json()).toEqual({
      error: "invalid_request",
      error_description: expect.stringMatching(
        /^This address takes a bearer token in the Authorization header; it has no OAuth\./,
      ) as string,
    });
  });

  test.for(["", "/fixture"])("is told so on a hub, too (below %j)", async (prefix, { start }) => {
    const { port } = await start({ ...bearer, hub: true });
    const { status, body } = await sendRaw(
      port,
      `POST ${prefix}/register HTTP/1.1\r\nHost: localhost\r\nContent-Length: 0\r\n\r\n`,
    );
    expect([status, JSON.parse(body)]).toMatchObject([404, { error: "invalid_request" }]);
    const document = await fetch(`http://127.0.0.1:${port}${prefix}/.well-known/oauth-protected-resource/fixture/mcp`);
    expect(await document.json()).toMatchObject({ error_description: expect.stringMatching(/no OAuth/) as string });
  });

  test("is told that no login is needed, where none is", async ({ start }) => {
    const { probe } = await start(shared);
    const response = await probe("/register");
    expect([response.status, await response.json()]).toMatchObject([
      404,
      { jsonrpc: "2.0", error: { message: expect.stringMatching(/needs no login/) as string } },
    ]);
  });
});

test.for([
  ["a token", bearer],
  ["no token", shared],
  ["a token of the service alone", { service: { isolation: "shared", tokens: [TOKEN] } }],
] as const)(
  "the check of a deployment that `Bearer invalid` is 401 holds where %s is set",
  async ([, settings], { start }) => {
    const { port } = await start(settings);
    const response = await fetch(`http://127.0.0.1:${port}/mcp`, {
      method: "POST",
      headers: { authorization: "Bearer invalid", "content-type": "application/json" },
      body: "{}",
    });
    expect(response.status).toBe(401);
  },
);

test("a limit is counted once and told as it was set", async ({ start }) => {
  const { open } = await start({
    ...shared,
    exemptLoopback: false,
    requestRate: { times: 100, per: 900 },
    requestBurst: 100,
  });
  const client = await open(); // two requests
  const statuses = [];
  for (let calls = 0; calls < 100; calls++) statuses.push((await client.notify("notifications/x")).status);
  expect(statuses.filter((status) => status === 202)).toHaveLength(98);
  const refused = await client.notify("notifications/x");
  expect(refused.status).toBe(429);
  expect(await refused.text()).toContain("the limit is 100 requests in 15 minutes.");
});

test("a backend that opens sessions for a hundred users in a minute is one client with one token", async ({
  start,
}) => {
  const { client } = await start({ ...bearer, exemptLoopback: false, requestBurst: 1_000 });
  for (let user = 0; user < 100; user++)
    expect((await client({ authorization: `Bearer ${TOKEN}` }).initialize()).status).toBe(200);
});
