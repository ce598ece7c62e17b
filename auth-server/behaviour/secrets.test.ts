/** What is written: one id for each login in the log, and nothing secret anywhere. */
import { expect, test } from "vitest";
import { until } from "../../gateways/fixtures/harness.ts";
import { atRest } from "../fixtures/at-rest.ts";
import { Browser, introspectWith, OAuthClient } from "../fixtures/client.ts";
import { secretOf, startAuth } from "../fixtures/server.ts";
import { MEMORY } from "../fixtures/services.ts";

test("no code, token, secret or cookie is in the database, beside it, or in the log", async () => {
  const auth = await startAuth();
  const client = new OAuthClient(auth.issuer);
  await client.register();
  const browser = new Browser(auth.issuer);
  const back = await client.authorize({ resource: MEMORY }, browser);
  const code = back.get("code")!;
  await client.exchange(code, { code_verifier: "wrong-verifier-that-is-long-enough-for-the-check" });
  const { body: tokens } = await client.exchange(code);
  const { body: next } = await client.refresh(tokens.refresh_token);
  await introspectWith(auth.issuer, secretOf("memory"), tokens.access_token);
  await introspectWith(auth.issuer, "a-wrong-secret-that-somebody-tries", tokens.access_token);
  await client.refresh("a-token-that-nobody-has-given-out");
  const page = (await browser.open(client.authorizeUrl())).headers.get("location")!;
  const planted = {
    code,
    access: tokens.access_token,
    refresh: tokens.refresh_token,
    next: next.refresh_token,
    verifier: client.verifier,
    secret: secretOf("memory"),
    wrongSecret: "a-wrong-secret-that-somebody-tries",
    wrongToken: "a-token-that-nobody-has-given-out",
    interaction: page.slice("/login/".length),
    ...Object.fromEntries(browser.cookies),
  };
  const kept = atRest(auth.dataDir);
  expect(kept).toContain(client.id); // it is looked at where it is
  const written = kept + auth.log.join("");
  expect(Object.entries(planted).filter(([, value]) => written.includes(value))).toEqual([]);
  expect(Object.values(planted).every((value) => value.length > 15)).toBe(true);
});

test("the log tells one login by one id, from its begin to its tokens, and why a step was refused", async () => {
  const auth = await startAuth();
  const client = new OAuthClient(auth.issuer);
  await client.register();
  const code = (await client.authorize({ resource: MEMORY })).get("code")!;
  await client.exchange(code, { code_verifier: "wrong-verifier-that-is-long-enough-for-the-check" });
  const { body } = await client.exchange(code);
  const { grant } = (await introspectWith(auth.issuer, secretOf("memory"), body.access_token)).body;
  const lines = () =>
    auth.log
      .join("")
      .split("\n")
      .filter((line) => line.includes("AUTH"))
      .map((line) => JSON.parse(line) as { audit: string; flow?: string; reason?: string });
  await until("all is written", () => lines().some(({ audit }) => audit === "token-issued"));
  const ofFlow = lines().filter(({ flow }) => flow === grant);
  expect(ofFlow.map(({ audit }) => audit)).toEqual(["login-started", "code-issued", "refused", "token-issued"]);
  expect(ofFlow[2]!.reason).toMatch(/code_verifier does not match/);
});
