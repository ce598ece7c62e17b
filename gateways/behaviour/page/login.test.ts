/** Logging in on the page: what the cookie opens, and everything that it does not. */
import { describe, expect } from "vitest";
import { test } from "../../fixtures/harness.ts";
import { ELSEWHERE, PageVisit } from "../../fixtures/page-visitor.ts";
import { sendRaw } from "../../fixtures/raw.ts";

const TOKEN = "right-token-of-some-length";
const SETTINGS = { service: { isolation: "shared" }, tokens: [TOKEN], hub: true } as const;

const wanted = { service: "fixture", tool: "echo", arguments: {} };

describe("whoever logs in with a token", () => {
  test("gets a cookie that no script can read and no other site can send", async ({ start }) => {
    const { port } = await start(SETTINGS);
    const visit = new PageVisit(port, ELSEWHERE);
    const response = await visit.logIn(TOKEN);
    expect([response.status, response.headers.get("location")]).toEqual([303, "../"]);
    expect(response.headers.getSetCookie()).toEqual([
      expect.stringMatching(new RegExp(`^gangway-${port}=[\\w-]{43}; Path=/; HttpOnly; SameSite=Strict$`)),
    ]);
    expect(response.headers.getSetCookie().join()).not.toContain(TOKEN);
    const { visitor, services } = await visit.status();
    expect([visitor.isLoggedIn, services[0]!.mayCall, services[0]!.details?.processes]).toEqual([true, true, 1]);
  });

  test("over HTTPS gets one that only HTTPS carries and no neighbour can set", async ({ start }) => {
    const { port } = await start(SETTINGS);
    const https = { ...ELSEWHERE, "x-forwarded-proto": "https" };
    const [cookie] = (await new PageVisit(port, https).logIn(TOKEN)).headers.getSetCookie();
    expect(cookie).toMatch(/^__Host-gangway=[\w-]{43}; Path=\/; HttpOnly; SameSite=Strict; Secure$/);
    const [name, value] = cookie!.split(/[=;]/);
    const visit = new PageVisit(port, https);
    visit.cookie = `gangway-${port}=${value}`;
    expect((await visit.status()).visitor.isLoggedIn).toBe(false);
    visit.cookie = `other=1; ${name}=${value}`;
    expect((await visit.status()).visitor.isLoggedIn).toBe(true);
  });

  test.for([
    ["https", true],
    ["HTTPS", true],
    ["https, http", true],
    ["http, https", false],
    ["httpsx", false],
    ["", false],
  ] as const)("of several proxies the first one knows the scheme: %s", async ([scheme, isSecure], { start }) => {
    const { port } = await start(SETTINGS);
    const [cookie] = (
      await new PageVisit(port, { ...ELSEWHERE, "x-forwarded-proto": scheme }).logIn(TOKEN)
    ).headers.getSetCookie();
    expect(cookie?.endsWith("; Secure")).toBe(isSecure);
  });

  test("can call a tool", async ({ start }) => {
    const { port } = await start(SETTINGS);
    const visit = new PageVisit(port, ELSEWHERE);
    await visit.logIn(TOKEN);
    const { request, response, milliseconds } = await visit.call("fixture", "echo", { text: "hi" });
    expect(request).toMatchObject({ method: "tools/call", params: { name: "echo", arguments: { text: "hi" } } });
    expect(response).toMatchObject({ result: { content: [{ type: "text", text: "hi" }] } });
    expect(milliseconds).toBeGreaterThan(0);
  });

  test("can log out, which ends the login and its streams", async ({ start }) => {
    const { port } = await start(SETTINGS);
    const visit = new PageVisit(port, ELSEWHERE);
    await visit.logIn(TOKEN);
    const events = await visit.watch();
    const { csrf } = (await visit.status()).visitor;
    const response = await visit.form("/_/logout", { csrf });
    expect([response.status, response.headers.getSetCookie()[0]]).toEqual([303, expect.stringContaining("Max-Age=0")]);
    await events.ended;
    expect((await visit.status()).visitor.isLoggedIn).toBe(false);
  });
});

describe("the cookie opens the page alone:", () => {
  test.for(["/fixture/mcp", "/fixture/sse", "/fixture/messages", "/mcp"])("not %s", async (path, { start }) => {
    const { port } = await start(SETTINGS);
    const visit = new PageVisit(port, ELSEWHERE);
    await visit.logIn(TOKEN);
    for (const method of ["GET", "POST"]) {
      const headers = { accept: "application/json, text/event-stream", "content-type": "application/json" };
      const body = method === "POST" ? { body: '{"jsonrpc":"2.0","id":1,"method":"ping"}' } : {};
      expect((await visit.fetch(path, { method, headers, ...body })).status, method).toBe(401);
    }
  });
});

