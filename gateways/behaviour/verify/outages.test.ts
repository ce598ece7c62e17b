/** `auth: "verify"` while the API is away, or refuses the service's own secret. */
import { join } from "node:path";
import { expect } from "vitest";
import { Client } from "../../fixtures/client.ts";
import { startApi, type FakeApi } from "../../fixtures/fake-api.ts";
import { test as withGateway, until, type Settings } from "../../fixtures/harness.ts";

const OWN = "own-token-0123456789";
const OTHER = "another-token-of-the-same-account";

const test = withGateway.extend<{ api: FakeApi }>({
  api: async ({ onTestFinished }, use) => {
    const api = await startApi(onTestFinished);
    api.accounts.set(OWN, "ops@example.org").set(OTHER, "ops@example.org");
    await use(api);
  },
});

const settings = (verify: string): Settings => ({
  servers: {
    fixture: {
      command: process.execPath,
      args: [join(import.meta.dirname, "../../fixtures/token-child.ts")],
      env: { API_TOKEN: OWN },
      verifySecret: "API_TOKEN",
      auth: "verify",
      verify,
    },
  },
  top: { exemptLoopback: true },
});

const clientAt = ({ port }: { port: number }, token: string) =>
  new Client(`http://127.0.0.1:${port}/fixture/mcp`, { authorization: `Bearer ${token}` });

const readiness = async (gateway: { probe: (path: string) => Promise<Response> }) => {
  const response = await gateway.probe("/fixture/ready");
  return { status: response.status, ...((await response.json()) as object) };
};

test.concurrent(
  "a service whose own secret is refused is not ready, says why, and is as soon as it is valid",
  async ({ start, api }) => {
    api.accounts.delete(OWN);
    const gateway = await start(settings(api.module));
    const error = expect.stringMatching(
      /^its API refuses API_TOKEN \(API error: 401 for \[token\]\): set one that is valid$/,
    );
    expect(gateway.service).toMatchObject({ ready: false, state: "failed", error });
    expect(await readiness(gateway)).toMatchObject({ status: 503, ready: false, error });
    expect(gateway.log.join("")).toContain("the API refuses the service's own secret");
    api.accounts.set(OWN, "ops@example.org");
    await until("it is ready", () => gateway.service.ready);
    expect(await readiness(gateway)).toMatchObject({ status: 200, ready: true });
    expect(gateway.log.join("")).not.toContain(OWN);
  },
);

test.concurrent(
  "while the API is away the service is ready, with a warning, and callers are told to come again",
  async ({ start, api }) => {
    api.answer = (_, res) => res.writeHead(503, { "retry-after": "9" }).end();
    const gateway = await start(settings(api.module));
    expect(await readiness(gateway)).toMatchObject({ status: 200, ready: true });
    expect(gateway.log.join("")).toContain("cannot say whether the service's own secret is valid");
    const response = await clientAt(gateway, OTHER).initialize();
    expect([response.status, response.headers.get("retry-after")]).toEqual([503, "9"]);
    expect(response.headers.get("www-authenticate")).toBeNull();
    api.answer = undefined;
    await until("callers are admitted", async () => (await clientAt(gateway, OWN).initialize()).status === 200);
  },
);

test.concurrent("an outage does not end the sessions of those who are known", async ({ start, api }) => {
  const gateway = await start(settings(api.module));
  const client = await clientAt(gateway, OTHER).open();
  api.answer = (_, res) => void res.destroy();
  expect(await client.text("whoami")).toContain(OTHER);
  expect((await clientAt(gateway, "token-of-a-stranger-1").initialize()).status).toBe(503);
  expect(await client.text("whoami")).toContain(OTHER);
});

test.concurrent("an outage is no failed login: nobody is locked out by it", async ({ start, api }) => {
  const { top: _, ...own } = settings(api.module);
  const gateway = await start({ ...own, top: { loginRate: 2 } });
  api.answer = (_req, res) => void res.destroy();
  const statuses = [];
  for (let count = 0; count < 6; count++)
    statuses.push((await clientAt(gateway, `token-of-a-stranger-${count}`).initialize()).status);
  expect(new Set(statuses)).toEqual(new Set([503]));
});

test.concurrent("wrong tokens are failed logins, and are limited by address", async ({ start, api }) => {
  const { top: _, ...own } = settings(api.module);
  const gateway = await start({ ...own, top: { loginRate: 2 } });
  const statuses = [];
  for (let count = 0; count < 4; count++)
    statuses.push((await clientAt(gateway, `token-of-a-stranger-${count}`).initialize()).status);
  expect(statuses).toEqual([401, 401, 429, 429]);
  expect((await clientAt(gateway, OTHER).initialize()).status).toBe(200);
});

test.concurrent("a module that is not there admits nobody, and the log says so", async ({ start }) => {
  const gateway = await start(settings("/nowhere/at-all.verify.mjs"));
  expect((await clientAt(gateway, OWN).initialize()).status).toBe(503);
  expect(gateway.log.join("")).toMatch(/at-all\.verify\.mjs cannot be loaded/);
});

test.concurrent("a module without the function admits nobody, and the log says so", async ({ start }) => {
  const gateway = await start(settings(join(import.meta.dirname, "../../fixtures/max-wait.ts")));
  expect((await clientAt(gateway, OWN).initialize()).status).toBe(503);
  expect(gateway.log.join("")).toContain("exports no function verifyToken");
});
