/** What an operator relies on: revocation at once, restarts, and two processes on one file. */
import { describe, expect, test } from "vitest";
import { until } from "../../gateways/fixtures/harness.ts";
import { INTROSPECTION_PATH, REVOCATIONS_PATH } from "../../gateways/auth/introspection.ts";
import { Browser, introspectWith, OAuthClient } from "../fixtures/client.ts";
import { secretOf, startAuth, type RunningAuth } from "../fixtures/server.ts";
import { MEMORY } from "../fixtures/services.ts";
import { operatorCommands } from "../operator.ts";
import { moveClock } from "../fixtures/clock.ts";
import { openStore } from "../store/open.ts";

const isActive = async ({ issuer }: RunningAuth, token: string) =>
  (await introspectWith(issuer, secretOf("memory"), token)).body["active"];

/** Where a server is reached, whatever its issuer is. */
const at = (auth: RunningAuth) => `http://127.0.0.1:${auth.server.port}`;

/** The grants that a gateway has been told of. */
async function watchRevocations({ issuer }: RunningAuth, signal: AbortSignal): Promise<string[]> {
  const headers = { authorization: `Bearer ${secretOf("memory")}` };
  const stream = await fetch(issuer + REVOCATIONS_PATH, { headers, signal });
  const seen: string[] = [];
  const reading = (async () => {
    for await (const chunk of stream.body!.pipeThrough(new TextDecoderStream()))
      for (const [, data = ""] of chunk.matchAll(/^data: (.*)$/gm))
        seen.push((JSON.parse(data) as { grant: string }).grant);
  })();
  reading.catch(() => undefined);
  return seen;
}

/** A command in a process of its own, as far as the store is concerned. */
const operate = async (auth: RunningAuth, command: string, ...args: string[]): Promise<unknown> =>
  JSON.parse(await operateAsText(auth, command, ...args, "--json"));

async function operateAsText({ parts }: RunningAuth, command: string, ...args: string[]): Promise<string> {
  const store = await openStore(parts.config.state, () => undefined);
  try {
    return await operatorCommands[command]!(args, store);
  } finally {
    await store.close();
  }
}

describe("the operator", () => {
  test("sees who is logged in with what, and ends one login, which gateways learn at once", async ({
    onTestFinished,
  }) => {
    const auth = await startAuth();
    const closing = new AbortController();
    onTestFinished(() => closing.abort());
    const seen = await watchRevocations(auth, closing.signal);
    const client = new OAuthClient(auth.issuer);
    const [first, second] = [await client.login({ resource: MEMORY }), await client.login({ resource: MEMORY })];
    const listed = (await operate(auth, "sessions")) as { id: string; client: string; scope: string }[];
    expect(listed).toHaveLength(2);
    expect(listed[0]).toMatchObject({ client: client.id, clientName: "Test", resource: MEMORY, scope: "memory" });
    const table = (await operateAsText(auth, "sessions")).split("\n");
    expect(table[0]).toMatch(/^GRANT +USER +CLIENT +HOST +SERVICE +SCOPES +SINCE +LAST USED +FROM$/);
    const minute = String.raw`\d{4}-\d\d-\d\dT\d\d:\d\dZ`;
    expect(table[1]).toMatch(
      new RegExp(`^[\\w-]+ +user-ada +Test +127.0.0.1:33418 +memory +memory +${minute} +${minute} +127.0.0.1$`),
    );
    const { body } = await introspectWith(auth.issuer, secretOf("memory"), first.access_token);
    await operate(auth, "revoke", String(body["grant"]));
    await until("the gateway is told", () => seen.includes(String(body["grant"])));
    expect(auth.log.join("")).toContain(
      `"audit":"grant-ended","flow":"${String(body["grant"])}","user":"ada@example.org","client":"${client.id}"`,
    );
    expect([await isActive(auth, first.access_token), await isActive(auth, second.access_token)]).toEqual([
      false,
      true,
    ]);
    expect((await client.refresh(first.refresh_token)).body.error).toBe("invalid_grant");
  });

  test("sees when a login was last used, although its token is older", async () => {
    const auth = await startAuth();
    const back = moveClock(-7_200);
    const tokens = await new OAuthClient(auth.issuer).login();
    back();
    const used = async () => Date.parse(((await operate(auth, "sessions")) as { used: string }[])[0]!.used);
    expect(await used()).toBeLessThan(Date.now() - 7_000_000);
    expect(await isActive(auth, tokens.access_token)).toBe(true);
    expect(await used()).toBeGreaterThan(Date.now() - 60_000);
    const [client] = (await operate(auth, "clients")) as { host: string; used: string }[];
    expect([client!.host, Date.parse(client!.used) > Date.now() - 60_000]).toEqual(["127.0.0.1", true]);
  });

  test("reads a table whose cells stay in their line, whatever a client calls itself", async () => {
    const auth = await startAuth();
    const client = new OAuthClient(auth.issuer);
    await client.register({ client_name: `Evil\nGRANT\u001b[31m\u202E ${"x".repeat(500)}` });
    await client.login();
    for (const command of ["sessions", "clients"]) {
      const text = await operateAsText(auth, command);
      expect(text.split("\n")).toHaveLength(2);
      expect(["\u001b", "\u202E", "x".repeat(100)].filter((word) => text.includes(word))).toEqual([]);
    }
  });

  test("ends all logins of a user, or of a client", async () => {
    const auth = await startAuth();
    const [one, other] = [new OAuthClient(auth.issuer), new OAuthClient(auth.issuer)];
    await other.register({ client_name: "Another" });
    const tokens = [await one.login(), await other.login(), await other.login()];
    const listed = (await operate(auth, "clients")) as { id: string; sessions: number }[];
    expect(new Map(listed.map(({ id, sessions }) => [id, sessions]))).toEqual(
      new Map([
        [one.id, 1],
        [other.id, 2],
      ]),
    );
    expect(await operate(auth, "revoke", "--client", other.id)).toHaveLength(2);
    expect(await Promise.all(tokens.map((each) => isActive(auth, each.access_token)))).toEqual([true, false, false]);
    expect(await operate(auth, "revoke", "--user", "user-ada")).toHaveLength(1);
    expect(await operate(auth, "sessions")).toEqual([]);
  });

  test.each([["revoke"], ["revoke", "a", "--user", "b"], ["revoke", "nothing"], ["sessions", "--wrong"]])(
    "is told what is wrong with %j %j",
    async (command, ...args) => {
      const auth = await startAuth();
      await expect(operate(auth, command, ...args)).rejects.toThrow(/revoke <grant>|There is no grant nothing/);
    },
  );
});

