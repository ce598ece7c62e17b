/** `auth: "verify"`: whom a service admits, and which server each caller's token reaches. */
import { join } from "node:path";
import { describe, expect } from "vitest";
import { Client } from "../../fixtures/client.ts";
import { startApi, type FakeApi } from "../../fixtures/fake-api.ts";
import { test as withGateway, until, type Running, type Settings } from "../../fixtures/harness.ts";
import { ModernClient } from "../../fixtures/modern-client.ts";

const OWN = "own-token-0123456789";
const OTHER = "another-token-of-the-same-account";
const FRIEND = "token-of-a-friend-0123456789";
const STRANGER = "token-of-a-stranger-0123456789";

const test = withGateway.extend<{ api: FakeApi }>({
  api: async ({ onTestFinished }, use) => {
    const api = await startApi(onTestFinished);
    for (const [token, account] of [
      [OWN, "ops@example.org"],
      [OTHER, "ops@example.org"],
      [FRIEND, "friend@example.org"],
      [STRANGER, "stranger@example.org"],
    ] as const)
      api.accounts.set(token, account);
    await use(api);
  },
});

const server = (...flags: string[]) => ({
  command: process.execPath,
  args: [join(import.meta.dirname, "../../fixtures/token-child.ts"), ...flags],
});

/** A hub with one service, whose API is the fake. */
const settings = (api: FakeApi, more: object = {}, flags: string[] = [], top: object = {}): Settings => ({
  servers: {
    fixture: {
      ...server(...flags),
      env: { API_TOKEN: OWN },
      verifySecret: "API_TOKEN",
      auth: "verify",
      verify: api.module,
      ...more,
    },
  },
  top: { exemptLoopback: true, ...top },
});

const bearer = (token: string) => ({ authorization: `Bearer ${token}` });

const clientAt = ({ port }: Running, token: string) =>
  new Client(`http://127.0.0.1:${port}/fixture/mcp`, bearer(token));

const whoami = async (client: Pick<Client, "text">) =>
  JSON.parse(await client.text("whoami")) as { token: string; pid: number };

/** The status of `initialize` with a token, and what is said. */
async function tried(gateway: Running, token: string) {
  const response = await clientAt(gateway, token).initialize();
  const body = (await response.json()) as { error?: { message: string; data: { error: string } } };
  return { status: response.status, error: body.error?.data.error, retryAfter: response.headers.get("retry-after") };
}

describe("admitted is", () => {
  test.concurrent("the account of the service's own secret, with any of its tokens", async ({ start, api }) => {
    const gateway = await start(settings(api));
    expect([await tried(gateway, OWN), await tried(gateway, OTHER)]).toMatchObject([{ status: 200 }, { status: 200 }]);
  });

  test.concurrent("no other account of the same API, however valid its token", async ({ start, api }) => {
    const gateway = await start(settings(api));
    expect(await tried(gateway, STRANGER)).toMatchObject({ status: 401, error: "unauthorized" });
    expect(gateway.log.join("")).toMatch(
      /AUTH refused.*another account, which is not admitted|another account.*AUTH refused/,
    );
  });

  test.concurrent("an account of the allow list, beside that of the secret", async ({ start, api }) => {
    const gateway = await start(settings(api, { verifyAllow: ["friend@example.org"] }));
    const statuses = await Promise.all([OWN, FRIEND, STRANGER].map((token) => tried(gateway, token)));
    expect(statuses.map(({ status }) => status)).toEqual([200, 200, 401]);
  });

  test.concurrent("the allow list alone where the service has no secret", async ({ start, api }) => {
    const gateway = await start(settings(api, { env: {}, verifyAllow: ["friend@example.org"] }));
    const statuses = await Promise.all([OWN, FRIEND].map((token) => tried(gateway, token)));
    expect(statuses.map(({ status }) => status)).toEqual([401, 200]);
    expect((await whoami(await clientAt(gateway, FRIEND).open())).token).toBe(FRIEND);
  });

  test.concurrent(
    "whoever has a token of the gateway's own, where bearer stands beside verify",
    async ({ start, api }) => {
      const tokens = ["the-gateway-s-own-token-1f9c3a5b8d"];
      const both = await start(settings(api, { auth: ["verify", "bearer"], tokens }));
      expect((await whoami(await clientAt(both, tokens[0]!).open())).token).toBe(OWN);
      expect(await tried(both, OTHER)).toMatchObject({ status: 200 });
      const alone = await start(settings(api, { tokens }));
      expect(await tried(alone, tokens[0]!)).toMatchObject({ status: 401 });
      expect(api.asked).not.toContain(tokens[0]);
    },
  );
});

