/** What OAuth clients are told on their way to a login. */
import { describe, expect } from "vitest";
import { bearing, challengeIn, KEY, RESOURCE, test } from "../../fixtures/logins.ts";
import { FakeAuthServer, SECRET } from "../../fixtures/fake-auth-server.ts";
import type { Settings } from "../../fixtures/harness.ts";
import { sendRaw } from "../../fixtures/raw.ts";

/** The whole answer, as text. */
const send = async (port: number, bytes: string) => {
  const { head, body } = await sendRaw(port, bytes);
  return `${head}\r\n\r\n${body}`;
};

const get = (port: number, path: string, host: string, ...more: string[]) =>
  send(port, [`GET ${path} HTTP/1.1`, `Host: ${host}`, "Connection: close", ...more, "", ""].join("\r\n"));

const PRM = "/.well-known/oauth-protected-resource";
const AS = "/.well-known/oauth-authorization-server";

describe("a service with a public URL", () => {
  test.for([
    ["GET", "/mcp", "/mcp"],
    ["HEAD", "/mcp", "/mcp"],
    ["POST", "/mcp", "/mcp"],
    ["DELETE", "/mcp", "/mcp"],
    ["GET", "/sse", "/sse"],
    ["POST", "/messages", "/sse"],
    ["GET", "/ws", "/mcp"],
  ] as const)(
    "%s %s without a token is told where its metadata are",
    async ([method, path, of], { startWithLogins }) => {
      const { port } = await startWithLogins();
      const response = await fetch(`http://127.0.0.1:${port}${path}`, { method });
      expect(response.status).toBe(401);
      expect(response.headers.get("www-authenticate")).toBe(
        `Bearer resource_metadata="https://fixture.example.org${PRM}${of}", scope="fixture"`,
      );
    },
  );

  test("a modern request and one for a WebSocket are told the same", async ({ startWithLogins }) => {
    const { client, port } = await startWithLogins();
    const modern = await client({ "mcp-protocol-version": "2026-07-28" }).post({ jsonrpc: "2.0", id: 1, method: "x" });
    expect([modern.status, challengeIn(modern)["scope"]]).toEqual([401, "fixture"]);
    const head = "GET /ws HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\nUpgrade: websocket";
    const answer = await send(
      port,
      `${head}\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n`,
    );
    expect(answer).toMatch(/^HTTP\/1.1 401[^]*www-authenticate: Bearer resource_metadata=/i);
  });

  test.for([
    [PRM, RESOURCE],
    [`${PRM}/mcp`, RESOURCE],
    [`${PRM}/sse`, "https://fixture.example.org/sse"],
    [`/mcp${PRM}`, RESOURCE],
  ] as const)("%s names the resource %s, for every page to read", async ([path, resource], { startWithLogins }) => {
    const { port, server } = await startWithLogins();
    const response = await fetch(`http://127.0.0.1:${port}${path}`, { headers: { origin: "https://any.example" } });
    expect([response.status, response.headers.get("access-control-allow-origin")]).toEqual([200, "*"]);
    expect(await response.json()).toEqual({
      resource,
      authorization_servers: [server.issuer],
      scopes_supported: ["fixture"],
      bearer_methods_supported: ["header"],
      resource_name: "fixture",
    });
  });

  test("a browser that asks first may ask for them with the header of the protocol's version", async ({
    startWithLogins,
  }) => {
    const { port } = await startWithLogins();
    const headers = { origin: "https://any.example", "access-control-request-headers": "mcp-protocol-version" };
    const response = await fetch(`http://127.0.0.1:${port}${PRM}/mcp`, { method: "OPTIONS", headers });
    expect([response.status, response.headers.get("access-control-allow-headers")]).toEqual([
      204,
      expect.stringContaining("MCP-Protocol-Version"),
    ]);
  });

  test("no host that the gateway was not told of gets into them", async ({ startWithLogins }) => {
    const { port } = await startWithLogins();
    for (const path of ["/mcp", PRM, AS]) {
      const answer = await send(port, `GET ${path} HTTP/1.1\r\nHost: evil.example\r\nConnection: close\r\n\r\n`);
      expect(answer).toMatch(/^HTTP\/1.1 403/);
      expect(answer.toLowerCase()).not.toContain("www-authenticate");
    }
    const here = await send(port, `GET /mcp HTTP/1.1\r\nHost: localhost:1\r\nConnection: close\r\n\r\n`);
    expect(here).toContain(`resource_metadata="https://fixture.example.org${PRM}/mcp"`);
  });

  test.for(["", "/mcp", "/sse"])(
    "the authorization server's document is there at %j, byte for byte",
    async (end, { startWithLogins }) => {
      const { port, server } = await startWithLogins();
      const response = await fetch(`http://127.0.0.1:${port}${AS}${end}`);
      expect([response.status, await response.text()]).toEqual([200, JSON.stringify(server.metadata)]);
    },
  );

  test("it is 503 while the authorization server is away", async ({ startWithLogins }) => {
    const { port, server } = await startWithLogins();
    await server.close();
    const response = await fetch(`http://127.0.0.1:${port}${AS}`);
    expect([response.status, response.headers.get("retry-after")]).toEqual([503, "5"]);
  });

  test.for([
    ["GET", "/authorize?a=b&c=d", 302, "/oauth/authorize?a=b&c=d"],
    ["GET", "/oauth/authorize?a=b", 302, "/oauth/authorize?a=b"],
    ["POST", "/token", 307, "/oauth/token"],
    ["POST", "/oauth/token", 307, "/oauth/token"],
    ["POST", "/register", 307, "/oauth/register"],
    ["GET", "/authorize?redirect_uri=https://evil.example", 302, "/oauth/authorize?redirect_uri=https://evil.example"],
  ] as const)(
    "%s %s is sent on to the authorization server",
    async ([method, path, status, to], { startWithLogins }) => {
      const { port, server } = await startWithLogins();
      const response = await fetch(`http://127.0.0.1:${port}${path}`, { method, redirect: "manual" });
      expect([response.status, response.headers.get("location")]).toEqual([status, server.issuer + to]);
    },
  );

  test("an OpenID document is nowhere: half of one breaks clients", async ({ startWithLogins }) => {
    const { probe } = await startWithLogins();
    expect((await probe("/.well-known/openid-configuration")).status).toBe(404);
  });
});

