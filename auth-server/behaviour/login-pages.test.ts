/** The pages of a login as any program can ask for them. */
import { expect, test } from "vitest";
import { atRest } from "../fixtures/at-rest.ts";
import { Browser, OAuthClient } from "../fixtures/client.ts";
import { follow, formOf, submit } from "../fixtures/form.ts";
import { slowClock } from "../fixtures/slow-clock.ts";
import { addUser, PASSWORD, startLogin } from "../fixtures/login-server.ts";

const NAME = "ada@example.org";
const WEB = "https://client.example/callback";

/** Somebody's browser at the login page. @param redirect where the client waits */
async function atLogin(redirect = WEB) {
  const auth = await startLogin();
  const user = await addUser(auth.users);
  const client = new OAuthClient(auth.issuer);
  client.redirect = redirect;
  await client.register({ redirect_uris: [redirect] });
  const browser = new Browser(auth.issuer);
  const html = await (await browser.visit(client.authorizeUrl())).text();
  return { ...auth, user, client, browser, html };
}

type At = Awaited<ReturnType<typeof atLogin>>;

/** Logs in. @returns what comes then: consent, or the client */
const logIn = async ({ browser, issuer }: At, html: string, password = PASSWORD): Promise<Response> =>
  follow(browser, issuer, await submit(browser, issuer, html, { step: "password", name: NAME, password }));

/** Logs in and allows what is asked. @returns where the browser is sent */
async function allow(at: At): Promise<URL> {
  const consent = await (await logIn(at, at.html)).text();
  const back = await follow(at.browser, at.issuer, await submit(at.browser, at.issuer, consent, { step: "allow" }));
  return new URL(back.headers.get("location")!);
}

/** The same browser once more. @returns where it is sent, or the page that it sees */
async function again({ browser, client }: At, parameters: Record<string, string> = {}): Promise<string> {
  const answer = await browser.visit(client.authorizeUrl(parameters));
  return answer.headers.get("location") ?? (await answer.text());
}

test("what was allowed before is allowed without a page, with a grant of its own", async () => {
  const at = await atLogin();
  const first = await at.client.exchange((await allow(at)).searchParams.get("code")!);
  const second = await at.client.exchange(new URL(await again(at)).searchParams.get("code")!);
  expect([first.status, second.status]).toEqual([200, 200]);
  await at.client.revoke(first.body.refresh_token);
  expect((await at.client.refresh(second.body.refresh_token)).status).toBe(200);
});

test.each([
  ["more scopes are asked for", WEB, { scope: "memory tools:memory:write_*" }],
  ["the client wants to ask", WEB, { prompt: "consent" }],
  ["the client is a program on the user's computer", "http://127.0.0.1:4711/callback", {}],
  ["the client is an app", "cursor://anysphere.cursor-mcp/callback", {}],
])("consent is asked for again when %s", async (_, redirect, parameters) => {
  const at = await atLogin(redirect);
  await allow(at);
  expect(await again(at, parameters as Record<string, string>)).toContain("Allow access?");
});

test.each<[string, (at: At) => Promise<unknown>]>([
  ["removed", ({ users, user }) => users.remove(user.id)],
  ["disabled", ({ users, user }) => users.setDisabled(user.id, true)],
  ["given a new password", ({ users, user }) => users.reset(user.id, false, undefined, Date.now() + 5_000)],
])("a browser in which a user was logged in who is %s asks who is there", async (_, change) => {
  const at = await atLogin();
  await allow(at);
  await change(at);
  expect(await again(at)).toContain("<h1>Log in</h1>");
});

test("what was allowed before is said on the page that asks again", async () => {
  const at = await atLogin("http://127.0.0.1:4711/callback");
  await allow(at);
  expect(await again(at)).toContain("You have allowed this before.");
});

test.each([
  ["no proof", { csrf: "" }, {}, 403],
  ["another proof", { csrf: "x".repeat(43) }, {}, 403],
  ["the origin of another site", {}, { origin: "https://evil.example" }, 403],
  ["no origin (null)", {}, { origin: "null" }, 403],
  ["another site that sends it", {}, { "sec-fetch-site": "cross-site" }, 403],
  ["a host of the same domain that sends it", {}, { "sec-fetch-site": "same-site" }, 403],
  ["a body of another kind", {}, { "content-type": "text/plain" }, 415],
  ["a body of another kind whose name begins alike", {}, { "content-type": "application/x-www-form-urlencodedx" }, 415],
  ["a body that is too large", { name: "x".repeat(20_000) }, {}, 413],
])("a form with %s does nothing", async (_, fields, headers, status) => {
  const { browser, issuer, html, users } = await atLogin();
  const { action, csrf } = formOf(html);
  const body = new URLSearchParams({ csrf, step: "password", name: NAME, password: PASSWORD, ...fields }).toString();
  const sent = { "content-type": "application/x-www-form-urlencoded", origin: issuer, ...headers };
  const answer = await browser.open(issuer + action, { method: "POST", body, headers: sent });
  expect([answer.status, (await users.named(NAME))!.lastLogin]).toEqual([status, undefined]);
  expect(answer.headers.get("content-security-policy")).toContain("frame-ancestors 'none'");
});

test("a login belongs to the browser that has seen its page, whoever knows its address and its proof", async () => {
  const { issuer, html } = await atLogin();
  const answer = await submit(new Browser(issuer), issuer, html, { step: "password", name: NAME, password: PASSWORD });
  expect(answer.status).toBe(400);
});

