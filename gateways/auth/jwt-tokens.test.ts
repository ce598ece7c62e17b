/** Tokens of an issuer of one's own: which are refused, why, and whose the others are. */
import { exportSPKI, generateKeyPair, type JWTHeaderParameters, type JWTPayload } from "jose";
import { describe, expect, test as plain } from "vitest";
import { OwnIssuer } from "../fixtures/own-issuer.ts";
import { JwtTokens } from "./jwt-tokens.ts";
import { ServerMetadata } from "./server-metadata.ts";

const RESOURCE = "https://fixture.example.org/mcp";
const inSeconds = (seconds: number) => Math.floor(Date.now() / 1_000) + seconds;

interface Parts {
  readonly issuer: OwnIssuer;
  readonly tokensOf: (claim?: string, audiences?: string[]) => JwtTokens;
}

const test = plain.extend<Parts>({
  issuer: ({ onTestFinished }, use) => OwnIssuer.start(onTestFinished).then(use),
  tokensOf: ({ issuer }, use) =>
    use((claim, audiences = [RESOURCE]) => {
      const metadata = new ServerMetadata(issuer.issuer);
      const tokensFor = { issuer: issuer.issuer, service: "fixture", audiences };
      return new JwtTokens(tokensFor, { claim, metadata: () => metadata.get() });
    }),
});

const part = (value: object) => Buffer.from(JSON.stringify(value)).toString("base64url");

/** How a token is made that must be refused, and why it is. */
type Attack = readonly [string, (issuer: OwnIssuer) => Promise<string> | string, string];

const signed =
  (claims: JWTPayload, header: Partial<JWTHeaderParameters> = {}) =>
  (issuer: OwnIssuer) =>
    issuer.sign(claims, header);

const attacks: readonly Attack[] = [
  ["is not signed (alg none)", unsigned, "signed in a way"],
  ["is signed with the public key as a shared secret (HS256)", withPublicKeyAsSecret, "signed in a way"],
  ["is for another audience", signed({ aud: "https://other.example.org/mcp" }), "not for this service"],
  ["is for the issuer's own account page", signed({ aud: "account" }), "not for this service"],
  ["is for nobody", signed({ aud: undefined as unknown as string }), "not for this service"],
  ["is from another issuer", signed({ iss: "https://evil.example" }), "not from its issuer"],
  ["names its issuer with a slash more", (issuer) => issuer.sign({ iss: `${issuer.issuer}/` }), "not from its issuer"],
  ["names no issuer", signed({ iss: undefined as unknown as string }), "not from its issuer"],
  ["has expired", signed({ exp: inSeconds(-60) }), "expired"],
  ["never expires", signed({ exp: undefined as unknown as number }), "not valid yet"],
  ["is not valid yet", signed({ nbf: inSeconds(60) }), "not valid yet"],
  ["is nobody's", signed({ sub: undefined as unknown as string }), "not for this service"],
  ["names a key that is not published", signed({}, { kid: "key-9" }), "does not publish"],
  ["is signed with another key under the published name", withOtherKey, "signature is wrong"],
  ["brings its own key", (issuer) => withOtherKey(issuer, true), "signature is wrong"],
  ["has a critical extension that nobody knows", critical, "signed in a way"],
  ["is a logout token", signed({}, { typ: "logout+jwt" }), "not an access token"],
  ["is an ID token by its type", signed({}, { typ: "id_token" }), "not an access token"],
  ["was changed after it was signed", tampered, "signature is wrong"],
  ["is no JWT", () => "0123456789abcdef", "not a JWT"],
  ["is encrypted", () => "a.b.c.d.e", "not a JWT"],
  ["is endless", () => "x".repeat(20_000), "too long"],
];

async function unsigned(issuer: OwnIssuer): Promise<string> {
  const [, payload] = (await issuer.sign()).split(".");
  return `${part({ alg: "none", typ: "at+jwt" })}.${payload}.`;
}

async function withPublicKeyAsSecret(issuer: OwnIssuer): Promise<string> {
  const secret = new TextEncoder().encode(await exportSPKI(issuer.key.publicKey));
  return issuer.sign({}, { alg: "HS256" }, secret);
}

async function withOtherKey(issuer: OwnIssuer, brings = false): Promise<string> {
  const { privateKey, publicKey } = await generateKeyPair("RS256", { extractable: true });
  const { exportJWK } = await import("jose");
  return issuer.sign({}, brings ? { jwk: await exportJWK(publicKey) } : {}, privateKey);
}

async function critical(issuer: OwnIssuer): Promise<string> {
  const [, payload, signature] = (await issuer.sign()).split(".");
  return `${part({ alg: "RS256", kid: "key-1", crit: ["x"], x: 1 })}.${payload}.${signature}`;
}

async function tampered(issuer: OwnIssuer): Promise<string> {
  const [header, payload, signature] = (await issuer.sign({ email: "ann@example.org" })).split(".");
  const claims = JSON.parse(Buffer.from(payload!, "base64url").toString()) as object;
  return `${header}.${part({ ...claims, email: "boss@example.org" })}.${signature}`;
}

describe("a token is refused that", () => {
  test.for(attacks)("%s", async ([, make, reason], { issuer, tokensOf }) => {
    const tokens = tokensOf();
    const token = await make(issuer);
    for (let time = 0; time < 2; time++) {
      const answer = Promise.resolve().then(() => tokens.check(token));
      await expect(answer).rejects.toMatchObject({
        name: "login-required",
        details: { reason: expect.stringContaining(reason) as string },
      });
    }
  });
});

