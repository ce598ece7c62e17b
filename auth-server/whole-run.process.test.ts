/** A whole run, as programs: whatever a login and its calls are made of is in nothing that they write, show or pass on. */
import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { expect } from "vitest";
import { freePort } from "../gateways/fixtures/free-port.ts";
import { until } from "../gateways/fixtures/harness.ts";
import { test } from "../gateways/fixtures/process.ts";
import { Browser, introspectWith, OAuthClient } from "./fixtures/client.ts";
import { follow, formOf, submit } from "./fixtures/form.ts";
import { resourceOf, secretOf } from "./fixtures/server.ts";
import { stepAt, totpCode } from "./users/totp.ts";

const MAIN = join(import.meta.dirname, "main.ts");
const MEMORY = "https://memory.example.org/mcp";
const ADA = "ada@example.org";

/** What is planted where somebody gives it to us. */
const GIVEN = {
  password: "planted-password-of-ada-1",
  wrongPassword: "planted-wrong-password-2",
  passwordAsName: "planted-password-as-name-3",
  staticToken: "planted-static-token-0123456789-4",
  wrongToken: "planted-wrong-token-0123456789-5",
  tokenInQuery: "planted-token-in-the-query-6",
  wrongCode: "planted-code-that-nobody-got-7",
  wrongRefresh: "planted-refresh-that-nobody-got-8",
  wrongVerifier: "planted-verifier-that-is-not-right-0123456789-9",
  wrongSecret: "planted-introspection-secret-10",
  clientSecret: "planted-secret-of-a-client-11",
  cookieSecret: "planted-secret-for-cookies-0123456789-12",
  upstreamSecret: "planted-secret-at-the-upstream-13",
  introspection: secretOf("memory"),
};

/** Starts the server in a folder of its own. @returns what it writes */
async function startServer(atEnd: (end: () => Promise<void>) => void) {
  const folder = mkdtempSync(join(tmpdir(), "whole-"));
  const [given, dataDir, port] = [join(folder, "given"), join(folder, "data"), await freePort()];
  mkdirSync(given);
  const file = (name: string, content: string) => {
    writeFileSync(join(given, name), content);
    return join(given, name);
  };
  const issuer = `http://127.0.0.1:${port}`;
  const env = {
    ISSUER: issuer,
    PORT: String(port),
    DATA_DIR: dataDir,
    LOG_LEVEL: "debug",
    RESOURCES_FILE: file("resources.json", JSON.stringify([resourceOf("memory")])),
    COOKIE_SECRET_FILE: file("cookie", GIVEN.cookieSecret),
    UPSTREAM_ISSUER: "http://127.0.0.1:9",
    UPSTREAM_CLIENT_ID: "gangway",
    UPSTREAM_CLIENT_SECRET_FILE: file("upstream", GIVEN.upstreamSecret),
    UPSTREAM_ALLOW: "@example.org",
  };
  const child = spawn(process.execPath, [MAIN], { env, stdio: ["ignore", "pipe", "pipe"] });
  const written: string[] = [];
  for (const stream of [child.stdout, child.stderr]) stream.on("data", (bytes) => void written.push(String(bytes)));
  atEnd(async () => {
    child.kill("SIGKILL");
    await once(child, "exit");
  });
  await until("it serves", () => written.join("").includes('"serving"'));
  return { issuer, env, dataDir, written, pid: child.pid! };
}

type Server = Awaited<ReturnType<typeof startServer>>;

/** Adds a user, who has an authenticator app. @returns what only the user is told */
async function addUser({ env }: Server) {
  const command = spawn(process.execPath, [MAIN, "users", "add", ADA, "--totp", "--json"], { env });
  command.stdin.end(`${GIVEN.password}\n`);
  const added = JSON.parse(await text(command.stdout)) as { totp: string; recoveryCodes: string[] };
  return { app: new URL(added.totp).searchParams.get("secret")!, recoveryCodes: added.recoveryCodes };
}

/** Logs in with every mistake first. @returns the code, and the secrets on the way */
async function logIn({ issuer }: Server, client: OAuthClient, app: string) {
  const browser = new Browser(issuer);
  const page = await (await browser.visit(client.authorizeUrl({ resource: MEMORY, nonce: "x" }))).text();
  const send = async (html: string, fields: Record<string, string>) =>
    (await follow(browser, issuer, await submit(browser, issuer, html, fields))).text();
  await browser.open(`${issuer}/login/${formOf(page).action.split("/").at(-1)}/elsewhere`);
  await send(page, { step: "password", name: GIVEN.passwordAsName, password: GIVEN.wrongPassword });
  const owing = await send(page, { step: "password", name: ADA, password: GIVEN.password });
  const digits = totpCode(app, stepAt(Date.now()));
  const consent = await send(owing, { step: "totp", code: digits });
  const cookies = Object.fromEntries(browser.cookies);
  const back = await follow(browser, issuer, await submit(browser, issuer, consent, { step: "allow" }));
  const code = new URL(back.headers.get("location")!).searchParams.get("code")!;
  return { code, csrf: formOf(page).csrf, interaction: formOf(page).action.split("/").at(-1)!, ...cookies };
}

