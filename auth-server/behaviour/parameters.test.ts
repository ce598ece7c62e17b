/** What clients send to the authorization endpoint beside what they must. */
import { describe, expect, test } from "vitest";
import { Browser, OAuthClient } from "../fixtures/client.ts";
import { follow, submit } from "../fixtures/form.ts";
import { addUser, PASSWORD, registered, startLogin } from "../fixtures/login-server.ts";
import { startAuth } from "../fixtures/server.ts";

type Parameters = Readonly<Record<string, string>>;

const LONG_STATE = "s".repeat(4_096);

/** What real clients send, and what may stand in a client that also knows other servers. */
const SENT: readonly (readonly [string, Parameters])[] = [
  ["prompt=consent (Claude Code, SDK v1 with offline_access)", { prompt: "consent", scope: "memory offline_access" }],
  ["prompt=login", { prompt: "login" }],
  ["prompt=login consent", { prompt: "login consent" }],
  ["prompt=select_account (clients of Entra and Google)", { prompt: "select_account" }],
  ["prompt=create", { prompt: "create" }],
  ["an empty prompt", { prompt: "" }],
  ["max_age=0", { max_age: "0" }],
  ["max_age=3600", { max_age: "3600" }],
  ["a max_age that is no number", { max_age: "soon" }],
  ["login_hint", { login_hint: "ada@example.org" }],
  ["a state of 4 kB", { state: LONG_STATE }],
  ["response_mode=query", { response_mode: "query" }],
  [
    "words of OpenID",
    { scope: "openid profile memory", nonce: "n", display: "page", ui_locales: "de", acr_values: "x" },
  ],
  ["words of other servers", { access_type: "offline", audience: "x", connection: "y", code_challenge_hint: "z" }],
];

describe("a login with", () => {
  test.each(SENT)("%s works, and the state comes back as it was", async (_, parameters) => {
    const { issuer } = await startAuth();
    const client = new OAuthClient(issuer);
    await client.register();
    const back = await client.authorize(parameters);
    expect([back.get("error"), back.get("state")]).toEqual([null, parameters["state"] ?? "state-of-the-client"]);
    expect((await client.exchange(back.get("code")!)).status).toBe(200);
  });

  test("prompt=none is told that somebody must be asked, without a page", async () => {
    const { issuer } = await startAuth();
    const client = new OAuthClient(issuer);
    await client.register();
    const browser = new Browser(issuer);
    const answers = [await client.authorize({ prompt: "none" }, browser)];
    await client.login({}, browser);
    answers.push(await client.authorize({ prompt: "none" }, browser));
    expect(answers.map((back) => back.get("error"))).toEqual(["login_required", "consent_required"]);
    expect(answers.map((back) => back.get("state"))).toEqual(Array(2).fill("state-of-the-client"));
  });
});

const post = (issuer: string, body: string, type = "application/x-www-form-urlencoded") =>
  new Browser(issuer).open(`${issuer}/oauth/authorize`, { method: "POST", body, headers: { "content-type": type } });

describe("a login that is posted", () => {
  test("goes on with GET, where the browser has its cookies", async () => {
    const { issuer } = await startAuth();
    const client = new OAuthClient(issuer);
    await client.register();
    const { search } = new URL(client.authorizeUrl({ state: LONG_STATE }));
    const answer = await post(issuer, search.slice(1));
    expect(answer.status).toBe(303);
    const back = await new Browser(issuer).visit(new URL(answer.headers.get("location")!, issuer).href);
    const returned = new URL(back.headers.get("location")!).searchParams;
    expect(returned.get("state")).toBe(LONG_STATE);
    expect((await client.exchange(returned.get("code")!)).status).toBe(200);
  });

  test("stays at this server, whatever it says, and is refused when it is too long or no form", async () => {
    const { issuer } = await startAuth();
    const { headers } = await post(
      issuer,
      "//elsewhere.example=%0d%0aset-cookie:x&redirect_uri=https://elsewhere.example",
    );
    expect(headers.get("location")).toMatch(/^\/oauth\/authorize\?[\w%.=&+-]*$/);
    expect((await post(issuer, `state=${"x".repeat(8_000)}`)).status).toBe(413);
    expect((await post(issuer, "{}", "application/json")).status).toBe(400);
  });
});

/** The login page of a client that expects a user. */
const pageFor = async (hint: string) => {
  const { issuer, users } = await startLogin();
  await addUser(users);
  const client = await registered(issuer, "http://127.0.0.1:33418/callback");
  return (await new Browser(issuer).visit(client.authorizeUrl({ login_hint: hint }))).text();
};

describe("login_hint", () => {
  test("stands in the form already, in its one spelling", async () => {
    expect(await pageFor("Ada@Example.org")).toContain('value="ada@example.org"');
  });

  test.each(["", "<script>alert(1)</script>", "two words", "x".repeat(300), "\u202Eada"])(
    "that is no name, as %j, is passed over",
    async (hint) => {
      const page = await pageFor(hint);
      expect(page).toContain('name="password"');
      expect(page).toMatch(/<input(?=[^>]*name="name")(?![^>]*value="[^"])[^>]*>/);
      expect(page).not.toContain("alert(1)");
    },
  );
});

test("max_age=0 and prompt=login ask somebody who is logged in again, and the right ones let them on", async () => {
  const { issuer, users } = await startLogin();
  await addUser(users);
  const client = await registered(issuer, "http://127.0.0.1:33418/callback");
  const browser = new Browser(issuer);
  const page = async (parameters: Parameters = {}) => (await browser.visit(client.authorizeUrl(parameters))).text();
  const fields = { step: "password", name: "ada@example.org", password: PASSWORD };
  await follow(browser, issuer, await submit(browser, issuer, await page(), fields));
  expect(await page()).not.toContain('name="password"');
  expect(await page({ max_age: "3600" })).not.toContain('name="password"');
  expect(await page({ prompt: "login" })).toContain('name="password"');
  expect(await page({ max_age: "0" })).toContain('name="password"');
});
