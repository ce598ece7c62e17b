/** While the store is away nobody is told anything but to come again, and nothing is lost. */
import { expect, test } from "vitest";
import { REVOCATIONS_PATH } from "../../gateways/auth/introspection.ts";
import { Browser, introspectWith, OAuthClient } from "../fixtures/client.ts";
import { registered, startLogin } from "../fixtures/login-server.ts";
import { secretOf, startAuth } from "../fixtures/server.ts";
import { newStore } from "../fixtures/stores.ts";
import { thatGoesAway } from "../fixtures/store-that-goes-away.ts";

async function awayStore() {
  const state = { isAway: false };
  return { state, store: thatGoesAway(await newStore(), () => state.isAway) };
}

test("every endpoint answers 503 with Retry-After, and goes on when the store is back", async () => {
  const { state, store } = await awayStore();
  const { issuer } = await startAuth({ store });
  const client = new OAuthClient(issuer);
  const tokens = await client.login();
  state.isAway = true;
  const headers = { authorization: `Bearer ${secretOf("memory")}` };
  const answers = {
    health: await fetch(`${issuer}/health`),
    registration: await fetch(`${issuer}/oauth/register`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ redirect_uris: ["https://client.example/callback"] }),
    }),
    introspection: await fetch(`${issuer}/oauth/introspect`, {
      method: "POST",
      headers,
      body: new URLSearchParams({ token: tokens.access_token }),
    }),
    revocations: await fetch(issuer + REVOCATIONS_PATH, { headers }),
    refresh: await fetch(`${issuer}/oauth/token`, {
      method: "POST",
      body: new URLSearchParams({
        grant_type: "refresh_token",
        refresh_token: tokens.refresh_token,
        client_id: client.id,
      }),
    }),
    revocation: await fetch(`${issuer}/oauth/revoke`, {
      method: "POST",
      body: new URLSearchParams({ token: tokens.refresh_token, client_id: client.id }),
    }),
  };
  for (const [name, answer] of Object.entries(answers)) {
    expect([name, answer.status, Number(answer.headers.get("retry-after")) > 0]).toEqual([name, 503, true]);
    const body = (await answer.json()) as Record<string, string>;
    expect([name, body["error"]]).toEqual([name, "temporarily_unavailable"]);
    expect(JSON.stringify(body)).not.toContain("nobody listens");
  }
  state.isAway = false;
  expect((await introspectWith(issuer, secretOf("memory"), tokens.access_token)).body["active"]).toBe(true);
  expect((await client.refresh(tokens.refresh_token)).status).toBe(200);
});

test("people see a page that says so, and their login goes on afterwards", async () => {
  const { state, store } = await awayStore();
  const { issuer } = await startLogin({ store });
  const client = await registered(issuer, "https://client.example/callback");
  const browser = new Browser(issuer);
  const page = new URL((await browser.open(client.authorizeUrl())).headers.get("location")!, issuer).href;
  state.isAway = true;
  for (const url of [page, client.authorizeUrl(), `${issuer}/login/password/${"x".repeat(43)}`]) {
    const answer = await browser.open(url);
    expect([answer.status, Number(answer.headers.get("retry-after")) > 0]).toEqual([503, true]);
    expect(answer.headers.get("content-type")).toContain("text/html");
    expect(await answer.text()).toMatch(/cannot reach its database/);
  }
  state.isAway = false;
  expect(await (await browser.open(page)).text()).toContain("<h1>Log in</h1>");
});
