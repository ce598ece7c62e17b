/** Clients that are known by their metadata documents, and documents that are hostile. */
import type { ServerResponse } from "node:http";
import { exportJWK, generateKeyPair, SignJWT, type CryptoKey } from "jose";
import { describe, expect, test } from "vitest";
import { isPublic } from "../clients/public-fetch.ts";
import { Browser, OAuthClient } from "../fixtures/client.ts";
import { documentOf, sendJson, startDocuments } from "../fixtures/documents.ts";
import { startAuth } from "../fixtures/server.ts";
import { MEMORY } from "../fixtures/services.ts";

const LOOPBACK = "http://localhost:50123/callback";

async function start(more: object = {}) {
  const documents = await startDocuments(more);
  const auth = await startAuth({ rooms: { reach: documents.reach } });
  const client = new OAuthClient(auth.issuer);
  client.id = documents.url("/client.json");
  client.redirect = LOOPBACK;
  return { documents, auth, client };
}

/** What a person sees who is sent to log in. */
async function pageFor(client: OAuthClient) {
  const answer = await new Browser(client.issuer).open(client.authorizeUrl({ resource: MEMORY }));
  const location = answer.headers.get("location");
  if (location !== null) return { status: answer.status, error: undefined, error_description: "", location };
  return (await answer.json()) as { status: number; error: string; error_description: string; location: undefined };
}

describe("a client with a document", () => {
  test.each([
    ["as Claude Code's is: without ports and type", {}],
    ["that says web", { application_type: "web" }],
    ["that says native", { application_type: "native" }],
    [
      "as ChatGPT's is: it prefers to sign, and offers not to",
      {
        token_endpoint_auth_method: "private_key_jwt",
        token_endpoint_auth_methods_supported: ["private_key_jwt", "none"],
      },
    ],
    ["with grants that there are not here", { grant_types: ["authorization_code", "refresh_token", "urn:x"] }],
    [
      "that wants things of OpenID",
      {
        scope: "openid mcp:tools",
        id_token_signed_response_alg: "RS256",
        require_auth_time: true,
        default_max_age: 60,
      },
    ],
    [
      "without most of it",
      { grant_types: undefined, response_types: undefined, token_endpoint_auth_method: undefined },
    ],
  ])("%s logs in from a port of its own", async (_, more) => {
    const { client } = await start(more);
    for (const redirect of [LOOPBACK, "http://127.0.0.1:1/callback", "http://localhost/callback"]) {
      client.redirect = redirect;
      const tokens = await client.login({ resource: MEMORY });
      expect((await client.refresh(tokens.refresh_token)).status).toBe(200);
    }
  });

  test("that insists on signing is verified by its key", async () => {
    const { privateKey, publicKey } = await generateKeyPair("ES256", { extractable: true });
    const jwks = { keys: [{ ...(await exportJWK(publicKey)), kid: "one", alg: "ES256", use: "sig" }] };
    const { auth, client } = await start({ token_endpoint_auth_method: "private_key_jwt", jwks });
    const assertion = (key: CryptoKey) =>
      new SignJWT({ jti: crypto.randomUUID() })
        .setProtectedHeader({ alg: "ES256", kid: "one" })
        .setIssuer(client.id)
        .setSubject(client.id)
        .setAudience(auth.issuer)
        .setIssuedAt()
        .setExpirationTime("1m")
        .sign(key);
    const shown = async (key: CryptoKey) => ({
      client_assertion_type: "urn:ietf:params:oauth:client-assertion-type:jwt-bearer",
      client_assertion: await assertion(key),
    });
    const code = (await client.authorize({ resource: MEMORY })).get("code")!;
    const { privateKey: other } = await generateKeyPair("ES256");
    expect((await client.exchange(code)).body.error).toBe("invalid_client");
    expect((await client.exchange(code, await shown(other))).body.error).toBe("invalid_client");
    expect((await client.exchange(code, await shown(privateKey))).status).toBe(200);
  });

  test("is fetched once, however many log in", async () => {
    const { documents, client } = await start();
    await Promise.all(Array.from({ length: 5 }, () => client.login({ resource: MEMORY })));
    await client.login({ resource: MEMORY });
    expect(documents.asked).toBeLessThan(3);
  });

  test("cannot make us ask somebody for keys as often as it likes", async () => {
    const { documents, client } = await start();
    const signs = { token_endpoint_auth_method: "private_key_jwt", jwks_uri: documents.url("/jwks") };
    let asked = 0;
    documents.answer = (res, url) => {
      if (!url.endsWith("/jwks")) return sendJson(res, documentOf(url, signs));
      asked++;
      res.writeHead(500).end();
    };
    const assertion = [
      { alg: "ES256", kid: "x" },
      { iss: client.id, sub: client.id, aud: client.issuer, exp: 2e9, jti: "1" },
    ]
      .map((part) => Buffer.from(JSON.stringify(part)).toString("base64url"))
      .join(".");
    const shown = {
      client_assertion_type: "urn:ietf:params:oauth:client-assertion-type:jwt-bearer",
      client_assertion: `${assertion}.${"A".repeat(86)}`,
    };
    const answers = await Promise.all(Array.from({ length: 60 }, () => client.exchange("x", shown)));
    expect(answers.every(({ status }) => status >= 400 && status < 500)).toBe(true);
    expect(asked).toBeLessThan(12);
    expect(asked).toBeGreaterThan(0);
  });

  test("keeps its last good document when a fetch fails, also after a restart", async () => {
    const { documents, auth, client } = await start();
    await client.login({ resource: MEMORY });
    await auth.stop();
    const next = await startAuth({ dataDir: auth.dataDir, rooms: { reach: documents.reach } });
    const after = new OAuthClient(next.issuer);
    after.id = client.id;
    after.redirect = LOOPBACK;
    documents.answer = (res) => res.writeHead(503).end();
    expect(await after.login({ resource: MEMORY })).toHaveProperty("access_token");
  });
});

