import { describe, expect, test } from "vitest";
import { OAuthClient } from "../fixtures/client.ts";
import { startAuth } from "../fixtures/server.ts";

const WELL_KNOWN = "/.well-known/oauth-authorization-server";
const PAGE = "http://localhost:6274";

const get = async (url: string) => (await (await fetch(url)).json()) as Record<string, unknown>;

test("the metadata is the same at the root and below the path of a service, and says what clients look for", async () => {
  const { issuer } = await startAuth();
  const root = await get(issuer + WELL_KNOWN);
  expect(await get(`${issuer}${WELL_KNOWN}/memory/mcp`)).toEqual(root);
  expect(root).toMatchObject({
    issuer,
    scopes_supported: ["memory", "offline_access"],
    code_challenge_methods_supported: ["S256"],
    token_endpoint_auth_methods_supported: ["none"],
    client_id_metadata_document_supported: true,
    authorization_response_iss_parameter_supported: true,
  });
});

test.each(["/.well-known/openid-configuration", "/mcp/.well-known/openid-configuration", "/.well-known/other"])(
  "%s is 404: half a document of OpenID breaks clients",
  async (path) => {
    const { issuer } = await startAuth();
    expect((await fetch(issuer + path)).status).toBe(404);
  },
);

test("every endpoint in it is there", async () => {
  const { issuer } = await startAuth();
  const metadata = await get(issuer + WELL_KNOWN);
  const endpoints = Object.entries(metadata).filter(([name]) => /_endpoint$|_uri$/.test(name));
  expect(endpoints).toHaveLength(5);
  for (const [, url] of endpoints) {
    const [asked, sent] = await Promise.all([fetch(String(url)), fetch(String(url), { method: "POST" })]);
    expect([asked.status, sent.status].some((status) => status !== 404)).toBe(true);
  }
});

describe("a web page that is a client", () => {
  test.each([WELL_KNOWN, "/oauth/register", "/oauth/token"])("may call %s", async (path) => {
    const { issuer } = await startAuth();
    const headers = {
      origin: PAGE,
      "access-control-request-method": "POST",
      "access-control-request-headers": "mcp-protocol-version, content-type",
    };
    const answer = await fetch(issuer + path, { method: "OPTIONS", headers });
    expect(answer.status).toBe(204);
    expect(answer.headers.get("access-control-allow-origin")).toMatch(/^(\*|http:\/\/localhost:6274)$/);
    expect(answer.headers.get("access-control-allow-headers")).toContain("mcp-protocol-version");
  });

  test("reads the tokens that it exchanges its code for", async () => {
    const { issuer } = await startAuth();
    const client = new OAuthClient(issuer);
    client.redirect = `${PAGE}/oauth/callback`;
    await client.register();
    const code = (await client.authorize()).get("code")!;
    const body = new URLSearchParams({
      grant_type: "authorization_code",
      client_id: client.id,
      redirect_uri: client.redirect,
      code_verifier: client.verifier,
      code,
    });
    const answer = await fetch(`${issuer}/oauth/token`, { method: "POST", headers: { origin: PAGE }, body });
    expect([answer.status, answer.headers.get("access-control-allow-origin")]).toEqual([200, PAGE]);
  });
});
