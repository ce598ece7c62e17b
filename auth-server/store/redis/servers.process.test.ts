/** Authorization servers on a Redis: what they leave in it, that one hears of the other, and what is left of a login when it dies. */
import { describe, expect, onTestFinished } from "vitest";
import { test, until } from "../../../gateways/fixtures/harness.ts";
import { Browser, introspectWith, OAuthClient, REDIRECT } from "../../fixtures/client.ts";
import { follow, submit } from "../../fixtures/form.ts";
import { addUser, PASSWORD, registered, startLogin } from "../../fixtures/login-server.ts";
import { redisIsMissing, startRedis, type RedisServer } from "../../fixtures/redis-server.ts";
import { secretOf, startAuth } from "../../fixtures/server.ts";
import { RedisStore } from "./store.ts";

const MEMORY = "https://memory.example.org/mcp";
const NAME = "ada@example.org";
const PREFIX = "somebody:";

/** What stays until it is removed: by the operator, by a sweep, with its user. */
const STAYS = new Set(
  (
    "keys last-revocation client fingerprint clients-unused clients-used " +
    "documents user names recovery-codes identities identities-of consents"
  ).split(" "),
);

/** What goes by itself. */
const GOES = new Set(
  "record uid records-of fresh grant grants grants-of-user grants-of-client revocations document link step".split(" "),
);

const NEW_GRANT = {
  account: "bob",
  clientName: "Client",
  redirectUri: REDIRECT,
  resource: MEMORY,
  scope: "memory",
  address: "192.0.2.1",
};

/** A store for a server, which closes it. */
const storeAt = ({ url }: RedisServer) => new RedisStore({ url, password: undefined, prefix: PREFIX }, () => {});

/** A Redis that loses nothing when it is killed. */
const durable = () => startRedis({ appendfsync: "always" });

/** The page with which a login of a user begins, and the steps after it. */
async function beginLogin(redis: RedisServer) {
  const auth = await startLogin({ store: storeAt(redis) });
  await addUser(auth.users);
  const client = await registered(auth.issuer, REDIRECT);
  const browser = new Browser(auth.issuer);
  const page = await (await browser.visit(client.authorizeUrl({ resource: MEMORY, scope: "memory" }))).text();
  const send = (html: string, fields: Readonly<Record<string, string>>) => submit(browser, auth.issuer, html, fields);
  const logIn = async () =>
    (await follow(browser, auth.issuer, await send(page, { step: "password", name: NAME, password: PASSWORD }))).text();
  const allow = async (consent: string) => {
    const back = await follow(browser, auth.issuer, await send(consent, { step: "allow" }));
    return new URL(back.headers.get("location")!).searchParams.get("code")!;
  };
  return { auth, client, browser, logIn, allow };
}

/** Everything that is kept there, by its key, with the seconds after which it goes: -1 = never. */
function keysIn(redis: RedisServer): ReadonlyMap<string, number> {
  const names = redis.cli("--scan").trim().split("\n");
  return new Map(names.map((name) => [name, Number(redis.cli("ttl", name))]));
}

const kindOf = (key: string) => key.slice(`${PREFIX}{all}:`.length).split(":")[0]!;

async function isBack(issuer: string): Promise<void> {
  await until("the server is back", async () => (await fetch(`${issuer}/health`)).ok);
}