/** Exchanges, refreshes, introspects and revokes, with every mistake first. @returns the tokens */
async function useLogin({ issuer }: Server, client: OAuthClient, code: string) {
  await client.exchange(GIVEN.wrongCode, { client_secret: GIVEN.clientSecret });
  await client.exchange(code, { code_verifier: GIVEN.wrongVerifier });
  await fetch(`${issuer}/oauth/token?refresh_token=${GIVEN.tokenInQuery}`, { method: "POST" });
  const { body: first } = await client.exchange(code);
  const { body: second } = await client.refresh(first.refresh_token);
  await client.refresh(GIVEN.wrongRefresh);
  await client.refresh(first.refresh_token, { resource: "https://evil.example.org/" });
  await introspectWith(issuer, GIVEN.wrongSecret, first.access_token);
  await introspectWith(issuer, GIVEN.introspection, GIVEN.wrongToken);
  await client.revoke(GIVEN.wrongToken);
  return {
    access: first.access_token,
    refresh: first.refresh_token,
    nextAccess: second.access_token,
    nextRefresh: second.refresh_token,
  };
}

test("no token, code, password, cookie or secret of a whole run is in a log, a file, a command line or a server's environment", async ({
  run,
  onTestFinished,
}) => {
  const server = await startServer(onTestFinished);
  const { app, recoveryCodes } = await addUser(server);
  const client = new OAuthClient(server.issuer);
  await client.register({ client_secret: GIVEN.clientSecret });
  const { code, ...ofLogin } = await logIn(server, client, app);
  const keyPort = await freePort();
  const gateway = await run({
    env: {
      SERVICE_NAME: "memory",
      AUTH: "oauth,bearer",
      AUTH_ISSUER: server.issuer,
      AUTH_SECRET: GIVEN.introspection,
      MCP_BEARER_TOKEN: GIVEN.staticToken,
      KEY_PORT: String(keyPort),
      PUBLIC_URL: MEMORY,
      LOG_LEVEL: "debug",
    },
  });
  const tokens = await useLogin(server, client, code);
  const bearing = (token: string) => gateway.client({ authorization: `Bearer ${token}` });
  const session = await bearing(tokens.nextAccess).open();
  expect(await session.text("echo", { text: "in" })).toContain("in");
  for (const wrong of [GIVEN.wrongToken, GIVEN.staticToken, tokens.refresh, code]) await bearing(wrong).initialize();
  await gateway.client({ authorization: `Basic ${GIVEN.wrongToken}` }).initialize();
  for (const token of [GIVEN.staticToken, GIVEN.wrongToken, tokens.nextAccess])
    await fetch(`http://127.0.0.1:${keyPort}/mcp?token=${GIVEN.tokenInQuery}`, {
      method: "POST",
      headers: { authorization: `Bearer ${token}` },
    });
  const servers = childrenOf(gateway.pid);
  await client.exchange(code); // replayed: ends all that came of it
  await until("the gateway has heard", async () => (await session.notify("x")).status === 401);

  const planted: Record<string, string> = { ...GIVEN, ...ofLogin, ...tokens, code, verifier: client.verifier };
  recoveryCodes.forEach((one, at) => (planted[`recovery code ${at}`] = one));
  const places: Record<string, string> = {
    "the log of the server": server.written.join(""),
    "the log of the gateway": gateway.log + gateway.other,
    ...Object.fromEntries(filesIn(tmpdir()).map((path) => [path, readFileSync(path, "latin1")])),
    ...Object.fromEntries(
      [server.pid, gateway.pid, ...servers].map((pid) => [`command ${pid}`, shown(pid, "cmdline")]),
    ),
    ...Object.fromEntries(servers.map((pid) => [`environment ${pid}`, shown(pid, "environ")])),
  };
  const found = Object.entries(places).flatMap(([place, content]) =>
    Object.entries(planted).flatMap(([name, value]) => (isIn(content, value) ? [`${name}: ${place}`] : [])),
  );
  expect(found).toEqual([]);
  expect(Object.entries(planted).filter(([, value]) => value.length < 14)).toEqual([]);
  // What was looked through is what there is.
  expect(places["the log of the server"]).toMatch(/AUTH token-refreshed[^]*AUTH refused/);
  expect(places["the log of the gateway"]).toContain("session-opened");
  expect(Object.keys(places).filter((place) => /auth\.sqlite(-wal)?$/.test(place))).toHaveLength(2);
  expect(
    servers.map((pid) => shown(pid, "environ")).filter((environment) => environment.includes("PATH=")),
  ).not.toEqual([]);
});

/** As it is, and as it is written in a URL or in Base64. */
const isIn = (content: string, value: string): boolean =>
  [value, encodeURIComponent(value), Buffer.from(value).toString("base64").replace(/=+$/, "")].some((one) =>
    content.includes(one),
  );

/** Every file that anybody has written, but those in which a secret was given. */
const filesIn = (folder: string): string[] =>
  readdirSync(folder, { recursive: true, encoding: "utf8" })
    .map((name) => join(folder, name))
    .filter((path) => statSync(path).isFile() && !path.includes("/given/"));

const childrenOf = (pid: number): number[] =>
  execFileSync("ps", ["-A", "-o", "pid=,ppid="], { encoding: "utf8" })
    .split("\n")
    .map((line) => line.trim().split(/\s+/).map(Number))
    .flatMap(([child, parent]) => (parent === pid ? [child!] : []));

/** What every user of the machine, or the server itself, can read of a process; nothing where there is no /proc. */
function shown(pid: number, what: "cmdline" | "environ"): string {
  return process.platform === "linux" ? readFileSync(`/proc/${pid}/${what}`, "utf8") : "PATH=";
}
