/** Logins elsewhere, from one end to the other: at a second oidc-provider, and at a GitHub that checks what it is sent. */
import { expect, test } from "vitest";
import { Browser, OAuthClient } from "../fixtures/client.ts";
import { GITHUB_CLIENT, startGitHub, type GitHubAccount } from "../fixtures/fake-github.ts";
import { follow, submit } from "../fixtures/form.ts";
import { startLogin } from "../fixtures/login-server.ts";
import { OIDC_CLIENT, startProvider, type OidcAccount } from "../fixtures/second-provider.ts";
import { GitHubUpstream } from "../interactions/upstream/github.ts";
import { OidcUpstream } from "../interactions/upstream/oidc.ts";
import type { Upstream } from "../interactions/upstream/upstream.ts";

/** A server whose users log in elsewhere, and somebody's browser there. */
async function startElsewhere(kind: "oidc" | "github", env: Record<string, string> = {}) {
  let issuer = "";
  const callback = () => `${issuer}/oauth/callback`;
  const github = kind === "github" ? await startGitHub(callback) : undefined;
  const provider = kind === "oidc" ? await startProvider(callback) : undefined;
  const elsewhere = github?.url ?? provider!.issuer;
  const upstream: Upstream = github
    ? new GitHubUpstream(GITHUB_CLIENT, { site: elsewhere, api: elsewhere })
    : new OidcUpstream({ issuer: elsewhere, ...OIDC_CLIENT });
  const auth = await startLogin({
    upstream,
    env: {
      UPSTREAM_ISSUER: elsewhere,
      UPSTREAM_CLIENT_ID: "in-the-upstream",
      UPSTREAM_CLIENT_SECRET_FILE: import.meta.filename,
      UPSTREAM_ALLOW: "@example.org,carol@example.com",
      ...env,
    },
  });
  ({ issuer } = auth);
  const client = new OAuthClient(issuer);
  await client.register();
  return { ...auth, github, provider, client, elsewhere };
}

type Running = Awaited<ReturnType<typeof startElsewhere>>;

/** Opens the login, and goes where it says. @returns the URL with which the other server sends the browser back */
async function goElsewhere({ issuer, client, elsewhere }: Running, browser: Browser): Promise<string> {
  const page = await browser.visit(client.authorizeUrl());
  const [, href] = /<a href="([^"]+elsewhere)"/.exec(await page.text()) ?? [];
  const leaving = await browser.open(issuer + href!);
  const back = await new Browser(elsewhere).visit(leaving.headers.get("location")!);
  return back.headers.get("location")!;
}

async function logInElsewhere(running: Running, browser = new Browser(running.issuer)): Promise<Response> {
  return browser.visit(await goElsewhere(running, browser));
}

