import { describe, expect, test } from "vitest";
import { OAuthClient } from "../fixtures/client.ts";
import { startAuth } from "../fixtures/server.ts";
import { moveClock } from "../fixtures/clock.ts";

const REGISTER = "/oauth/register";

const post = (issuer: string, body: string, type = "application/json") =>
  fetch(issuer + REGISTER, { method: "POST", headers: { "content-type": type }, body });

const errorOf = async (answer: Response) => ((await answer.json()) as { error: string }).error;

describe("a registration", () => {
  test("that tells the same again is the same client, on whatever port it listens", async () => {
    const { issuer, parts } = await startAuth();
    const client = new OAuthClient(issuer);
    const first = await client.register({ redirect_uris: ["http://localhost:1111/callback"] });
    const again = await client.register({ redirect_uris: ["http://localhost:2222/callback"] });
    const other = await client.register({ redirect_uris: ["http://localhost:2222/callback"], client_name: "Another" });
    expect([first.status, again.status]).toEqual([201, 201]);
    expect(again.body.client_id).toBe(first.body.client_id);
    expect(again.body).toMatchObject({ redirect_uris: ["http://localhost:2222/callback"] });
    expect(other.body.client_id).not.toBe(first.body.client_id);
    expect(await parts.store.clients.list()).toHaveLength(2);
  });

  test("with a secret, another method or other grants becomes that of a public client", async () => {
    const { issuer } = await startAuth();
    const { status, body } = await new OAuthClient(issuer).register({
      token_endpoint_auth_method: "client_secret_post",
      grant_types: ["authorization_code", "client_credentials"],
      application_type: "web",
      scope: "memory something",
    });
    expect(status).toBe(201);
    expect(body).toMatchObject({
      token_endpoint_auth_method: "none",
      grant_types: ["authorization_code", "refresh_token"],
    });
    expect(body).not.toHaveProperty("client_secret");
  });

  test.each([
    ["without redirects", "{}", "invalid_redirect_uri"],
    ["with a redirect to a script", '{"redirect_uris":["javascript:alert(1)"]}', "invalid_redirect_uri"],
    [
      "with a redirect to plain http elsewhere",
      '{"redirect_uris":["http://evil.example.org/"]}',
      "invalid_redirect_uri",
    ],
    ["with a redirect with a fragment", '{"redirect_uris":["https://example.org/#x"]}', "invalid_redirect_uri"],
    ["with redirects of another type", '{"redirect_uris":[1]}', "invalid_redirect_uri"],
    [
      "with a logo that is no URL",
      '{"redirect_uris":["https://example.org/"],"logo_uri":"x"}',
      "invalid_client_metadata",
    ],
    ["with a line break in a redirect", '{"redirect_uris":["https://example.org/\\r\\nx"]}', "invalid_redirect_uri"],
    [
      "with a name that is no text",
      '{"redirect_uris":["https://example.org/"],"client_name":{}}',
      "invalid_client_metadata",
    ],
    [
      "with contacts of any depth",
      `{"redirect_uris":["https://example.org/"],"contacts":${"[".repeat(8_000)}${"]".repeat(8_000)}}`,
      "invalid_client_metadata",
    ],
    ["that is no JSON", "redirect_uris=x", "invalid_client_metadata"],
    ["that is null", "null", "invalid_redirect_uri"],
  ])("%s is refused", async (_, body, error) => {
    const { issuer } = await startAuth();
    const answer = await post(issuer, body);
    expect([answer.status, await errorOf(answer)]).toEqual([400, error]);
  });

  test("of another media type is 400, and one that is too large 413", async () => {
    const { issuer } = await startAuth();
    expect((await post(issuer, "{}", "application/x-www-form-urlencoded")).status).toBe(400);
    expect(
      (await post(issuer, JSON.stringify({ redirect_uris: ["https://example.org/" + "x".repeat(17_000)] }))).status,
    ).toBe(413);
  });

  test("may come a thousand times, if it tells the same", async () => {
    const { issuer } = await startAuth();
    for (let round = 0; round < 100; round++)
      for (const { status } of await Promise.all(Array.from({ length: 10 }, () => new OAuthClient(issuer).register())))
        expect(status).toBe(201);
  });
});

describe("a flood of registrations", () => {
  test("gets 429 with Retry-After, while clients that are known log in", async () => {
    const { issuer, parts } = await startAuth();
    const known = new OAuthClient(issuer);
    await known.register();
    const answers = await Promise.all(
      Array.from({ length: 200 }, (_, at) => new OAuthClient(issuer).register({ client_name: `Flood ${at}` })),
    );
    const refused = answers.filter(({ status }) => status === 429);
    expect(refused.length).toBeGreaterThan(100);
    expect(Number(refused[0]!.headers.get("retry-after"))).toBeGreaterThan(0);
    expect((await parts.store.clients.list()).length).toBeLessThan(100);
    expect((await known.register()).status).toBe(201);
    expect(await known.login()).toHaveProperty("access_token");
  });

  test("from one network keeps nobody out elsewhere, and from everywhere leaves the table small", async () => {
    const { issuer, parts } = await startAuth({ env: { TRUSTED_PROXIES: "127.0.0.1" } });
    const from = (address: string, client_name: string) =>
      new OAuthClient(issuer).register({ client_name }, { "x-forwarded-for": address });
    const flood = await Promise.all(Array.from({ length: 150 }, (_, at) => from("192.0.2.7", `Flood ${at}`)));
    expect(flood.at(-1)!.status).toBe(429);
    expect((await from("198.51.100.1", "Another")).status).toBe(201);
    expect((await from("192.0.2.99", "Neighbour")).status).toBe(429);
    const everywhere = await Promise.all(
      Array.from({ length: 400 }, (_, at) => from(`10.${at >> 8}.${at & 255}.1`, `Bot ${at}`)),
    );
    expect(everywhere.some(({ status }) => status === 429)).toBe(true);
    expect((await parts.store.clients.list()).length).toBeLessThan(400);
  });

  test("of one client leaves the others room", async () => {
    const { issuer } = await startAuth();
    const one = (at: number) =>
      new OAuthClient(issuer).register({ client_name: "Flood", redirect_uris: [`http://localhost/${at}`] });
    const answers = await Promise.all(Array.from({ length: 40 }, (_, at) => one(at)));
    expect(answers.some(({ status }) => status === 429)).toBe(true);
    expect((await new OAuthClient(issuer).register({ client_name: "Another" })).status).toBe(201);
  });
});

test("a client with which nobody logs in is forgotten after a week, one that is used is not", async () => {
  const { issuer, parts } = await startAuth();
  const [used, unused] = [new OAuthClient(issuer), new OAuthClient(issuer)];
  const back = moveClock(-8 * 86_400);
  await unused.register({ client_name: "Unused" });
  await used.login();
  back();
  await parts.store.sweep();
  expect((await parts.store.clients.list()).map(({ id }) => id)).toEqual([used.id]);
});
