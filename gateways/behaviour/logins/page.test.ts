/** The page of a service with logins: it goes on to take static tokens, where the service has any. */
import { expect } from "vitest";
import { KEY, bearing, RESOURCE, test } from "../../fixtures/logins.ts";
import { ELSEWHERE, PageVisit } from "../../fixtures/page-visitor.ts";

test("whoever enters a static token may see and call, under whichever host name", async ({ startWithLogins }) => {
  const { port } = await startWithLogins({
    hub: true,
    tokens: [KEY],
    keyHosts: ["fixture-key.example.org"],
    service: { auth: ["oauth", "bearer"] },
  });
  const visit = new PageVisit(port, ELSEWHERE);
  expect((await visit.logIn(KEY)).headers.get("location")).toBe("../");
  expect((await visit.status()).services[0]).toMatchObject({ asksForToken: true, mayCall: true });
});

test("where there are logins alone, a static token opens nothing, and the page is there", async ({
  startWithLogins,
}) => {
  const { port } = await startWithLogins({ hub: true, tokens: [KEY] });
  const visit = new PageVisit(port, ELSEWHERE);
  expect((await visit.logIn(KEY)).headers.get("location")).toBe("../?login=failed");
  expect((await visit.status()).services[0]).toMatchObject({ state: "up", mayCall: false });
  const page = await fetch(`http://127.0.0.1:${port}/`, { headers: { ...ELSEWHERE, accept: "text/html" } });
  expect([page.status, await page.text()]).toEqual([200, expect.stringContaining("fixture")]);
});

test("a program with an access token may know what only callers know", async ({ startWithLogins }) => {
  const { port, server } = await startWithLogins({ hub: true });
  server.issue("token-1", { aud: RESOURCE });
  const visit = new PageVisit(port, { ...ELSEWHERE, ...bearing("token-1") });
  expect((await visit.status()).services[0]).toMatchObject({ mayCall: true });
});

test("the probes need no login", async ({ startWithLogins }) => {
  const { probe } = await startWithLogins();
  expect([(await probe("/health")).status, (await probe("/ready")).status]).toEqual([200, 200]);
});