describe("a token is accepted that", () => {
  test.for(["RS256", "PS256", "ES256", "EdDSA"])("is signed with %s", async (alg, { issuer, tokensOf }) => {
    await issuer.rotate("key-2", alg);
    expect(await tokensOf().check(await issuer.sign())).toMatchObject({
      id: expect.stringMatching(/^user-[0-9a-f]{28}$/) as string,
    });
  });

  test.for(["at+jwt", "application/at+jwt", "JWT", undefined])("calls itself %s", async (typ, { issuer, tokensOf }) => {
    expect(await tokensOf().check(await issuer.sign({}, { typ: typ as string }))).toBeDefined();
  });

  test("has the service among several audiences, or one that the operator names", async ({ issuer, tokensOf }) => {
    expect(await tokensOf().check(await issuer.sign({ aud: ["account", RESOURCE] }))).toBeDefined();
    expect(await tokensOf(undefined, ["api://memory"]).check(await issuer.sign({ aud: "api://memory" }))).toBeDefined();
  });

  test("was issued by a clock that is a little fast", async ({ issuer, tokensOf }) => {
    expect(await tokensOf().check(await issuer.sign({ nbf: inSeconds(10) }))).toBeDefined();
  });
});

const nameOf = async (tokens: JwtTokens, token: string) => (await tokens.check(token)).name;

describe("its user", () => {
  test("is called by the e-mail address that the issuer has verified, else by the id: whatever else users may choose", async ({
    issuer,
    tokensOf,
  }) => {
    const named = { email: "ann@example.org", preferred_username: "ops", name: "ops", nickname: "ops" };
    const tokens = tokensOf();
    expect(await nameOf(tokens, await issuer.sign({ ...named, email_verified: true }))).toBe("ann@example.org");
    for (const isVerified of [undefined, false, "true", 1])
      expect(await nameOf(tokens, await issuer.sign({ ...named, email_verified: isVerified }))).toBe("7");
    expect(await nameOf(tokens, await issuer.sign())).toBe("7");
  });

  test("is called by the claim that the operator names, and refused without it", async ({ issuer, tokensOf }) => {
    const tokens = tokensOf("upn");
    expect(await nameOf(tokens, await issuer.sign({ upn: "ann" }))).toBe("ann");
    await expect(nameOf(tokens, await issuer.sign())).rejects.toMatchObject({ name: "login-required" });
  });

  test("is not called by an e-mail address of which the issuer says that it is not verified", async ({
    issuer,
    tokensOf,
  }) => {
    const tokens = tokensOf("email");
    expect(await nameOf(tokens, await issuer.sign({ email: "ann@example.org" }))).toBe("ann@example.org");
    const unverified = await issuer.sign({ email: "ops@example.org", email_verified: false });
    await expect(nameOf(tokens, unverified)).rejects.toMatchObject({ name: "login-required" });
  });

  test("is the same with every token, and another one at another issuer", async ({
    issuer,
    tokensOf,
    onTestFinished,
  }) => {
    const first = await tokensOf().check(await issuer.sign({ jti: "1" }));
    expect(await tokensOf().check(await issuer.sign({ jti: "2" }))).toMatchObject({ id: first.id });
    expect((await tokensOf().check(await issuer.sign({ sub: "8" }))).id).not.toBe(first.id);
    const other = await OwnIssuer.start(onTestFinished);
    const metadata = new ServerMetadata(other.issuer);
    const tokensFor = { issuer: other.issuer, service: "fixture", audiences: [RESOURCE] };
    const tokens = new JwtTokens(tokensFor, { claim: undefined, metadata: () => metadata.get() });
    expect((await tokens.check(await other.sign())).id).not.toBe(first.id);
  });

  test("has the teams of groups and roles, and the tools of its scopes where it has any of ours", async ({
    issuer,
    tokensOf,
  }) => {
    const tokens = tokensOf();
    const token = await issuer.sign({
      groups: ["team", 5],
      roles: ["ops", "team"],
      scope: "openid tools:fixture:read_*",
    });
    expect(await tokens.check(token)).toMatchObject({ teams: ["team", "ops"], scopedTools: ["read_*"] });
    expect(await tokens.check(await issuer.sign({ scp: ["tools:fixture:a", "fixture"] }))).not.toHaveProperty(
      "scopedTools",
    );
    expect(await tokens.check(await issuer.sign({ scp: "openid email" }))).not.toHaveProperty("scopedTools");
  });
});

describe("keys", () => {
  test("are fetched once, and again for one that is new", async ({ issuer, tokensOf }) => {
    const tokens = tokensOf();
    for (const jti of ["1", "2", "3"]) await tokens.check(await issuer.sign({ jti }));
    expect(issuer.keyRequests).toBe(1);
  });

  test("that nobody has published make no flood: they are asked for no more for a while", async ({
    issuer,
    tokensOf,
  }) => {
    const tokens = tokensOf();
    await tokens.check(await issuer.sign());
    for (let n = 0; n < 10; n++)
      await expect(tokens.check(await issuer.sign({ jti: `${n}` }, { kid: `made-up-${n}` }))).rejects.toMatchObject({
        name: "login-required",
      });
    expect(issuer.keyRequests).toBeLessThanOrEqual(2);
  });

  test("of an issuer that is away are not known, which is 503 and no refusal", async ({ issuer, tokensOf }) => {
    const token = await issuer.sign();
    await issuer.close();
    const tokens = tokensOf();
    await expect(tokens.check(token)).rejects.toMatchObject({ name: "auth-server-away", status: 503, retryAfter: 5 });
    expect(tokens.problem).toBeDefined();
  });

  test("of metadata that name another issuer are not used", async ({ issuer, tokensOf }) => {
    issuer.says = "https://evil.example";
    await expect(tokensOf().check(await issuer.sign())).rejects.toMatchObject({
      name: "auth-server-away",
      message: expect.stringContaining("another issuer") as string,
    });
  });
});
