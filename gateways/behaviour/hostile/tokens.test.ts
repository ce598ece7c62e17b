/** Somebody without a token tries what lies near: parts of a service's secrets, another service's token, what is easily guessed. */
import { createHash } from "node:crypto";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pino } from "pino";
import { expect, vi } from "vitest";
import { readConfigFile } from "../../config/file.ts";
import { Client } from "../../fixtures/client.ts";
import type { ProcessSettings } from "../../fixtures/process.ts";
import { at, test } from "../../fixtures/replicas.ts";
import { Gateway } from "../../gateway.ts";

vi.setConfig({ testTimeout: 120_000 }); // each starts several processes, and the machine may be busy

const GOOD = "7e1f9c3a5b8d20e46c1f7a9b";
const OTHER = "c04d8a6f13e7b952d1a0f6c8";
const bearer = (token: string) => ({ authorization: `Bearer ${token}` });
const sha256 = (token: string) => createHash("sha256").update(token).digest("hex");

const PEM = `-----BEGIN PRIVATE KEY-----\nMIIEvQIBADANBgkqhkiG9w0BAQEFAASC\nBKcwggSjAgEAAoIBAQC7VJTUt9Us8cKj\n-----END PRIVATE KEY-----\n`;
const JSON_KEY = JSON.stringify({ type: "service_account", private_key_id: "a1b2c3d4e5f60718" }, null, 1);
const DSN = "host=db.example.org user=app password=s3cr3t-of-the-database,sslmode=require";
const COMPACT = '{"type":"service_account","private_key_id":"a1b2c3d4e5f60718"}';
const secrets = { PEM, JSON_KEY, DSN, COMPACT, JIRA_USERNAME: "jira-user@example.org", JIRA_API_TOKEN: OTHER };