describe.skipIf(redisIsMissing !== undefined)(`servers on Redis: ${redisIsMissing ?? "a Redis server"}`, () => {
  test("what is kept has the prefix, and goes by itself, but for what an operator would miss", async () => {
    const redis = await startRedis();
    const { auth, client, logIn, allow } = await beginLogin(redis);
    const { body } = await client.exchange(await allow(await logIn()));
    await client.refresh(body.refresh_token);
    const { users, documents, steps, records } = auth.parts.store;
    const { id } = (await users.named(NAME))!;
    const added = { id: "bob", name: "bob", teams: [], password: undefined, totp: undefined, created: Date.now() };
    await users.setLink(id, { digest: "digest", expires: Date.now() + 60_000 });
    await users.setRecoveryCodes(id, ["digest"]);
    await users.ofIdentity({ issuer: "https://elsewhere.example", subject: "bob" }, added);
    await documents.keep("https://client.example/client.json", "{}");
    await steps.begin("login", "browser", Date.now() + 60_000);
    const expires = Date.now() / 1_000 + 60;
    await records.save("Session", "session", { payload: "{}", grantId: undefined, uid: "uid", expires });
    await new OAuthClient(auth.issuer).register({ client_name: "Another" });
    await auth.parts.store.grants.add({ ...NEW_GRANT, id: "ended", client: client.id });
    await auth.parts.store.grants.end("ended");
    const keys = keysIn(redis);
    expect([...keys.keys()].filter((key) => !key.startsWith(PREFIX))).toEqual([]);
    const forEver = [...keys].filter(([, seconds]) => seconds === -1).map(([key]) => kindOf(key));
    expect(forEver.filter((kind) => !STAYS.has(kind))).toEqual([]);
    expect(new Set([...keys.keys()].map(kindOf))).toEqual(new Set([...STAYS, ...GOES]));
  });

  test("a token that one server has revoked does not open a gateway that another one tells of it", async ({
    start,
  }) => {
    const redis = await startRedis();
    const [one, other] = [await startAuth({ store: storeAt(redis) }), await startAuth({ store: storeAt(redis) })];
    const service = { name: "memory", auth: ["oauth" as const], authIssuer: one.issuer, publicUrl: MEMORY };
    const running = await start({ service: { ...service, authSecret: secretOf("memory") } });
    await until("it hears of revocations", () => running.log.some((line) => line.includes("tells of revocations")));
    const login = new OAuthClient(one.issuer);
    const tokens = await login.login({ resource: MEMORY, scope: "memory" });
    const client = await running.client({ authorization: `Bearer ${tokens.access_token}` }).open();
    const stream = await client.get();
    const elsewhere = Object.assign(new OAuthClient(other.issuer), { id: login.id });
    expect((await elsewhere.revoke(tokens.refresh_token)).status).toBe(200);
    await stream.text(); // ends
    expect((await client.notify("x")).status).toBe(401);
  });

  test("a login goes on after Redis was killed in the middle of each of its steps", async () => {
    const redis = await durable();
    const { auth, client, logIn, allow } = await beginLogin(redis);
    const restart = async () => {
      await redis.stop("SIGKILL");
      await redis.start({ appendfsync: "always" });
      await isBack(auth.issuer);
    };
    await restart();
    const consent = await logIn();
    await restart();
    const code = await allow(consent);
    await restart();
    const { status, body } = await client.exchange(code);
    expect(status).toBe(200);
    await restart();
    expect((await introspectWith(auth.issuer, secretOf("memory"), body.access_token)).body["active"]).toBe(true);
    expect((await client.refresh(body.refresh_token)).status).toBe(200);
  });

  test("while Redis is away everybody is told to come again, and then all goes on by itself", async () => {
    const unhandled: unknown[] = [];
    const note = (error: unknown) => void unhandled.push(error);
    process.on("unhandledRejection", note);
    onTestFinished(() => void process.off("unhandledRejection", note));
    const redis = await durable();
    const { auth, client, browser, logIn, allow } = await beginLogin(redis);
    const tokens = (await client.exchange(await allow(await logIn()))).body;
    const next = await browserAt(auth.issuer, client);
    const post = (path: string, fields: Readonly<Record<string, string>>, headers: Record<string, string> = {}) =>
      fetch(auth.issuer + path, { method: "POST", body: new URLSearchParams(fields), headers });
    const { refresh_token, access_token } = tokens;
    await redis.stop("SIGKILL");
    const answers = {
      begin: await browser.open(client.authorizeUrl({ resource: MEMORY, scope: "memory" })),
      page: await next.browser.open(next.url),
      password: await submit(next.browser, auth.issuer, next.page, {
        step: "password",
        name: NAME,
        password: PASSWORD,
      }),
      link: await browser.open(`${auth.issuer}/login/password/${"x".repeat(43)}`),
      token: await post("/oauth/token", { grant_type: "refresh_token", refresh_token, client_id: client.id }),
      code: await post("/oauth/token", { grant_type: "authorization_code", code: "x", client_id: client.id }),
      introspection: await post(
        "/oauth/introspect",
        { token: access_token },
        { authorization: `Bearer ${secretOf("memory")}` },
      ),
      health: await fetch(`${auth.issuer}/health`),
    };
    for (const [name, answer] of Object.entries(answers)) {
      const text = await answer.text();
      expect([name, answer.status, Number(answer.headers.get("retry-after")) > 0, text]).toEqual([
        name,
        503,
        true,
        expect.not.stringMatching(/redis|ECONNREFUSED|\n\s+at /i),
      ]);
    }
    await redis.start({ appendfsync: "always" });
    await isBack(auth.issuer);
    expect((await introspectWith(auth.issuer, secretOf("memory"), access_token)).body["active"]).toBe(true);
    expect((await client.refresh(refresh_token)).status).toBe(200);
    expect(await (await next.browser.open(next.url)).text()).toContain("<h1>Log in</h1>");
    expect(unhandled).toEqual([]);
  });
});

/** A browser with the page of a login. */
async function browserAt(issuer: string, client: OAuthClient) {
  const browser = new Browser(issuer);
  const sent = await browser.open(client.authorizeUrl({ resource: MEMORY, scope: "memory" }));
  const url = new URL(sent.headers.get("location")!, issuer).href;
  return { browser, url, page: await (await browser.open(url)).text() };
}
