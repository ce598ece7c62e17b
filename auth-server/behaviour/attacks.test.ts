/** Attacks on the protocol, each by name. Those on the pages are in interactions/. */
import { once } from "node:events";
import { request, type IncomingMessage } from "node:http";
import { text } from "node:stream/consumers";
import { describe, expect, test } from "vitest";
import { Browser, introspectWith, OAuthClient } from "../fixtures/client.ts";
import { secretOf, startAuth } from "../fixtures/server.ts";
import { clientOf, MEMORY, NOTES, TWO } from "../fixtures/services.ts";

const codeOf = async (client: OAuthClient, more = {}) =>
  (await client.authorize({ resource: MEMORY, ...more })).get("code") ?? "";

const isActive = async (issuer: string, token: string, service = "memory") =>
  (await introspectWith(issuer, secretOf(service), token)).body["active"];

describe("a code", () => {
  test("that is replayed is refused, and ends the tokens that came of it", async () => {
    const { auth, client } = await clientOf();
    const code = await codeOf(client);
    const { body: tokens } = await client.exchange(code);
    const replayed = await client.exchange(code);
    expect([replayed.status, replayed.body.error]).toEqual([400, "invalid_grant"]);
    expect(await isActive(auth.issuer, tokens.access_token)).toBe(false);
    expect((await client.refresh(tokens.refresh_token)).body.error).toBe("invalid_grant");
  });

  test("that ten requests show at once opens at most one login", async () => {
    const { client } = await clientOf();
    const code = await codeOf(client);
    const answers = await Promise.all(Array.from({ length: 10 }, () => client.exchange(code)));
    expect(answers.filter(({ status }) => status === 200).length).toBeLessThanOrEqual(1);
    expect(answers.filter(({ body }) => body.error === "invalid_grant").length).toBeGreaterThanOrEqual(9);
  });

  test.each([
    ["without a verifier", { code_verifier: undefined }],
    ["with another verifier", { code_verifier: "a-verifier-of-somebody-else-with-43-characters-1" }],
    ["with another redirect_uri", { redirect_uri: "http://127.0.0.1:1/callback" }],
    ["as another client", { client_id: "another" }],
    ["with a wrong grant type", { grant_type: "client_credentials" }],
  ])("is worth nothing %s, and stays good for its client", async (_, parameters) => {
    const { client } = await clientOf();
    const code = await codeOf(client);
    const refused = await client.exchange(code, parameters);
    expect([400, 401]).toContain(refused.status);
    expect(refused.body.error).toMatch(/^(invalid_grant|invalid_request|invalid_client|unsupported_grant_type)$/);
    expect((await client.exchange(code)).status).toBe(200);
  });

  test("that another registered client shows is refused", async () => {
    const { auth, client } = await clientOf();
    const other = new OAuthClient(auth.issuer);
    await other.register({ client_name: "Another" });
    const stolen = await other.exchange(await codeOf(client), { code_verifier: client.verifier });
    expect(stolen.body.error).toBe("invalid_grant");
  });

  test("is not burnt by a wrong resource", async () => {
    const { client } = await clientOf(TWO);
    const code = await codeOf(client);
    for (const resource of [NOTES, "https://evil.example.org/", "nonsense"])
      expect((await client.exchange(code, { resource })).body.error).toBe("invalid_target");
    expect((await client.exchange(code, { resource: MEMORY })).status).toBe(200);
  });
});

describe("PKCE", () => {
  test.each([
    ["is left out", { code_challenge: undefined, code_challenge_method: undefined }],
    ["is downgraded to plain", { code_challenge: "x".repeat(43), code_challenge_method: "plain" }],
    ["is downgraded by leaving out the method", { code_challenge_method: undefined }],
    ["has an unknown method", { code_challenge_method: "S512" }],
  ])("that %s is refused", async (_, parameters) => {
    const { client } = await clientOf();
    const back = await client.authorize({ resource: MEMORY, ...parameters });
    expect([back.get("error"), back.get("code")]).toEqual(["invalid_request", null]);
  });
});

describe("a request for something else than a code", () => {
  test.each([
    [{ response_type: "token" }, "unsupported_response_type"],
    [{ response_type: "id_token", nonce: "n" }, "unsupported_response_type"],
    [{ response_type: "code id_token", nonce: "n" }, "unsupported_response_type"],
    [{ response_type: "none" }, "unsupported_response_type"],
    [{ response_type: undefined }, "invalid_request"],
    [{ request: "eyJhbGciOiJub25lIn0.e30." }, "request_not_supported"],
    [{ request_uri: "https://evil.example.org/request" }, "request_uri_not_supported"],
  ])("as %j is refused with %s", async (parameters, error) => {
    const { auth, client } = await clientOf();
    const answer = await new Browser(auth.issuer).open(client.authorizeUrl({ resource: MEMORY, ...parameters }));
    const back = new URL(answer.headers.get("location") ?? "x:");
    const told = back.searchParams.get("error") ?? new URLSearchParams(back.hash.slice(1)).get("error");
    expect(back.href.startsWith(client.redirect)).toBe(true);
    expect(told).toBe(error);
  });
});

