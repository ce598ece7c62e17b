/** Logins of a service that is online, through the real nginx, in Chromium: what only a browser shows. */
import { describe, expect, test } from "vitest";
import { registered, waitForUser } from "../../../auth-server/fixtures/login-server.ts";
import { startOnline } from "./behind-nginx.ts";
import { installed } from "./gateway.ts";
import { personInChromium } from "./in-chromium.ts";
import { logIn } from "./logging-in.ts";
import { everything } from "./servers.ts";
import { announceWays, canBeOnline } from "./ways.ts";

announceWays();

/** What the makers of the clients have registered. */
const redirects = [
  "https://claude.ai/api/mcp/auth_callback",
  "https://chatgpt.com/connector_platform_oauth_redirect",
  "cursor://anysphere.cursor-mcp/oauth/callback",
];

describe.skipIf(!installed || !canBeOnline)("a login of a service that is online", () => {
  test("asks for the code of the user's app, too", async () => {
    const service = await startOnline(everything().command);
    const { visit } = await personInChromium(service, { totp: true });
    const { redirect } = await waitForUser("localhost");
    const client = await logIn("v2", service.url, visit, { redirect });
    expect(await client.tools()).toContain("echo");
    await client.close();
  });

  test("keeps its cookies for its own host, from scripts and from plain HTTP", async () => {
    const { auth, ...service } = await startOnline(everything().command);
    const ada = await personInChromium({ auth, ...service });
    const client = await registered(auth.issuer, redirects[0]!);
    const page = await ada.page();
    await page.goto(client.authorizeUrl());
    await ada.logIn(page);
    await page.getByRole("button", { name: "Allow" }).waitFor();
    const cookies = await page.context().cookies();
    expect(cookies.map(({ name }) => name)).toContain("__Host-gangway-login");
    for (const { name, domain, httpOnly, secure, sameSite } of cookies)
      expect([name, domain, httpOnly, secure, sameSite]).toEqual([name, "auth.example.test", true, true, "Lax"]);
  });

  test.each(redirects)("hands its code over to %s, which the policy of its page lets through", async (redirect) => {
    const { auth, ...service } = await startOnline(everything().command);
    const ada = await personInChromium({ auth, ...service });
    const client = await registered(auth.issuer, redirect);
    const page = await ada.page();
    const [handedOver, refusals]: [URL[], string[]] = [[], []];
    page.on("response", (answer) => {
      const location = answer.headers()["location"];
      if (location?.startsWith(redirect)) handedOver.push(new URL(location));
    });
    page.on("console", (message) => refusals.push(message.text()));
    const left = redirect.startsWith("https:") && page.waitForRequest((request) => request.url().startsWith(redirect));
    await page.goto(client.authorizeUrl());
    await ada.logIn(page);
    await page.getByRole("button", { name: "Allow" }).click();
    await left;
    await expect.poll(() => handedOver.length).toBe(1);
    expect(refusals.filter((text) => text.includes("Content Security Policy"))).toEqual([]);
    const { status } = await client.exchange(handedOver[0]!.searchParams.get("code")!);
    expect(status).toBe(200);
  });
});