describe("introspection", () => {
  test.each([
    ["no secret", {}],
    ["a wrong secret", { authorization: "Bearer wrong" }],
    ["another scheme", { authorization: `Basic ${btoa(`x:${secretOf("memory")}`)}` }],
  ])("with %s is 401, and so is the stream of revocations", async (_, headers) => {
    const { issuer } = await startAuth();
    const asked = await fetch(issuer + INTROSPECTION_PATH, {
      method: "POST",
      headers,
      body: new URLSearchParams({ token: "x" }),
    });
    const watched = await fetch(issuer + REVOCATIONS_PATH, { headers });
    expect([asked.status, watched.status]).toEqual([401, 401]);
  });

  test.each(["", "nonsense", "a.b.c", "eyJhbGciOiJub25lIn0.eyJzdWIiOiJhZGEifQ."])(
    "of %j is inactive",
    async (token) => {
      const auth = await startAuth();
      expect(await isActive(auth, token)).toBe(false);
    },
  );

  test("of tokens for a group is for its members", async () => {
    const auth = await startAuth({
      resources: [{ service: "team" }, { service: "memory", groups: ["team"] }, { service: "notes" }],
    });
    const tokens = await new OAuthClient(auth.issuer).login({ resource: "https://team.example.org/mcp" });
    expect(await isActive(auth, tokens.access_token)).toBe(true);
    expect((await introspectWith(auth.issuer, secretOf("notes"), tokens.access_token)).body["active"]).toBe(false);
  });

  test("is of no use for a user who is gone", async () => {
    const accounts = [{ id: "user-ada", username: "ada@example.org", teams: [] }];
    const auth = await startAuth({ accounts });
    const client = new OAuthClient(auth.issuer);
    const tokens = await client.login();
    accounts.pop();
    expect(await isActive(auth, tokens.access_token)).toBe(false);
    expect((await client.refresh(tokens.refresh_token)).body.error).toBe("invalid_grant");
  });
});

describe("a login", () => {
  test("that is under way goes on after a restart, with the same keys, and so do tokens", async () => {
    const first = await startAuth();
    const client = new OAuthClient(first.issuer);
    const before = await client.login();
    const browser = new Browser(first.issuer);
    const page = (await browser.open(client.authorizeUrl())).headers.get("location")!;
    await first.stop();
    const { port } = new URL(first.issuer);
    const next = await startAuth({ dataDir: first.dataDir, env: { PORT: port, ISSUER: first.issuer } });
    // The first request may go into a connection of before.
    await until("it serves", () =>
      fetch(`${first.issuer}/health`)
        .then(({ ok }) => ok)
        .catch(() => false),
    );
    const back = await browser.visit(new URL(page, first.issuer).href);
    const code = new URL(back.headers.get("location")!).searchParams.get("code")!;
    expect((await client.exchange(code)).status).toBe(200);
    expect(await isActive(next, before.access_token)).toBe(true);
    expect((await client.refresh(before.refresh_token)).status).toBe(200);
  });

  test("may go through two processes on the same file, and a code is used once in both", async () => {
    const issuer = "http://127.0.0.1:65535";
    const one = await startAuth({ env: { ISSUER: issuer } });
    const other = await startAuth({ env: { ISSUER: issuer }, dataDir: one.dataDir });
    const [client, same] = [new OAuthClient(at(one)), new OAuthClient(at(other))];
    await client.register();
    same.id = client.id;
    const browser = new Browser(issuer);
    const page = (await browser.open(client.authorizeUrl({ resource: MEMORY }))).headers.get("location")!;
    const resume = (await browser.open(at(other) + page)).headers.get("location")!;
    const back = await browser.open(at(one) + new URL(resume).pathname);
    const code = new URL(back.headers.get("location")!).searchParams.get("code")!;
    const answers = await Promise.all([client.exchange(code), same.exchange(code, { code_verifier: client.verifier })]);
    expect(answers.map(({ status }) => status).toSorted((a, b) => a - b)).toEqual([200, 400]);
  });
});
