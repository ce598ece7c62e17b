/** Several things at once, or in an order that nobody has planned. */
import { expect, test } from "vitest";
import { Browser, introspectWith, OAuthClient } from "../fixtures/client.ts";
import { follow, submit } from "../fixtures/form.ts";
import { addUser, PASSWORD, registered, startLogin } from "../fixtures/login-server.ts";
import { secretOf, startAuth } from "../fixtures/server.ts";
import { MEMORY } from "../fixtures/services.ts";

/** Somebody who has logged in, and sees the page of consent. */
async function atConsent() {
  const auth = await startLogin();
  const user = await addUser(auth.users);
  const client = await registered(auth.issuer, "https://client.example/callback");
  const browser = new Browser(auth.issuer);
  const html = await (await browser.visit(client.authorizeUrl())).text();
  const form = { step: "password", name: user.name, password: PASSWORD };
  const answer = await follow(browser, auth.issuer, await submit(browser, auth.issuer, html, form));
  const consent = await answer.text();
  const allow = () => submit(browser, auth.issuer, consent, { step: "allow" });
  const goOn = (allowed: Response) => follow(browser, auth.issuer, allowed);
  return { ...auth, user, client, allow, goOn };
}

type At = Awaited<ReturnType<typeof atConsent>>;

const codeIn = (answer: Response) => new URL(answer.headers.get("location") ?? "x:").searchParams.get("code");

const isActive = async (issuer: string, token: string) =>
  (await introspectWith(issuer, secretOf("memory"), token)).body["active"];

test("consent that is given three times at once gives one code, and one grant", async () => {
  const { allow, goOn, client, parts } = await atConsent();
  const ends = await Promise.all((await Promise.all([allow(), allow(), allow()])).map(goOn));
  const codes = ends.map(codeIn).filter((code) => code !== null);
  expect([codes.length, (await parts.store.grants.list()).length]).toEqual([1, 1]);
  expect((await client.exchange(codes[0]!)).status).toBe(200);
});

const endings: [string, (at: At) => Promise<unknown>][] = [
  ["removed", ({ users, user }) => users.remove(user.id)],
  ["disabled", ({ users, user }) => users.setDisabled(user.id, true)],
  ["reset", ({ users, user }) => users.reset(user.id, false, undefined, Date.now() + 5_000)],
];

test.each(endings)("a user who is %s during a login gets no code", async (_, end) => {
  const at = await atConsent();
  const allowed = await at.allow();
  await end(at);
  await at.parts.store.grants.endAll({ account: at.user.id });
  const answer = await at.goOn(allowed);
  expect([codeIn(answer), await at.parts.store.grants.list()]).toEqual([null, []]);
});

test.each(endings)("the code of a user who is %s is worth nothing", async (_, end) => {
  const at = await atConsent();
  const code = codeIn(await at.goOn(await at.allow()))!;
  await end(at);
  await at.parts.store.grants.endAll({ account: at.user.id });
  expect((await at.client.exchange(code)).body.error).toBe("invalid_grant");
});

test("of refreshes that are under way when their grant is revoked, no token is left", async () => {
  const { issuer } = await startAuth();
  const client = new OAuthClient(issuer);
  const { refresh_token: token } = await client.login({ resource: MEMORY });
  const refresh = () => Array.from({ length: 8 }, () => client.refresh(token));
  const before = refresh();
  const revoked = client.revoke(token);
  const answers = await Promise.all([...before, ...refresh()]);
  expect((await revoked).status).toBe(200);
  const issued = answers.flatMap(({ body }) => body.access_token ?? []);
  expect(issued.length).toBeGreaterThan(0);
  for (const one of issued) expect(await isActive(issuer, one)).toBe(false);
});

test("of a code that many show at once, no token is left", async () => {
  const { issuer } = await startAuth();
  const client = new OAuthClient(issuer);
  await client.register();
  const code = (await client.authorize({ resource: MEMORY })).get("code")!;
  const answers = await Promise.all(Array.from({ length: 10 }, () => client.exchange(code)));
  const issued = answers.flatMap(({ body }) => body.access_token ?? []);
  for (const one of issued) expect(await isActive(issuer, one)).toBe(false);
});