/** What a hostile document says, or how its server answers. */
type Hostile = { readonly [field: string]: unknown } | ((res: ServerResponse) => void);

describe("a document", () => {
  const big = "x".repeat(11_000);

  test.each<[string, Hostile, string, RegExp]>([
    [
      "that is HTML",
      (res) => void res.writeHead(200, { "content-type": "text/html" }).end("<html>"),
      "invalid_client",
      /not JSON/,
    ],
    [
      "that only says it is JSON",
      (res) => void res.writeHead(200, { "content-type": "application/json" }).end("<html>"),
      "invalid_client",
      /not JSON/,
    ],
    [
      "that redirects",
      (res) => void res.writeHead(302, { location: "http://169.254.169.254/" }).end(),
      "invalid_client",
      /redirects/,
    ],
    ["that is missing", (res) => void res.writeHead(404).end(), "invalid_client", /status 404/],
    ["whose server fails", (res) => void res.writeHead(500).end(), "temporarily_unavailable", /status 500/],
    ["whose server hangs up", (res) => void res.destroy(), "temporarily_unavailable", /ECONNRESET|could not be read/],
    ["that is huge", { client_name: big }, "invalid_client", /more than 10240 bytes/],
    ["of another client", { client_id: "https://evil.example.org/client.json" }, "invalid_client", /not its URL/],
    ["with a secret", { client_secret: "s3cret" }, "invalid_client_metadata", /client_secret/],
    [
      "with a shared secret's method",
      { token_endpoint_auth_method: "client_secret_basic" },
      "invalid_client_metadata",
      /shared-secret/,
    ],
    ["with a script as redirect", { redirect_uris: ["javascript:alert(1)"] }, "invalid_redirect_uri", /redirect_uris/],
    [
      "with redirects that are no list",
      { redirect_uris: "https://example.org/" },
      "invalid_redirect_uri",
      /redirect_uris/,
    ],
  ])("%s is refused for what it is", async (_, hostile, error, why) => {
    const { documents, client } = await start();
    documents.answer =
      typeof hostile === "function" ? hostile : (res, url) => sendJson(res, { ...documentOf(url), ...hostile });
    const page = await pageFor(client);
    expect([page.location, page.error]).toEqual([undefined, error]);
    expect(page.error_description).toMatch(why);
  });

  test("that takes too long is given up, and not asked for again at once", async () => {
    const { documents, client } = await start();
    documents.answer = (res) => void res.writeHead(200, { "content-type": "application/json" }).write("{");
    expect(await pageFor(client)).toMatchObject({ error: "temporarily_unavailable", status: 503 });
    const { asked } = documents;
    const begun = performance.now();
    expect(await pageFor(client)).toMatchObject({ error: "temporarily_unavailable" });
    expect([documents.asked, performance.now() - begun < 4_000]).toEqual([asked, true]);
  });

  test("that nobody has is told apart from a client that nobody knows", async () => {
    const { client } = await start();
    client.id = "nobody";
    expect((await pageFor(client)).error_description).toMatch(/client is invalid|not found|invalid/);
    expect((await pageFor(client)).error_description).not.toMatch(/document/);
  });

  test.each([
    "https://127.0.0.1/client.json",
    "https://[::1]/client.json",
    "https://10.0.0.1/client.json",
    "https://169.254.169.254/latest/meta-data",
    "https://[::ffff:127.0.0.1]/client.json",
    "https://0x7f.1/client.json",
    "https://2130706433/client.json",
    "https://localhost/client.json",
    "https://0177.0.0.1/client.json",
    "https://127.1/client.json",
    "https://①②⑦.0.0.1/client.json",
    "https://[::ffff:7f00:1]/client.json",
    "https://[64:ff9b::127.0.0.1]/client.json",
    "https://[fe80::1]/client.json",
    "https://[::]/client.json",
    "https://0.0.0.0/client.json",
  ])("at %s is not asked for", async (url) => {
    const auth = await startAuth();
    const client = new OAuthClient(auth.issuer);
    client.id = url;
    client.redirect = LOOPBACK;
    const page = await pageFor(client);
    expect(page).toMatchObject({ status: 400, error: "invalid_client" });
    expect(page.error_description).toMatch(/not a public one/);
  });

  test.each(["http://example.org/client.json", "https://user@example.org/c.json", "https://example.org/a/../c.json"])(
    "at %s is the id of nobody",
    async (url) => {
      const { client } = await start();
      client.id = url;
      expect(await pageFor(client)).toMatchObject({ status: 400, error: "invalid_client" });
    },
  );
});

test.each(
  [
    ["0.0.0.0 10.1.2.3 100.64.0.1 127.0.0.1 127.255.0.1 169.254.169.254 172.16.0.1 172.31.255.255 192.168.0.1", false],
    ["192.0.0.8 192.0.2.1 198.18.0.1 198.51.100.1 203.0.113.1 224.0.0.1 240.0.0.1 255.255.255.255", false],
    [":: ::1 ::ffff:127.0.0.1 ::ffff:8.8.8.8 ::7f00:1 64:ff9b::7f00:1 64:ff9b:1::1 100::1 fc00::1 fd12::1", false],
    ["fe80::1 fec0::1 ff02::1 2001::1 2001:db8::1 2002:7f00:1::1 3fff::1 5f00::1 nonsense", false],
    ["8.8.8.8 1.1.1.1 172.15.0.1 172.32.0.1 100.63.0.1 160.79.104.1 2606:4700:4700::1111 2a00:1450::1", true],
  ].flatMap(([addresses, is]) =>
    String(addresses)
      .split(" ")
      .map((address) => [address, is] as const),
  ),
)("%s is public: %s", (address, is) => {
  expect(isPublic(address)).toBe(is);
});
