/** Refresh tokens: clients use one several times at once, and thieves use one later. */
import { describe, expect, onTestFinished, test, vi } from "vitest";
import { until } from "../../gateways/fixtures/harness.ts";
import { introspectWith, OAuthClient } from "../fixtures/client.ts";
import { secretOf } from "../fixtures/server.ts";
import { clientOf, MEMORY, NOTES, TWO } from "../fixtures/services.ts";
import { REUSE_GRACE } from "../store/adapter.ts";
import { MOST_REFRESH_TOKENS } from "../store/contract/records.ts";

const isActive = async (issuer: string, token: string, service = "memory") =>
  (await introspectWith(issuer, secretOf(service), token)).body["active"];

/** Lets the grace pass, for this process's clock alone. */
function afterGrace() {
  const real = Date.now;
  const clock = vi.spyOn(Date, "now").mockImplementation(() => real() + (REUSE_GRACE + 1) * 1_000);
  onTestFinished(() => clock.mockRestore());
}

describe("a refresh token", () => {
  test("may be used again within the grace", async () => {
    const { auth, client } = await clientOf();
    const { refresh_token: token } = await client.login({ resource: MEMORY });
    const [first, again] = [await client.refresh(token), await client.refresh(token)];
    expect([first.status, again.status]).toEqual([200, 200]);
    expect(again.body.refresh_token).not.toBe(first.body.refresh_token);
    for (const { body } of [first, again]) {
      expect(await isActive(auth.issuer, body.access_token)).toBe(true);
      expect((await client.refresh(body.refresh_token)).status).toBe(200);
    }
  });

  test("may be used by ten requests at once, and each gets tokens that work", async () => {
    const { auth, client } = await clientOf();
    const { refresh_token: token } = await client.login({ resource: MEMORY });
    const answers = await Promise.all(Array.from({ length: 10 }, () => client.refresh(token)));
    expect(answers.map(({ status }) => status)).toEqual(Array(10).fill(200));
    for (const { body } of answers) expect(await isActive(auth.issuer, body.access_token)).toBe(true);
  });

  test("that is used again and again within the grace leaves a bounded number of them, the latest", async () => {
    const { auth, client } = await clientOf();
    const { refresh_token: token } = await client.login({ resource: MEMORY });
    const made = [];
    for (let round = 0; round < MOST_REFRESH_TOKENS + 5; round++) made.push((await client.refresh(token)).body);
    const [pushedOut, kept] = [made.slice(0, 5), made.slice(5)];
    for (const { refresh_token: gone } of pushedOut)
      expect((await client.refresh(gone)).body.error).toBe("invalid_grant");
    for (const { refresh_token: good } of kept.toReversed()) expect((await client.refresh(good)).status).toBe(200);
    for (const { access_token: good } of made) expect(await isActive(auth.issuer, good)).toBe(true);
  });

  test.each([
    ["a revocation of one", (client: OAuthClient, { other }: { other: string }) => client.revoke(other)],
    [
      "a replay after the grace",
      (client: OAuthClient, { first }: { first: string }) => {
        afterGrace();
        return client.refresh(first);
      },
    ],
  ])("ends with all that have come of it: by %s", async (_, end) => {
    const { auth, client } = await clientOf();
    const { refresh_token: first } = await client.login({ resource: MEMORY });
    const [one, other] = [(await client.refresh(first)).body, (await client.refresh(first)).body];
    const onward = (await client.refresh(one.refresh_token)).body;
    await end(client, { first, other: other.refresh_token });
    for (const { access_token: token } of [one, other, onward]) expect(await isActive(auth.issuer, token)).toBe(false);
    for (const { refresh_token: token } of [other, onward])
      expect((await client.refresh(token)).body.error).toBe("invalid_grant");
  });

  test("that is used after the grace ends its grant, and no other of the same client and user", async () => {
    const { auth, client } = await clientOf();
    const stolen = await client.login({ resource: MEMORY });
    const other = await client.login({ resource: MEMORY });
    const { body: next } = await client.refresh(stolen.refresh_token);
    afterGrace();
    const replayed = await client.refresh(stolen.refresh_token);
    expect([replayed.status, replayed.body.error]).toEqual([400, "invalid_grant"]);
    expect(await isActive(auth.issuer, next.access_token)).toBe(false);
    expect((await client.refresh(next.refresh_token)).body.error).toBe("invalid_grant");
    expect(await isActive(auth.issuer, other.access_token)).toBe(true);
    expect((await client.refresh(other.refresh_token)).status).toBe(200);
    await until("the audit names it", () => /AUTH grant-revoked/.test(auth.log.join("")));
    expect(auth.log.join("")).toMatch(/already used/);
  });

  test("of another client is refused, and stays good for its own", async () => {
    const { auth, client } = await clientOf();
    const tokens = await client.login({ resource: MEMORY });
    const other = new OAuthClient(auth.issuer);
    await other.register({ client_name: "Another" });
    expect((await other.refresh(tokens.refresh_token)).body.error).toBe("invalid_grant");
    expect((await client.refresh(tokens.refresh_token)).status).toBe(200);
  });

  test("cannot widen its scope, or move to another service", async () => {
    const { client } = await clientOf(TWO);
    const { refresh_token: token } = await client.login({ resource: MEMORY, scope: "tools:memory:read_*" });
    expect((await client.refresh(token, { scope: "memory" })).body.error).toBe("invalid_scope");
    expect((await client.refresh(token, { resource: NOTES })).body.error).toBe("invalid_target");
    const { body } = await client.refresh(token);
    expect(body.scope).toBe("tools:memory:read_*");
  });

  test("is worth nothing once its token has been revoked (RFC 7009)", async () => {
    const { auth, client } = await clientOf();
    const tokens = await client.login({ resource: MEMORY });
    expect((await client.revoke(tokens.refresh_token)).status).toBe(200);
    expect(await isActive(auth.issuer, tokens.access_token)).toBe(false);
    expect((await client.refresh(tokens.refresh_token)).body.error).toBe("invalid_grant");
  });
});