describe("a try of a tool is refused", () => {
  test.for([
    ["without a proof", () => ({})],
    ["with the proof of a visitor who has not logged in", (others: string) => ({ "x-csrf-token": others })],
    ["with an empty proof", () => ({ "x-csrf-token": "" })],
  ] as const)("%s", async ([, headers], { start }) => {
    const { port } = await start(SETTINGS);
    const visit = new PageVisit(port, ELSEWHERE);
    const others = (await visit.status()).visitor.csrf;
    await visit.logIn(TOKEN);
    const response = await visit.post(wanted, headers(others));
    expect([response.status, await response.text()]).toEqual([403, expect.stringContaining('"error":"csrf"')]);
  });

  test("with the proof of somebody else's login", async ({ start }) => {
    const { port } = await start(SETTINGS);
    const [ann, bob] = [new PageVisit(port, ELSEWHERE), new PageVisit(port, ELSEWHERE)];
    await ann.logIn(TOKEN);
    await bob.logIn(TOKEN);
    const { csrf } = (await ann.status()).visitor;
    expect((await bob.post(wanted, { "x-csrf-token": csrf })).status).toBe(403);
    expect((await ann.post(wanted, { "x-csrf-token": csrf })).status).toBe(200);
  });

  test.for([true, false])("where a token is needed and there is none, on this machine %s", async (here, { start }) => {
    const { port } = await start(SETTINGS);
    const visit = new PageVisit(port, here ? {} : ELSEWHERE);
    const { csrf } = (await visit.status()).visitor;
    expect((await visit.post(wanted, { "x-csrf-token": csrf })).status).toBe(401);
  });

  test("of a service that the login does not open", async ({ start }) => {
    const entry = { command: process.execPath, args: ["-e", ""] };
    const servers = { one: { ...entry, tokens: [TOKEN] }, two: { ...entry, tokens: ["another-token-of-some-length"] } };
    const { port } = await start({ servers });
    const visit = new PageVisit(port, ELSEWHERE);
    await visit.logIn(TOKEN);
    const { csrf } = (await visit.status()).visitor;
    expect((await visit.post({ ...wanted, service: "two" }, { "x-csrf-token": csrf })).status).toBe(401);
    expect((await visit.post({ ...wanted, service: "three" }, { "x-csrf-token": csrf })).status).toBe(404);
  });
});

describe("pages of other sites", () => {
  const PATHS = ["status", "events", "call", "login", "logout"];

  test.for(["https://evil.example", "null", "http://localhost", "http://127.0.0.1:1"])(
    "may use none of the page's paths: %s",
    async (origin, { start }) => {
      const { port } = await start(SETTINGS);
      const visit = new PageVisit(port);
      for (const path of PATHS) {
        const method = path === "status" || path === "events" ? "GET" : "POST";
        const headers = { origin, accept: "text/event-stream, application/json" };
        expect((await visit.fetch(`/_/${path}`, { method, headers })).status, path).toBe(403);
      }
    },
  );

  test.for(["cross-site", "same-site"])(
    "nor where the browser says only that it is one: %s",
    async (site, { start }) => {
      const { port } = await start(SETTINGS);
      for (const path of ["status", "events"]) {
        const headers = { "sec-fetch-site": site, accept: "text/event-stream" };
        expect((await new PageVisit(port).fetch(`/_/${path}`, { headers })).status).toBe(403);
      }
    },
  );

  test("nor under a name that was made to point here", async ({ start }) => {
    const { port } = await start(SETTINGS);
    for (const path of PATHS) {
      const { status, body } = await sendRaw(
        port,
        `GET /_/${path} HTTP/1.1\r\nHost: evil.example\r\nConnection: close\r\n\r\n`,
      );
      expect([status, body.includes("fixture")]).toEqual([403, false]);
    }
  });

  test("are told by no preflight that they may send the proof", async ({ start }) => {
    const { port } = await start(SETTINGS);
    const response = await new PageVisit(port).fetch("/_/call", {
      method: "OPTIONS",
      headers: {
        origin: "http://localhost:3000",
        "access-control-request-method": "POST",
        "access-control-request-headers": "x-csrf-token",
      },
    });
    expect(response.headers.get("access-control-allow-headers") ?? "").not.toMatch(/csrf/i);
  });
});

describe("a wrong token", () => {
  test("is told, and too many are not looked at, while the right one always passes", async ({ start }) => {
    const { port } = await start({ ...SETTINGS, loginRate: 3 });
    const visit = new PageVisit(port, ELSEWHERE);
    const json = { accept: "application/json" };
    const statuses: number[] = [];
    for (let tried = 0; tried < 5; tried++)
      statuses.push((await visit.logIn("wrong-token-of-some-length", json)).status);
    expect(statuses).toEqual([401, 401, 401, 429, 429]);
    expect((await visit.logIn(TOKEN)).status).toBe(303);
  });

  test.for(["", "wrong-token-of-some-length", "x".repeat(10_000), "Bearer undefined"])(
    "sends a browser back to the page, which says so: %s",
    async (token, { start }) => {
      const { port, log } = await start(SETTINGS);
      const response = await new PageVisit(port, ELSEWHERE).logIn(token);
      expect([response.status, response.headers.get("location")]).toEqual([303, "../?login=failed"]);
      expect(response.headers.getSetCookie()).toEqual([]);
      expect(log.join("")).toMatch(/AUTH refused/);
      expect(log.filter((line) => token !== "" && line.includes(token))).toEqual([]);
    },
  );
});

test("a cookie that was changed opens nothing", async ({ start }) => {
  const { port } = await start(SETTINGS);
  const visit = new PageVisit(port, ELSEWHERE);
  await visit.logIn(TOKEN);
  expect((await visit.service()).details).toBeDefined();
  visit.cookie = visit.cookie!.replace(/=./, (start) => (start === "=A" ? "=B" : "=A"));
  expect((await visit.service()).details).toBeUndefined();
});

test("methods that a path does not have are told which it has", async ({ start }) => {
  const { port } = await start(SETTINGS);
  for (const [path, allow] of Object.entries({
    status: "GET, HEAD",
    events: "GET, HEAD",
    call: "POST",
    login: "POST",
  })) {
    const response = await new PageVisit(port).fetch(`/_/${path}`, { method: allow === "POST" ? "GET" : "DELETE" });
    expect([response.status, response.headers.get("allow")], path).toEqual([405, allow]);
  }
  expect((await new PageVisit(port).fetch("/_/nothing")).status).toBe(404);
});
