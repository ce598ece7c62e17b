import { expect, test } from "vitest";
import { OAuthClient } from "../fixtures/client.ts";
import { slowClock } from "../fixtures/slow-clock.ts";
import { startAuth } from "../fixtures/server.ts";

test("a client that floods the token endpoint gets 429 with Retry-After, and others do not", async () => {
  slowClock(); // a loaded machine takes as long as the limit needs
  const { issuer } = await startAuth();
  const [flooding, other] = [new OAuthClient(issuer), new OAuthClient(issuer)];
  await flooding.register();
  await other.register({ client_name: "Another" });
  const answers = await Promise.all(Array.from({ length: 400 }, () => flooding.refresh("nonsense")));
  const refused = answers.filter(({ status }) => status === 429);
  expect(refused.length).toBeGreaterThan(0);
  expect(Number(refused[0]!.headers.get("retry-after"))).toBeGreaterThan(0);
  expect(refused[0]!.body.error).toBe("temporarily_unavailable");
  expect((await other.refresh("nonsense")).body.error).toBe("invalid_grant");
});

test("discovery is never limited", async () => {
  const { issuer } = await startAuth();
  for (let round = 0; round < 20; round++) {
    const answers = await Promise.all(
      Array.from({ length: 100 }, () => fetch(`${issuer}/.well-known/oauth-authorization-server`)),
    );
    expect(answers.every(({ status }) => status === 200)).toBe(true);
    await Promise.all(answers.map((answer) => answer.text()));
  }
});
