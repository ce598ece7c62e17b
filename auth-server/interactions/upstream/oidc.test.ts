/** What an OpenID provider says is believed only if all of it is right. */
import { once } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { exportJWK, generateKeyPair, SignJWT, UnsecuredJWT } from "jose";
import { expect, onTestFinished, test } from "vitest";
import { isAllowed } from "./allow.ts";
import { OidcUpstream } from "./oidc.ts";
import { UpstreamError } from "./upstream.ts";

const keys = await generateKeyPair("ES256", { extractable: true });
const others = await generateKeyPair("ES256", { extractable: true });

interface Fake {
  readonly issuer: string;
  readonly claims: Record<string, unknown>;
  metadata: Record<string, unknown>;
  sign: (claims: Record<string, unknown>) => Promise<string> | string;
}

const signedBy = (key: typeof keys.privateKey) => (claims: Record<string, unknown>) =>
  new SignJWT(claims).setProtectedHeader({ alg: "ES256", kid: "k" }).sign(key);

async function startFake(): Promise<Fake> {
  const server = createServer((req, res) => void answer(req, res));
  const answer = async (req: IncomingMessage, res: ServerResponse): Promise<void> => {
    const path = req.url ?? "";
    const key = { ...(await exportJWK(keys.publicKey)), kid: "k", alg: "ES256" };
    if (path.endsWith("openid-configuration")) return void res.end(JSON.stringify(fake.metadata));
    if (path === "/jwks") return void res.end(JSON.stringify({ keys: [key] }));
    res.end(JSON.stringify({ access_token: "t", id_token: await fake.sign(fake.claims) }));
  };
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  onTestFinished(() => void server.close());
  const issuer = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const now = Math.floor(Date.now() / 1_000);
  const fake: Fake = {
    issuer,
    claims: {
      iss: issuer,
      aud: "gangway",
      sub: "ada",
      nonce: "nonce",
      iat: now,
      exp: now + 60,
      email: "ada@example.org",
      email_verified: true,
    },
    metadata: {
      issuer,
      authorization_endpoint: `${issuer}/a`,
      token_endpoint: `${issuer}/t`,
      jwks_uri: `${issuer}/jwks`,
    },
    sign: signedBy(keys.privateKey),
  };
  return fake;
}

const finish = ({ issuer }: Fake, iss?: string) =>
  new OidcUpstream({ issuer, clientId: "gangway", clientSecret: "secret" }).finish({
    redirectUri: "http://127.0.0.1/oauth/callback",
    code: "c",
    nonce: "nonce",
    verifier: "v",
    iss,
  });

test("a token that is right says who it is", async () => {
  const fake = await startFake();
  expect(await finish(fake)).toEqual({ issuer: fake.issuer, subject: "ada", email: "ada@example.org" });
});

test.each<[string, (fake: Fake) => void]>([
  ["of another issuer", ({ claims }) => (claims["iss"] = "https://evil.example")],
  ["for another audience", ({ claims }) => (claims["aud"] = "other")],
  ["for several audiences without saying whose it is", ({ claims }) => (claims["aud"] = ["gangway", "other"])],
  ["issued to another client", ({ claims }) => (claims["azp"] = "other")],
  ["with another nonce", ({ claims }) => (claims["nonce"] = "other")],
  ["without a nonce", ({ claims }) => delete claims["nonce"]],
  ["that has expired", ({ claims }) => (claims["exp"] = Math.floor(Date.now() / 1_000) - 120)],
  ["that never expires", ({ claims }) => delete claims["exp"]],
  ["without a subject", ({ claims }) => delete claims["sub"]],
  ["whose address is not verified", ({ claims }) => (claims["email_verified"] = "true")],
  ["signed with another key", (fake) => (fake.sign = signedBy(others.privateKey))],
  ["without a signature (alg none)", (fake) => (fake.sign = (claims) => new UnsecuredJWT(claims).encode())],
  [
    "signed with the client's secret",
    (fake) =>
      (fake.sign = (claims) =>
        new SignJWT(claims).setProtectedHeader({ alg: "HS256", kid: "k" }).sign(Buffer.from("secret".padEnd(32)))),
  ],
  ["of metadata for another issuer", (fake) => (fake.metadata = { ...fake.metadata, issuer: "https://evil.example" })],
  [
    "from an endpoint that is no URL of the web",
    (fake) => (fake.metadata = { ...fake.metadata, token_endpoint: "file:///etc/passwd" }),
  ],
])("a token %s is not believed", async (_, change) => {
  const fake = await startFake();
  change(fake);
  await expect(finish(fake)).rejects.toThrow(UpstreamError);
});

test("an answer that names another issuer is not taken, whatever the metadata says (RFC 9207)", async () => {
  await expect(finish(await startFake(), "https://evil.example")).rejects.toThrow(UpstreamError);
});

test.each([
  ["ada@example.org", true],
  ["ADA@Example.Org", true],
  ["carol@example.com", true],
  ["dave@example.com", false],
  ["ada@sub.example.org", false],
  ["ada@example.org.evil.example", false],
  ["ada@evil.example@example.org", false],
  ["@example.org", false],
  ["example.org", false],
  ["", false],
  ["ａda@example.org", false],
  ["ada@ｅxample.org", false],
  ["ada@example。org", false],
  ["ada＠example.org", false],
  ["c\u0430rol@example.com", false],
  ["Carol@e\u212Aample.com", false],
  ["\u212Aarl@example.org", false],
])("%j is on the list: %s", (email, isOn) => {
  expect(isAllowed(email, ["@example.org", "Carol@example.com"])).toBe(isOn);
});