describe("a redirect", () => {
  test.each([
    "https://evil.example.org/callback",
    "http://127.0.0.1.evil.example.org/callback",
    "http://127.0.0.1@evil.example.org/callback",
    "http://127.0.0.1:33418@evil.example.org/callback",
    "http://evil.example.org#@127.0.0.1/callback",
    "http://localhost:33418/callback",
    "https://127.0.0.1:33418/callback",
    "http://127.0.0.1:33418/callback/../other",
    "http://127.0.0.1:33418/callback?more=1",
    "http://127.0.0.1:33418/Callback",
    "http://127.0.0.1:33418/callback#fragment",
    "http://127.1:33418/callback",
    "//evil.example.org",
    "javascript:alert(1)",
    "",
  ])("to '%s' is refused on a page, and nobody is sent there", async (redirect_uri) => {
    const { auth, client } = await clientOf();
    const answer = await new Browser(auth.issuer).open(client.authorizeUrl({ resource: MEMORY, redirect_uri }));
    expect([answer.status, answer.headers.get("location")]).toEqual([400, null]);
  });

  test("with an error goes to the registered address alone", async () => {
    const { auth, client } = await clientOf();
    const url = client.authorizeUrl({
      resource: "https://evil.example.org/",
      redirect_uri: "https://evil.example.org/",
    });
    expect((await new Browser(auth.issuer).open(url)).headers.get("location")).toBeNull();
  });
});

describe("mix-up", () => {
  test("is noticed by clients: every answer names its issuer (RFC 9207)", async () => {
    const { auth, client } = await clientOf();
    const good = await client.authorize({ resource: MEMORY });
    const bad = await client.authorize({ resource: "https://evil.example.org/" });
    const refused = await client.authorize({ resource: MEMORY }, new Browser(auth.issuer, { "x-test-user": "nobody" }));
    expect([good, bad, refused].map((back) => back.get("iss"))).toEqual(Array(3).fill(auth.issuer));
    expect([good, bad, refused].map((back) => back.get("state"))).toEqual(Array(3).fill("state-of-the-client"));
    expect([bad.get("error"), refused.get("error")]).toEqual(["invalid_target", "access_denied"]);
  });
});

describe("a resource", () => {
  test.each([
    ["that nobody has", "https://evil.example.org/mcp"],
    ["without its path", "https://memory.example.org"],
    ["below another path", "https://memory.example.org/mcp/more"],
    ["of another scheme", "http://memory.example.org/mcp"],
    ["that is no URL", "memory"],
  ])("%s is refused", async (_, resource) => {
    const { client } = await clientOf(TWO);
    expect((await client.authorize({ resource })).get("error")).toBe("invalid_target");
  });

  test.each([
    "https://memory.example.org/mcp/",
    "https://memory.example.org/%6dcp",
    "https://memory.example.org/MCP",
    "https://memory.example.org:8443/mcp",
    "https://memory.example.org./mcp",
    "https://user@memory.example.org/mcp",
    "https://memory.example.org/mcp#x",
    "https://memory.example.org/mcp?x",
    "https://memory.example.org.evil.example/mcp",
    "https://xn--mmory-8ra.example.org/mcp",
  ])("that is written as %s is another one", async (resource) => {
    const { client } = await clientOf();
    expect((await client.authorize({ resource })).get("error")).toBe("invalid_target");
  });

  test.each(["https://MEMORY.example.org:443/mcp", "HTTPS://memory.example.org/x/../mcp"])(
    "that is written as %s is the same, and its tokens have the one audience",
    async (resource) => {
      const { auth, client } = await clientOf(TWO);
      const { access_token: token } = await client.login({ resource });
      expect((await introspectWith(auth.issuer, secretOf("memory"), token)).body["aud"]).toBe(MEMORY);
      expect(await isActive(auth.issuer, token, "notes")).toBe(false);
    },
  );

  test("may be one alone", async () => {
    const { client } = await clientOf(TWO);
    const back = await client.authorize({ resource: MEMORY }).catch(() => undefined);
    expect(back?.get("code")).toBeTruthy();
    const url = `${client.authorizeUrl({ resource: MEMORY })}&resource=${encodeURIComponent(NOTES)}`;
    const answer = await new Browser(client.issuer).open(url);
    expect(new URL(answer.headers.get("location")!).searchParams.get("error")).toBe("invalid_target");
  });

  test("that is missing is refused where there are several services, with what to do", async () => {
    const { client } = await clientOf(TWO);
    const back = await client.authorize();
    expect([back.get("error"), back.get("error_description")]).toEqual([
      "invalid_target",
      expect.stringContaining("send the URL"),
    ]);
  });

  test("makes the token good for that service alone", async () => {
    const { auth, client } = await clientOf(TWO);
    const tokens = await client.login({ resource: MEMORY });
    expect(await isActive(auth.issuer, tokens.access_token, "memory")).toBe(true);
    expect(await isActive(auth.issuer, tokens.access_token, "notes")).toBe(false);
  });
});