describe("on this machine", () => {
  test("the resource is the URL that the client used, whatever name and port that has", async ({ startWithLogins }) => {
    const { port, server } = await startWithLogins({ service: { publicUrl: "http://127.0.0.1:8082/mcp" } });
    for (const host of [`127.0.0.1:${port}`, `localhost:${port}`, `[::1]:${port}`, "localhost"]) {
      const answer = await send(port, `GET /mcp HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\n\r\n`);
      expect(answer).toContain(`resource_metadata="http://${host}${PRM}/mcp"`);
      const document = await send(port, `GET ${PRM}/mcp HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\n\r\n`);
      expect(document).toContain(`"resource":"http://${host}/mcp"`);
    }
    expect(server.mistakes).toEqual([]);
  });

  test.for(["http://localhost:8082/mcp", "http://127.0.0.1:8082/mcp", "http://[::1]:8082/mcp"])(
    "a token for %s opens the service: the names of this machine mean the same",
    async (aud, { startWithLogins }) => {
      const { client, server } = await startWithLogins({ service: { publicUrl: "http://127.0.0.1:8082/mcp" } });
      server.issue("token-1", { aud });
      server.issue("token-2", { aud: aud.replace("8082", "8083") });
      expect((await client(bearing("token-1")).initialize()).status).toBe(200);
      expect((await client(bearing("token-2")).initialize()).status).toBe(401);
    },
  );
});