/** A secret as a whole, and every part of it that somebody may take for a token. */
const partsOf = (secret: string) => [
  ...new Set([secret.trim(), ...secret.split(/\s+/), ...secret.split(/[\s,]+/), ...secret.split(/[\s,:;="{}]+/)]),
];

/** The statuses with which a gateway answers a login with each of these tokens. */
const statuses = (client: (headers: Record<string, string>) => Client, tokens: readonly string[]) =>
  Promise.all(tokens.map(async (token) => (await client(bearer(token)).initialize()).status));

/** No header carries these, so nobody can try them. */
const isSendable = (token: string) => token !== "" && !/[\r\n]/.test(token);

const patient = { LOGIN_RATE: "100000", SESSION_RATE: "0", REQUEST_RATE: "0" };

test("a service's own secrets, whole or in parts, are tried as tokens: none opens it", async ({ run }) => {
  const { client } = await run({
    env: { ...patient, ...secrets, SERVER_ENV: Object.keys(secrets).join("\n"), MCP_BEARER_TOKEN: GOOD },
  });
  const tries = Object.values(secrets).flatMap(partsOf).filter(isSendable);
  expect(tries.length).toBeGreaterThan(30);
  expect(new Set(await statuses(client, tries))).toEqual(new Set([401]));
  expect(await statuses(client, [GOOD])).toEqual([200]);
});

test("parts of a secret that is a token, too, are tried: only the whole one opens it", async ({ run }) => {
  const own = "f1e2d3c4-b5a6;9788=7a6b5c4d3e2f1a0b:user@example.org";
  const env = { ...patient, SERVER_ENV: "KEY\nUSER_NAME", KEY: own, USER_NAME: OTHER, ACCEPT_SERVICE_TOKEN: "KEY" };
  const { client } = await run({ env });
  const parts = partsOf(own).filter((part) => part !== own);
  expect(await statuses(client, [own, OTHER, ...parts])).toEqual([200, 401, ...parts.map(() => 401)]);
});

/** What a gateway says that ends at once because what was set is wrong: exit code 2. */
async function refusal(
  run: (settings: ProcessSettings) => Promise<unknown>,
  env: Record<string, string>,
): Promise<string> {
  const said = await run({ env }).then(
    () => "it starts",
    (error: Error) => error.message,
  );
  expect(said).toContain("does not begin (exit code 2)");
  return said;
}

test.for([
  ["PEM", "has a line break"],
  ["JSON_KEY", "has a line break"],
  ["DSN", "has white space"],
  ["COMPACT", "has a comma"],
])(
  "a key that can be no bearer is switched on as one, %s: the gateway says so, and nothing of it",
  async ([name = "", problem], { run }) => {
    const env = { ...secrets, SERVER_ENV: name, ACCEPT_SERVICE_TOKEN: "true", MCP_BEARER_TOKEN: GOOD };
    const log = await refusal(run, env);
    expect(log).toContain(
      `ACCEPT_SERVICE_TOKEN (from the environment): the value of ${name} ${problem}, so it can be no bearer token`,
    );
    for (const part of partsOf(secrets[name as keyof typeof secrets]).filter((one) => one.length > 7))
      expect(log).not.toContain(part);
  },
);

test("one of two secrets is switched on without its name: the gateway asks which", async ({ run }) => {
  const env = { ...secrets, SERVER_ENV: "JIRA_USERNAME\nJIRA_API_TOKEN", ACCEPT_SERVICE_TOKEN: "true" };
  const log = await refusal(run, env);
  expect(log).toContain("the server has JIRA_USERNAME and JIRA_API_TOKEN, expected the name of one of its secrets");
});

test.for([
  [{ MCP_BEARER_TOKEN: PEM }, "MCP_BEARER_TOKEN (from the environment): the token in line 1 has white space"],
  [{ MCP_BEARER_TOKEN: `${GOOD},${OTHER}` }, "MCP_BEARER_TOKEN (from the environment): the token has a comma"],
  [{ MCP_BEARER_TOKEN: `${GOOD} ${OTHER}` }, "MCP_BEARER_TOKEN (from the environment): the token has white space"],
  [{ MCP_BEARER_TOKEN: " " }, "MCP_BEARER_TOKEN (from the environment): expected a bearer token"],
  [{ MCP_BEARER_TOKEN: "changeme" }, "a bearer token is a placeholder"],
  [{ MCP_BEARER_TOKEN: "x", HOST: "0.0.0.0" }, "a bearer token has fewer than 24 characters"],
  [{ MCP_BEARER_TOKEN: `${GOOD}\nx`, HOST: "::" }, "a bearer token has fewer than 24 characters"],
  [{ MCP_BEARER_TOKEN: "my-super-secret-bearer-token", HOST: "0.0.0.0" }, "a bearer token is easily guessed"],
  [{ MCP_BEARER_TOKEN: "14460eab-8367-40a5-b430-33c40671f6f4", HOST: "0.0.0.0" }, "is printed in a public guide"],
  [{ KEY: "short", SERVER_ENV: "KEY", ACCEPT_SERVICE_TOKEN: "KEY", HOST: "0.0.0.0" }, "has fewer than 24 characters"],
  [{ MCP_TOKEN_DIGESTS: GOOD }, "MCP_TOKEN_DIGESTS (from the environment): expected one SHA-256 digest a line"],
  [
    { ALLOWED_ORIGINS: "*" },
    "ALLOWED_ORIGINS (from the environment): got * without a bearer token, so that every web page",
  ],
] as const)(
  "the operator sets %j: the gateway does not start, says why, and shows no token",
  async ([env, problem], { run }) => {
    const log = await refusal(run, env);
    expect(log).toContain(problem);
    expect(log).not.toMatch(new RegExp(`${GOOD}|${OTHER}|MIIEv|my-super|14460eab`));
  },
);

test("a service's token is tried at another service of the same gateway: it opens its own alone", async ({
  onTestFinished,
}) => {
  const folder = mkdtempSync(join(tmpdir(), "tokens-"));
  const file = join(folder, "gateway.json");
  const entry = (token: string) => ({ needs: "nothing", tokenDigests: [sha256(token)] });
  writeFileSync(
    file,
    JSON.stringify({ port: 0, tokenDigests: [sha256("master")], mcpServers: { a: entry(GOOD), b: entry(OTHER) } }),
  );
  const gateway = new Gateway(readConfigFile(file, new Map(), { env: {}, plain: false }), pino({ level: "silent" }));
  onTestFinished(async () => {
    await gateway.stop();
    rmSync(folder, { recursive: true });
  });
  await gateway.start({ portFirst: true });
  const answers = (name: string) =>
    statuses(
      (headers) => new Client(`http://127.0.0.1:${gateway.port}/${name}/mcp`, headers),
      ["master", GOOD, OTHER, sha256(GOOD)],
    );
  // 503: it may come in, and the service has no server.
  expect([await answers("a"), await answers("b")]).toEqual([
    [503, 503, 401, 401],
    [503, 401, 503, 401],
  ]);
});

test("a digest is tried as a token: it is none", async ({ run }) => {
  const { client, log } = await run({
    env: { MCP_TOKEN_DIGESTS: sha256(GOOD), HOST: "0.0.0.0", ALLOWED_ORIGINS: "*" },
  });
  expect(await statuses(client, [GOOD, sha256(GOOD)])).toEqual([200, 401]);
  expect(log).not.toContain(GOOD);
});

test("during a rotation sessions of the old token go on, also at the gateway that replaces theirs; afterwards it opens nothing", async ({
  replica,
}) => {
  const before = await replica({ flags: ["--token", GOOD] });
  const client = await before.client(bearer(GOOD)).open();
  expect(await client.text("count")).toBe("1");
  const digests = [OTHER, GOOD].flatMap((token) => ["--token-digests", sha256(token)]);
  const during = await replica({ flags: digests });
  expect(await at(during, client).text("count")).toBe("2");
  before.kill("SIGTERM");
  await before.exited;
  // The server's process has ended with its gateway, and the session goes on with a new one.
  expect(await at(during, client).text("echo", { text: "on" })).toBe("on");
  expect(await statuses(during.client, [OTHER])).toEqual([200]);
  const thief = at(during, client);
  const stranger = new Client(thief.url, bearer(OTHER));
  stranger.session = client.session;
  expect((await stranger.notify("x")).status).toBe(404);
  const after = await replica({ flags: ["--token", OTHER] });
  expect((await at(after, client).notify("x")).status).toBe(401);
  expect(await statuses(after.client, [GOOD, OTHER])).toEqual([401, 200]);
});

test.skipIf(process.platform !== "linux")(
  "another user of the machine looks for tokens in the list of processes: there are none, and the operator is told",
  async ({ run }) => {
    const flags = ["--token", GOOD, `--session-secret=${OTHER}${OTHER}`, "--env", `API_KEY=${OTHER}`];
    const { pid, log } = await run({ flags });
    expect(readFileSync(`/proc/${pid}/cmdline`, "latin1")).not.toMatch(new RegExp(`${GOOD}|${OTHER}`));
    for (const flag of ["--token", "--session-secret", "--env API_KEY=..."])
      expect(log).toContain(`${flag} shows a secret in the list of processes`);
    expect(log).not.toMatch(new RegExp(`${GOOD}|${OTHER}`));
  },
);

test("a token in a file is read from there, and nothing is said about it", async ({ run, state }) => {
  const file = join(state, "token");
  writeFileSync(file, `${GOOD}\n`);
  const { client, log } = await run({ flags: ["--token-file", file] });
  expect(await statuses(client, [GOOD, OTHER])).toEqual([200, 401]);
  expect(log).not.toContain('"level":"warn"');
});
