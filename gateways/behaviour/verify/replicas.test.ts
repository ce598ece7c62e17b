/** `auth: "verify"` with several gateways of one service: a session's server has its caller's token, wherever that is. */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, vi } from "vitest";
import { startApi, type FakeApi } from "../../fixtures/fake-api.ts";
import { until } from "../../fixtures/harness.ts";
import { at, test as withReplicas } from "../../fixtures/replicas.ts";

vi.setConfig({ testTimeout: 120_000 }); // each starts several processes, and the machine may be busy

const OWN = "own-token-0123456789";
const OTHER = "another-token-of-the-same-account";
const FRIEND = "token-of-a-friend-0123456789";

const test = withReplicas.extend<{ api: FakeApi }>({
  api: async ({ onTestFinished }, use) => {
    const api = await startApi(onTestFinished);
    api.accounts.set(OWN, "ops").set(OTHER, "ops").set(FRIEND, "friend");
    await use(api);
  },
});

const bearer = (token: string) => ({ authorization: `Bearer ${token}` });

/** As in a container: everything is in the environment. */
const environment = (api: FakeApi, state: string) => ({
  SERVER_COMMAND: `${process.execPath} ${join(import.meta.dirname, "../../fixtures/token-child.ts")}`,
  SERVER_ENV: `API_TOKEN=${OWN}`,
  AUTH: "verify",
  VERIFY: api.module,
  VERIFY_SECRET: "API_TOKEN",
  VERIFY_ALLOW: "friend",
  STATE_DIR: state,
  OWNER_HOST: "127.0.0.1",
  LOG_LEVEL: "debug",
});

const tokenOf = async (client: { text: (name: string) => Promise<string> }) =>
  (JSON.parse(await client.text("whoami")) as { token: string }).token;

test("a session whose gateway is gone goes on elsewhere, with the token of the request that comes there", async ({
  run,
  api,
  state,
}) => {
  const env = environment(api, state);
  const [first, second] = [await run({ env }), await run({ env })];
  const client = await first.client(bearer(OTHER)).open();
  expect(await tokenOf(client)).toBe(OTHER);
  expect(await tokenOf(at(second, client))).toBe(OTHER); // forwarded
  first.kill("SIGKILL");
  await first.exited;
  const elsewhere = at(second, client);
  Object.assign(elsewhere.headers, bearer(FRIEND));
  expect((await elsewhere.post({ jsonrpc: "2.0", id: 1, method: "ping" })).status).toBe(404);
  Object.assign(elsewhere.headers, bearer(OWN));
  expect(await tokenOf(elsewhere)).toBe(OWN);
  Object.assign(elsewhere.headers, bearer(OTHER));
  expect(await tokenOf(elsewhere)).toBe(OTHER);
});

test("a forwarded request brings its caller's newest token to the session's server, which keeps it out of the log", async ({
  run,
  api,
  state,
}) => {
  const env = environment(api, state);
  const [first, second] = [await run({ env }), await run({ env })];
  const elsewhere = at(second, await first.client(bearer(OWN)).open());
  expect(await tokenOf(elsewhere)).toBe(OWN);
  Object.assign(elsewhere.headers, bearer(OTHER));
  expect(await tokenOf(elsewhere)).toBe(OTHER);
  await until("its server has written", () => first.log.includes("started with"));
  const kept = readdirSync(state).map((name) => readFileSync(join(state, name), "latin1"));
  expect([first.log, first.other, second.log, second.other, ...kept].join("\n")).not.toContain(OTHER);
});

test("a session goes on after a restart, and no token is in the state, the log or an error", async ({
  run,
  api,
  state,
}) => {
  const env = environment(api, state);
  const first = await run({ env });
  const client = await first.client(bearer(FRIEND)).open();
  expect(await tokenOf(client)).toBe(FRIEND);
  await first.client(bearer("token-of-nobody-0123456789")).initialize();
  first.kill("SIGTERM");
  await first.exited;
  const second = await run({ env });
  expect(await tokenOf(at(second, client))).toBe(FRIEND);
  await until("its server has written", () => second.log.includes("started with"));
  const kept = readdirSync(state).map((name) => readFileSync(join(state, name), "latin1"));
  const written = [first.log, first.other, second.log, second.other, ...kept].join("\n");
  for (const token of [OWN, OTHER, FRIEND, "token-of-nobody-0123456789"])
    expect(written.includes(token), token).toBe(false);
  expect(written.includes("mycopa-")).toBe(true); // it is not just that nothing was written
});