describe("on a hub", () => {
  test("each service has its own metadata, below its name, and its scope", async ({ start, onTestFinished }) => {
    const server = await FakeAuthServer.start(onTestFinished);
    const login = { auth: "oauth", authIssuer: server.issuer, authSecret: SECRET };
    const servers = {
      memory: { command: "true", ...login, publicUrl: "http://127.0.0.1:3000/memory/mcp" },
      notes: { command: "true" },
    };
    const { gateway, probe } = await start({ servers });
    const host = `127.0.0.1:${gateway.port}`;
    const refused = await probe("/memory/mcp");
    expect([refused.status, challengeIn(refused)]).toEqual([
      401,
      { resource_metadata: `http://${host}${PRM}/memory/mcp`, scope: "memory" },
    ]);
    for (const path of [`${PRM}/memory/mcp`, `/memory${PRM}`, `/memory/mcp${PRM}`])
      expect(await (await probe(path)).json()).toMatchObject({ resource: `http://${host}/memory/mcp` });
    expect(await (await probe(`${PRM}/memory/sse`)).json()).toMatchObject({ resource: `http://${host}/memory/sse` });
    for (const path of [`${AS}/memory/mcp`, `/memory${AS}`])
      expect(await (await probe(path)).text()).toBe(JSON.stringify(server.metadata));
    for (const path of [PRM, AS, `${PRM}/notes/mcp`, `${PRM}/nobody/mcp`])
      expect((await probe(path)).status, path).toBe(404);
  });
});

describe("beside static tokens", () => {
  const both = {
    tokens: [KEY],
    keyHosts: ["fixture-key.example.org"],
    service: { auth: ["oauth", "bearer"] },
  } satisfies Settings;

  test("a host for tokens takes them alone, and shows nothing of OAuth", async ({ startWithLogins }) => {
    const { port, server } = await startWithLogins(both);
    server.issue("token-1", { aud: RESOURCE });
    const host = "fixture-key.example.org";
    expect(await get(port, "/mcp", host)).toMatch(/^HTTP\/1.1 401[^]*www-authenticate: Bearer\r\n/i);
    expect(await get(port, "/mcp", host, "Authorization: Bearer token-1")).toMatch(/^HTTP\/1.1 401/);
    expect(await get(port, "/mcp", host, `Authorization: Bearer ${KEY}`)).toMatch(/^HTTP\/1.1 405/);
    for (const path of [PRM, `${PRM}/mcp`, AS, "/.well-known/openid-configuration", "/authorize", "/oauth/token"])
      expect(await get(port, path, host), path).toMatch(/^HTTP\/1.1 404/);
    expect(server.asked).toEqual([]);
  });

  test("every other host takes logins alone", async ({ startWithLogins }) => {
    const { port, server } = await startWithLogins(both);
    server.issue("token-1", { aud: RESOURCE });
    for (const host of ["fixture.example.org", `127.0.0.1:${port}`]) {
      expect(await get(port, "/mcp", host, `Authorization: Bearer ${KEY}`)).toMatch(/^HTTP\/1.1 401[^]*invalid_token/);
      expect(await get(port, "/mcp", host, "Authorization: Bearer token-1")).toMatch(/^HTTP\/1.1 405/);
      expect(await get(port, PRM, host)).toMatch(/^HTTP\/1.1 200/);
    }
  });

  test("a port for tokens does the same, under every host name", async ({ startWithLogins }) => {
    const { gateway, port } = await startWithLogins({ ...both, keyHosts: [], keyPort: 0 });
    const keyPort = gateway.keyPort!;
    expect(keyPort).not.toBe(port);
    expect(await get(keyPort, "/mcp", "localhost", `Authorization: Bearer ${KEY}`)).toMatch(/^HTTP\/1.1 405/);
    expect(await get(keyPort, PRM, "localhost")).toMatch(/^HTTP\/1.1 404/);
    expect(await get(port, "/mcp", "localhost", `Authorization: Bearer ${KEY}`)).toMatch(/^HTTP\/1.1 401/);
  });
});