test.each([
  ["PUT", "", 405],
  ["DELETE", "", 405],
  ["GET", "/elsewhere", 400],
  ["GET", "/back?state=x&code=y", 400],
  ["GET", "/../../x", 404],
  ["GET", "/more", 404],
])("%s of a login's address with %j is answered with a page, %i", async (method, more, status) => {
  const { browser, issuer, html } = await atLogin();
  const answer = await browser.open(issuer + formOf(html).action + more, { method });
  expect([answer.status, (await answer.text()).includes("at ")]).toEqual([status, false]);
});

test.each([
  "/login/",
  "/login/x",
  `/login/password/${"x".repeat(43)}`,
  "/login/password/x",
  "/login/%2e%2e%2fx",
  "/oauth/callback",
])("%s is no page, and says so", async (path) => {
  const { issuer } = await startLogin();
  const answer = await fetch(issuer + path);
  expect([400, 404]).toContain(answer.status);
  expect(answer.headers.get("cache-control")).toBe("no-store");
});

test("cookies are for this host alone, and no script reads them, on https", async () => {
  const { BrowserCookie } = await import("../interactions/browser.ts");
  const headers: string[] = [];
  const res = { appendHeader: (_: string, value: string) => headers.push(value) };
  const secret = new BrowserCookie("https://auth.example.org").ensure({ headers: {} } as never, res as never);
  expect(headers).toEqual([`__Host-gangway-login=${secret}; Path=/; HttpOnly; SameSite=Lax; Secure`]);
});

test("brute force: a right password opens nothing during a pause, also when many try at once", async () => {
  slowClock();
  const { browser, issuer, html, users, log } = await atLogin();
  const wrong = Array.from({ length: 12 }, (_, at) =>
    submit(browser, issuer, html, { step: "password", name: NAME, password: `wrong password ${at}` }),
  );
  const statuses = (await Promise.all(wrong)).map(({ status }) => status);
  expect(statuses.filter((status) => status === 401)).toHaveLength(5);
  const right = await submit(browser, issuer, html, { step: "password", name: NAME, password: PASSWORD });
  expect([right.status, right.headers.has("retry-after")]).toEqual([429, true]);
  expect((await users.named(NAME))!.lastLogin).toBeUndefined();
  expect(log.join("")).toContain("too many tries");
});

test("whether there is such a user, or it is disabled or without a password, cannot be told from the answer", async () => {
  const { browser, issuer, html, users } = await atLogin();
  await users.add({ name: "without-password" });
  await users.setDisabled((await addUser(users, { name: "disabled" })).id, true);
  const answers = [];
  for (const name of [NAME, "nobody", "without-password", "disabled"]) {
    const password = name === "disabled" ? PASSWORD : "a wrong password";
    const answer = await submit(browser, issuer, html, { step: "password", name, password });
    answers.push([answer.status, (await answer.text()).replace(`value="${name}"`, "")]);
  }
  for (const answer of answers) expect(answer).toEqual(answers[0]);
});

test("no password, code, link or cookie is in the log, or in the database as it is", async () => {
  const at = await atLogin();
  const link = await at.users.newLink((await at.users.add({ name: "bob" })).id);
  await at.browser.visit(`${at.issuer}/login/password/${link}`);
  await submit(at.browser, at.issuer, at.html, {
    step: "password",
    name: "typed-into-the-wrong-field",
    password: "wrong password",
  });
  const code = (await allow(at)).searchParams.get("code")!;
  const kept = atRest(at.dataDir);
  const { csrf } = formOf(at.html);
  for (const secret of [PASSWORD, "wrong password", link, code, csrf]) {
    expect(at.log.join("")).not.toContain(secret);
    expect(kept.includes(secret)).toBe(false);
  }
  expect(at.log.join("")).not.toContain("typed-into-the-wrong-field");
});

test("the steps of a login have one id in the log", async () => {
  const at = await atLogin();
  await submit(at.browser, at.issuer, at.html, { step: "password", name: NAME, password: "wrong password" });
  await allow(at);
  const lines = at.log
    .flatMap((text) => text.trim().split("\n"))
    .map((line) => JSON.parse(line) as Record<string, string>);
  const flowOf = (event: string) => lines.find(({ audit }) => audit === event)?.["flow"];
  expect(flowOf("login-started")).toMatch(/^[\w-]{20,}$/);
  for (const event of ["login-failed", "login", "consent", "code-issued"])
    expect(flowOf(event)).toBe(flowOf("login-started"));
});

test("a login goes on after a restart of the server", async () => {
  const { browser, issuer, html, dataDir, stop, client } = await atLogin();
  await stop();
  const next = await startLogin({ dataDir, env: { ISSUER: issuer, PORT: new URL(issuer).port } });
  // What is left of connections to the one before fails once.
  await expect
    .poll(
      () =>
        fetch(`${issuer}/health`).then(
          ({ ok }) => ok,
          () => false,
        ),
      { timeout: 30_000 },
    )
    .toBe(true);
  const answer = await submit(browser, issuer, html, { step: "password", name: NAME, password: PASSWORD });
  const consent = await (await follow(browser, issuer, answer)).text();
  const back = await follow(browser, issuer, await submit(browser, issuer, consent, { step: "allow" }));
  expect((await client.exchange(new URL(back.headers.get("location")!).searchParams.get("code")!)).status).toBe(200);
  expect((await next.users.named(NAME))!.lastLogin).toBeDefined();
});