test.each(["oidc", "github"] as const)(
  "%s: a first login makes a user, and the client gets its tokens",
  async (kind) => {
    const running = await startElsewhere(kind);
    const { issuer, client, users, github, log } = running;
    const browser = new Browser(issuer);
    const consent = await logInElsewhere(running, browser);
    const html = await consent.text();
    expect(html).toContain("<strong>ada@example.org</strong>");
    const back = await follow(browser, issuer, await submit(browser, issuer, html, { step: "allow" }));
    const { status } = await client.exchange(new URL(back.headers.get("location")!).searchParams.get("code")!);
    expect(status).toBe(200);
    expect(await users.list()).toMatchObject([{ name: "ada@example.org", password: undefined }]);
    expect(github?.wrong ?? []).toEqual([]);
    await logInElsewhere(running);
    expect(await users.list()).toHaveLength(1);
    expect(log.join("")).toMatch(/AUTH login"/);
    expect(log.join("")).not.toMatch(/gho_|github-secret|oidc-secret/);
  },
);

type Change = (running: Running) => void;

const fromProvider =
  (change: Partial<OidcAccount>): Change =>
  ({ provider }) =>
    void Object.assign(provider!.account, change);

const fromGitHub =
  (...emails: GitHubAccount["emails"]): Change =>
  ({ github }) =>
    void (github!.account.emails = emails);

const right = { email: "ada@example.org", primary: true, verified: true };

test.each<[kind: "oidc" | "github", what: string, change: Change]>([
  ["oidc", "an address that is not on the list", fromProvider({ email: "eve@evil.example" })],
  ["oidc", "an address of a domain below", fromProvider({ email: "eve@sub.example.org" })],
  ["oidc", "an address that is not verified", fromProvider({ email_verified: false })],
  ["github", "an address that is not on the list", fromGitHub({ ...right, email: "eve@evil.example" })],
  ["github", "an address that is not verified", fromGitHub({ ...right, verified: false })],
  ["github", "an address that is not the primary one", fromGitHub({ ...right, primary: false })],
  ["github", "no address", fromGitHub()],
])("%s: %s may not log in, and is told no more than that", async (kind, _, change) => {
  const running = await startElsewhere(kind);
  change(running);
  const answer = await logInElsewhere(running);
  expect(answer.status).toBe(403);
  expect(await answer.text()).toContain("did not succeed, or this account may not log in here");
  expect(await running.users.list()).toEqual([]);
  expect(running.log.join("")).toContain("AUTH login-failed");
});

test("a user whom the operator has added logs in elsewhere with the same address", async () => {
  const running = await startElsewhere("oidc");
  const { id } = await running.users.add({ name: "ada@example.org", teams: ["ops"] });
  await logInElsewhere(running);
  expect(await running.users.list()).toMatchObject([{ id, teams: ["ops"] }]);
});

test("an address that goes to somebody else there gives them nothing of whoever had it", async () => {
  const running = await startElsewhere("oidc");
  await logInElsewhere(running);
  running.provider!.account.sub = "somebody-else";
  expect((await logInElsewhere(running)).status).toBe(403);
});

test("a user who is disabled cannot log in elsewhere either", async () => {
  const running = await startElsewhere("github");
  await logInElsewhere(running);
  await running.users.setDisabled((await running.users.list())[0]!.id, true);
  expect((await logInElsewhere(running)).status).toBe(403);
});

test("an answer finishes the login in the browser that has asked, once, and in no other (session fixation)", async () => {
  const running = await startElsewhere("oidc");
  const [attacker, victim] = [new Browser(running.issuer), new Browser(running.issuer)];
  const back = await goElsewhere(running, attacker);
  const stolen = await victim.visit(back);
  expect([stolen.status, (await stolen.text()).includes("This login has ended")]).toEqual([400, true]);
  expect((await attacker.visit(back)).status).toBe(200);
  expect((await attacker.visit(back)).status).toBe(400);
});

test.each([
  [
    "another state",
    (url: URL) => url.searchParams.set("state", `${url.searchParams.get("state")!.slice(0, -1)}-`),
    403,
  ],
  ["no code", (url: URL) => url.searchParams.delete("code"), 403],
  ["another issuer (mix-up)", (url: URL) => url.searchParams.set("iss", "https://evil.example"), 403],
  ["no issuer, from one that names itself", (url: URL) => url.searchParams.delete("iss"), 403],
  ["no state", (url: URL) => url.searchParams.delete("state"), 400],
  ["a state that is an address", (url: URL) => url.searchParams.set("state", "//evil.example/.x"), 400],
])("an answer with %s is refused", async (_, change, status) => {
  const running = await startElsewhere("oidc");
  const browser = new Browser(running.issuer);
  const back = new URL(await goElsewhere(running, browser));
  change(back);
  const answer = await browser.visit(back.href);
  expect([answer.status, await running.users.list()]).toEqual([status, []]);
});

test("accounts of our own can be switched off", async () => {
  const running = await startElsewhere("oidc", { LOCAL_ACCOUNTS: "off" });
  const browser = new Browser(running.issuer);
  const html = await (await browser.visit(running.client.authorizeUrl())).text();
  expect(html).not.toContain("Password");
  const answer = await submit(browser, running.issuer, html, { step: "password", name: "ada", password: "x" });
  expect(answer.status).toBe(400);
});

test("another login that cannot be reached is told as that, without a stack", async () => {
  const upstream = new OidcUpstream({ issuer: "http://127.0.0.1:9", ...OIDC_CLIENT });
  const auth = await startLogin({ upstream });
  const client = new OAuthClient(auth.issuer);
  await client.register();
  const browser = new Browser(auth.issuer);
  const [, href] = /<a href="([^"]+elsewhere)"/.exec(await (await browser.visit(client.authorizeUrl())).text()) ?? [];
  const answer = await browser.open(auth.issuer + href!);
  expect(answer.status).toBe(502);
  expect(auth.log.join("")).toContain("127.0.0.1:9 cannot be used");
});
