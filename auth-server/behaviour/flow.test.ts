import { expect, test } from "vitest";
import { introspectWith, OAuthClient } from "../fixtures/client.ts";
import { ada, secretOf, startAuth } from "../fixtures/server.ts";
import { MEMORY } from "../fixtures/services.ts";

test("a client registers itself, a user logs in, and the gateway learns who calls", async () => {
  const { issuer } = await startAuth();
  const client = new OAuthClient(issuer);
  const tokens = await client.login({ resource: MEMORY, scope: "memory" });
  expect(tokens).toMatchObject({ token_type: "Bearer", expires_in: 86_400, scope: "memory" });
  expect(tokens.refresh_token).toBeTypeOf("string");
  const { body } = await introspectWith(issuer, secretOf("memory"), tokens.access_token);
  expect(body).toMatchObject({
    active: true,
    sub: ada.id,
    username: ada.username,
    teams: ["team"],
    client_id: client.id,
    scope: "memory",
    aud: MEMORY,
    grant: expect.any(String) as string,
  });
});
