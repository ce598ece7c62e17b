/** The services that tokens are for. */
import { writeFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { introspectWith, OAuthClient } from "../fixtures/client.ts";
import { resourceOf, secretOf, startAuth } from "../fixtures/server.ts";
import { MEMORY } from "../fixtures/services.ts";

describe("services", () => {
  test("that are added to the file are served without a restart; a broken file changes nothing", async () => {
    const auth = await startAuth();
    const client = new OAuthClient(auth.issuer);
    await client.login();
    writeFileSync(auth.resourcesFile, JSON.stringify([resourceOf("memory"), resourceOf("notes")]));
    expect((await client.login({ resource: "https://notes.example.org/mcp" })).scope).toBe("notes");
    writeFileSync(auth.resourcesFile, "[{}]");
    expect((await client.login({ resource: MEMORY })).scope).toBe("memory");
    expect(auth.log.join("")).toMatch(/urls: expected a list of URLs/);
  });

  test("on this machine have one name in whichever spelling", async () => {
    const auth = await startAuth({ resources: [{ service: "memory", urls: ["http://127.0.0.1:8082/mcp"] }] });
    const client = new OAuthClient(auth.issuer);
    await client.register();
    const code = (await client.authorize({ resource: "http://localhost:8082/mcp" })).get("code")!;
    const { body } = await client.exchange(code, { resource: "http://[::1]:8082/mcp" });
    const introspected = await introspectWith(auth.issuer, secretOf("memory"), body.access_token);
    expect(introspected.body["aud"]).toBe("http://127.0.0.1:8082/mcp");
  });

  test.each([
    [undefined, "memory"],
    ["offline_access", "memory"],
    ["mcp:anything openid profile", "memory"],
    ["openid memory", "memory"],
    ["memory offline_access", "memory"],
    ["tools:memory:read_* tools:memory:list_*", "tools:memory:read_* tools:memory:list_*"],
    ["tools:notes:read_*", "memory"],
  ])("asked for with the scope %j are granted %j, with a refresh token", async (scope, granted) => {
    const { issuer } = await startAuth();
    const tokens = await new OAuthClient(issuer).login({ scope });
    expect(tokens.scope.split(" ").toSorted()).toEqual(granted.split(" ").toSorted());
    expect(tokens.refresh_token).toBeTypeOf("string");
  });
});