describe("a scope", () => {
  test.each([
    "tools:memory:!delete_*",
    "tools:memory:!",
    "tools:memory:",
    "tools:notes:read_*",
    "memory:read",
    "MEMORY",
  ])("such as %s is none: what is asked for is what a person reads", async (scope) => {
    const { auth, client } = await clientOf(TWO);
    const both = await client.login({ resource: MEMORY, scope: `${scope} tools:memory:read_*` });
    expect(both.scope).toBe("tools:memory:read_*");
    // Without any scope of the service, all of its tools are asked for, and the page says so.
    const alone = await client.login({ resource: MEMORY, scope });
    expect((await introspectWith(auth.issuer, secretOf("memory"), alone.access_token)).body["scope"]).toBe("memory");
  });
});

describe("a request", () => {
  test.each(["application/json", "application/json, application/x-www-form-urlencoded", "text/plain"])(
    "for a token of %s is 400",
    async (type) => {
      const { auth } = await clientOf();
      const init = { method: "POST", headers: { "content-type": type }, body: "grant_type=refresh_token" };
      const answer = await fetch(`${auth.issuer}/oauth/token`, init);
      expect([answer.status, ((await answer.json()) as { error: string }).error]).toEqual([400, "invalid_request"]);
    },
  );

  test("with a Host of its own choice changes no address in any answer", async () => {
    const auth = await startAuth({ env: { ISSUER: "https://auth.example.org" } });
    const base = `http://127.0.0.1:${auth.server.port}`;
    const hostile = {
      "x-forwarded-host": "evil.example.org",
      "x-forwarded-proto": "http",
      forwarded: "host=evil.example.org",
    };
    for (const path of ["/.well-known/oauth-authorization-server", "/oauth/authorize?client_id=x"])
      expect(await fetchWithHost(base + path, { host: "evil.example.org", ...hostile })).not.toContain("evil");
    const client = new OAuthClient(base);
    await client.register();
    const answer = await fetchWithHost(client.authorizeUrl({ resource: MEMORY }), {
      host: "evil.example.org",
      ...hostile,
    });
    expect(answer).toMatch(/"location":"\/login\//);
    expect(answer).toMatch(/; secure/i);
    expect(answer).not.toContain("evil");
    // The page sends the browser on, to an address that the server has kept from its first request.
    const { location, "set-cookie": cookies } = headersIn(answer);
    const cookie = cookies.map((line) => line.split(";")[0]).join("; ");
    const next = headersIn(await fetchWithHost(base + location, { host: "evil.example.org", ...hostile, cookie }));
    expect(next.location).toMatch(/^https:\/\/auth\.example\.org\/oauth\/authorize\//);
  });

  test.each([
    "/oauth/AUTHORIZE",
    "/oauth/Authorize/a-login-that-is-under-way",
    "/oauth/authorize/",
    "/oauth/authorize/a-login/more",
    "/oauth/%61uthorize",
    "/oauth//authorize",
    "/OAuth/token",
    "/oauth/Token",
    "/oauth/REVOKE",
    "/oauth/Introspect",
  ])(
    "for %s is one for nothing: an endpoint has one spelling, or what stands before it would not see it",
    async (path) => {
      const { auth, client } = await clientOf();
      const { search } = new URL(client.authorizeUrl({ resource: MEMORY }));
      for (const method of ["GET", "POST"]) {
        const answer = await fetch(auth.issuer + path + search, { method, redirect: "manual" });
        expect([400, 404]).toContain(answer.status);
        expect(answer.headers.get("set-cookie")).toBeNull();
      }
    },
  );

  test("of nonsense is never answered with a stack", async () => {
    const { auth } = await clientOf();
    for (const path of [
      "/oauth/authorize?client_id[]=1",
      "/oauth/authorize/%00",
      "/oauth/nothing",
      "/oauth/authorize/x",
      "/%ff",
    ]) {
      const answer = await fetch(auth.issuer + path, { redirect: "manual" });
      expect(answer.status).toBeLessThan(500);
      expect(await answer.text()).not.toMatch(/\bat .*\.(ts|js):\d+/);
    }
  });
});

const headersIn = (answer: string) =>
  JSON.parse(answer.slice(0, answer.indexOf("}") + 1)) as { location: string; "set-cookie": string[] };

/** fetch may not set Host. @returns all of an answer, headers and body */
async function fetchWithHost(url: string, headers: Record<string, string>): Promise<string> {
  const asked = request(url, { headers }).end();
  const [answer] = (await once(asked, "response")) as [IncomingMessage];
  return JSON.stringify(answer.headers) + (await text(answer));
}