describe.each([
  ["a legacy server", []],
  ["a modern server", ["--modern"]],
])("with %s", (_, flags) => {
  test.concurrent("each caller's server has the caller's own token, and no other has it", async ({ start, api }) => {
    const gateway = await start(settings(api, { verifyAllow: ["friend@example.org"] }, flags));
    const [own, other, friend] = await Promise.all(
      [OWN, OTHER, FRIEND].map(async (token) => whoami(await clientAt(gateway, token).open())),
    );
    expect([own!.token, other!.token, friend!.token]).toEqual([OWN, OTHER, FRIEND]);
    expect(new Set([own!.pid, other!.pid, friend!.pid]).size).toBe(3);
  });

  test.concurrent(
    "a session goes on with another token of its account, and its server gets that one",
    async ({ start, api }) => {
      const gateway = await start(settings(api, {}, flags));
      const client = await clientAt(gateway, OTHER).open();
      expect((await whoami(client)).token).toBe(OTHER);
      Object.assign(client.headers, bearer(OWN));
      expect((await whoami(client)).token).toBe(OWN);
      Object.assign(client.headers, bearer(OTHER));
      expect((await whoami(client)).token).toBe(OTHER);
    },
  );

  test.concurrent("a modern client's server has that client's own token", async ({ start, api }) => {
    const gateway = await start(settings(api, { verifyAllow: ["friend@example.org"] }, flags));
    const at = { port: gateway.port };
    const all = await Promise.all(
      [OWN, FRIEND].map(async (token) => {
        const client = new ModernClient(at, bearer(token));
        Object.assign(client, { url: `http://127.0.0.1:${gateway.port}/fixture/mcp` });
        return whoami(client);
      }),
    );
    expect(all.map(({ token }) => token)).toEqual([OWN, FRIEND]);
  });
});

test.concurrent("a session of one account is not there for another one", async ({ start, api }) => {
  const gateway = await start(settings(api, { verifyAllow: ["friend@example.org"] }));
  const client = await clientAt(gateway, OWN).open();
  Object.assign(client.headers, bearer(FRIEND));
  expect((await client.post({ jsonrpc: "2.0", id: 1, method: "ping" })).status).toBe(404);
});

test.concurrent("a server that slept wakes with its caller's token", async ({ start, api }) => {
  const gateway = await start(settings(api, { maxChildren: 1 }));
  const [one, other] = [await clientAt(gateway, OTHER).open(), await clientAt(gateway, OWN).open()];
  const tokens = [];
  for (const client of [one, other, one, other]) tokens.push((await whoami(client)).token);
  expect(tokens).toEqual([OTHER, OWN, OTHER, OWN]);
});

test.concurrent("no token is in the log or on the page, whatever a server says", async ({ start, api }) => {
  const gateway = await start(settings(api, { verifyAllow: ["friend@example.org"] }));
  for (const token of [OWN, OTHER, FRIEND]) await whoami(await clientAt(gateway, token).open());
  await tried(gateway, STRANGER);
  await tried(gateway, "no-token-of-anybody-0123456789");
  await until("its servers have written", () => gateway.log.join("").match(/started with/g)!.length >= 3);
  const page = await (await gateway.probe("/health")).text();
  for (const token of [OWN, OTHER, FRIEND, STRANGER, "no-token-of-anybody-0123456789"])
    expect(gateway.log.join("") + page).not.toContain(token);
});

test.concurrent("with an upstream, each caller's requests carry the caller's own token", async ({ start, api }) => {
  const behind = await start({ service: { tokens: [OWN, OTHER], auth: ["bearer"] } });
  const url = `http://127.0.0.1:${behind.port}/mcp`;
  const gateway = await start({
    servers: { fixture: { url, headers: { authorization: `Bearer ${OWN}` }, auth: "verify", verify: api.module } },
  });
  for (const token of [OWN, OTHER]) expect(await (await clientAt(gateway, token).open()).text("count")).toBe("1");
  const principals = behind.log.join("").match(/"principal":"token-\w+"/g) ?? [];
  expect(new Set(principals).size).toBe(2);
});

/** A service whose own secret is this one, and whose API is that. */
const entry = (env: string, { module }: FakeApi) => ({
  ...server(),
  env: { API_TOKEN: env },
  verifySecret: "API_TOKEN",
  auth: "verify",
  verify: module,
});

test.concurrent("a token of one service is shown to no other service's API", async ({ start, api, onTestFinished }) => {
  const other = await startApi(onTestFinished, "other");
  other.accounts.set("own-token-of-the-other", "ops");
  const gateway = await start({
    servers: { fixture: entry(OWN, api), other: entry("own-token-of-the-other", other) },
    top: { exemptLoopback: true },
  });
  await whoami(await clientAt(gateway, OTHER).open());
  // The page, the hub and its status try a token at every service.
  for (const path of ["/", "/health", "/status", "/mcp"]) {
    await fetch(`http://127.0.0.1:${gateway.port}${path}`, { headers: { ...bearer(FRIEND), accept: "text/html" } });
  }
  await fetch(`http://127.0.0.1:${gateway.port}/login`, {
    method: "POST",
    body: new URLSearchParams({ token: FRIEND }),
  });
  expect(other.asked).toEqual(["own-token-of-the-other"]);
  expect(new Set(api.asked)).toEqual(new Set([OWN, OTHER]));
  // Nor does either API see the other service's own secret, whoever sends it.
  const there = new Client(`http://127.0.0.1:${gateway.port}/other/mcp`, bearer(OWN));
  expect((await there.initialize()).status).toBe(401);
  expect(other.asked).toEqual(["own-token-of-the-other"]);
});

test.concurrent(
  "the hub's own endpoint shows a caller nothing of a service that does not know the caller",
  async ({ start, api }) => {
    const gateway = await start(settings(api));
    const client = await new Client(`http://127.0.0.1:${gateway.port}/mcp`, bearer(FRIEND)).open();
    expect((await client.request("tools/list")).result).toMatchObject({ tools: [] });
    expect((await client.tool("fixture_whoami")).error).toBeDefined();
  },
);
